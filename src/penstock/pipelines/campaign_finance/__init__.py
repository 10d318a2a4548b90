"""Campaign finance of the United States: from the FEC's bulk files to counted, explained contributions."""
