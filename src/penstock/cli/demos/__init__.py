"""The chapters of the demonstration: each pipeline beside the publisher it reads, simulated."""
