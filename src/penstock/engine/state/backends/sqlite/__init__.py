"""The embedded state store: one SQLite file in WAL mode."""
