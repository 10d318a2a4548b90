"""How tasks run: claims, attempts, retries, items and executors."""
