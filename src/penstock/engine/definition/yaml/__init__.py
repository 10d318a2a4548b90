"""Pipelines written as YAML: from a file to the same `Pipeline` that Python declares."""
