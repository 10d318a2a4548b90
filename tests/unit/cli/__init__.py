"""Parts of the command line that can be looked at by themselves."""
