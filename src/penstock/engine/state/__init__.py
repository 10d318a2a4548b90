"""The memory: runs, task runs, attempts, items, leases, completions, events and marks."""
