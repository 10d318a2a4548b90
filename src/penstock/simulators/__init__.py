"""The outside world, offline; shares no code with `penstock.sources`."""
