"""Whole stories, told through the engine's door."""
