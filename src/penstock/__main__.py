"""Lets `python -m penstock` be the command line."""

from penstock.cli.app import main

main()
