"""What the FEC's API publishes, one record per kind of row, in the publisher's names."""
