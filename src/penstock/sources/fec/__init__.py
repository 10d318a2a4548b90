"""What the Federal Election Commission publishes."""
