"""Drawings of the console: pure functions from values to SVG text, without scripts and without inline styles."""
