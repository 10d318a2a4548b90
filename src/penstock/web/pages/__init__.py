"""What each page shows: one module per page, each a function from what is asked to a value ready to print."""
