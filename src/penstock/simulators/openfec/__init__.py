"""The simulated OpenFEC API."""
