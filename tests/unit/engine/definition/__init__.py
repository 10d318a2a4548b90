"""Declarations: what can be said, and what is refused."""
