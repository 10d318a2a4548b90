"""The warehouse on SQLite."""
