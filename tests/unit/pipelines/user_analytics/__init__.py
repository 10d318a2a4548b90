"""The rules of user analytics."""
