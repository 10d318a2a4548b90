"""The HTTP layer of sources."""
