"""The warehouse on PostgreSQL."""
