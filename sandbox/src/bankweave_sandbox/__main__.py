"""The command: serve the sandbox until it is interrupted."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence

from bankweave_sandbox.serve import PortInUseError, Sandbox
from bankweave_sandbox.summary import summary

_ORIGINS = ("kontist", "kontomatik", "basiq", "control")
_PORT_IN_USE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; answer 0 then, and 2 when a port is in use."""
    asked = _parser().parse_args(arguments)
    ports = {name: port for name in _ORIGINS if (port := getattr(asked, f"{name}_port")) is not None}
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        with Sandbox(asked.seed, ports, redirect_url=asked.redirect_url) as sandbox:
            _announce(sandbox, as_json=asked.json)
            stopped.wait()
    except BrokenPipeError:
        # Whoever should know the addresses has gone; Python would complain when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except PortInUseError as error:
        print(f"bankweave-sandbox: {error.strerror}", file=sys.stderr)  # noqa: T201 - the command's own output
        return _PORT_IN_USE
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bankweave-sandbox",
        description="Serve Kontist, Kontomatik and Basiq v3 locally, over one fictional world.",
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON instead of the table")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="which world (default: %(default)s)")
    parser.add_argument(
        "--redirect-url", metavar="URL", help="where hosted pages without their own redirect go back to"
    )
    for name in _ORIGINS:
        parser.add_argument(f"--{name}-port", type=_port, metavar="PORT", help=f"port of {name} (default: a free one)")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return port


def _announce(sandbox: Sandbox, *, as_json: bool) -> None:
    described = sandbox.describe()
    text = json.dumps(described) if as_json else summary(described)
    print(text, flush=True)  # noqa: T201 - the command's own output


if __name__ == "__main__":
    sys.exit(main())
