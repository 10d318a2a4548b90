"""Tells people when runs fail, recover or are late."""
