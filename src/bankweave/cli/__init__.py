"""The command `bankweave`. What it is made of is loaded only when it runs."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from io import TextIOWrapper

__all__ = ["main"]

_NEEDED = ("rich", "typer")


def main() -> None:
    """Run the command of this process and exit with its code."""
    if any(find_spec(name) is None for name in _NEEDED):
        sys.stderr.write("the bankweave command needs two more packages: pip install 'bankweave[cli]'\n")
        sys.exit(2)
    from bankweave.cli.app import app

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a letter is no reason to fail
    app()
