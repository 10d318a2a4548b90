"""The console, piece by piece."""
