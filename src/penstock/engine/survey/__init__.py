"""What the faces ask about runs: lists, grids, histories, items, events, workers, and how two runs differ."""
