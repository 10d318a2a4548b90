"""Which tasks run, and why."""
