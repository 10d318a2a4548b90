"""What exists, which tasks run and why, how they run, and the memory of it all."""
