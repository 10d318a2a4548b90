"""Where claimed work is carried out; each executor is a module with one function, `drive`."""

EXECUTORS = ("inline", "threads", "processes")
