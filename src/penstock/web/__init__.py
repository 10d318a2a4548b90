"""The console: pages and an API over the engine, for a browser and for programs."""
