"""How work is done, piece by piece."""
