"""The FEC's API: pages of typed records of committees, candidates, receipts, disbursements and elections."""
