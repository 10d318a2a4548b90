"""The steps: one plain script each, run as `python steps/<name>.py`, alone or by Penstock."""
