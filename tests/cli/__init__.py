"""The command line, as typed: real processes in real project folders."""
