"""The write-by-comparison algorithm that every SQL engine shares."""
