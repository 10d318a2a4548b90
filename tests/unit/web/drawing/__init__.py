"""Drawings of the console."""
