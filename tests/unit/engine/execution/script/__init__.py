"""The running of scripts, part by part."""
