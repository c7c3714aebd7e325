"""`sandbox`: the providers' local servers, run as a process of their own."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

import typer

from bankweave.cli.session import session_of
from bankweave.errors import ConfigurationError

MODULE = "bankweave_sandbox"


def sandbox(ctx: typer.Context) -> None:
    """Serve Kontist, Kontomatik and Basiq on this machine, over invented banks. Options: `bankweave sandbox --help`."""
    arguments = list(ctx.args)
    if session_of(ctx).as_json and "--json" not in arguments:
        arguments.append("--json")
    command = sandbox_command(*arguments)
    # replaced, not started: Ctrl-C and SIGTERM reach the sandbox itself, and its exit code is ours
    os.execv(command[0], command)  # noqa: S606 - our own interpreter


def sandbox_command(*arguments: str) -> list[str]:
    """The command line that serves the sandbox. Raises `ConfigurationError` when it is not installed."""
    if find_spec(MODULE) is None:
        raise ConfigurationError("the sandbox is not installed; install it: pip install bankweave-sandbox")
    return [sys.executable, "-m", MODULE, *arguments]
