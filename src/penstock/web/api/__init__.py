"""The console for programs: JSON over HTTP, described by OpenAPI."""
