"""The command line: one module for each command of `dispatch`."""

from dispatch.cli.main import main

__all__ = ["main"]
