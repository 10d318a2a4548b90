"""How the outside world is read."""
