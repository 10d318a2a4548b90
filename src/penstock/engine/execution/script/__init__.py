"""Running scripts: child processes whose output is kept and whose exit code is the contract."""
