"""The command line. It parses, calls the public functions, and prints."""

from nodesim.cli.main import main

__all__ = ["main"]
