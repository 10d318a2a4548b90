"""Ways of paging."""
