"""A tiny web server on loopback that catches the address a bank's page sends the person back to.

It answers nothing but GET on its one path, shows one page, keeps what it caught in memory and logs nothing: the address
carries the key of the flow, and sometimes a code.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from threading import Thread
from urllib.parse import urlsplit

from bankweave.errors import ConfigurationError

HOST = "127.0.0.1"
PATH = "/callback"
DEFAULT_PORT = 8910
_IDLE = 5.0  # seconds that a connection may stay silent: browsers open some that they never use
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>bankweave</title>
<style>body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 30rem; margin: 20vh auto; padding: 0 1rem; }</style></head>
<body><h1>Thank you</h1><p>Go back to the terminal: it goes on there. You can close this page.</p></body>
</html>
"""
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "Connection": "close",
}


class Catcher:
    """Where the person is sent back to, and what came there."""

    def __init__(self, port: int) -> None:
        self.redirect_uri = f"http://{HOST}:{port}{PATH}"
        self.caught: SimpleQueue[str] = SimpleQueue()

    def next(self, seconds: float) -> str | None:
        """The next address that somebody came back to; None when nobody does in time."""
        try:
            return self.caught.get(timeout=seconds)
        except Empty:
            return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    catcher: Catcher


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _IDLE
    server_version = "bankweave"
    sys_version = ""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path != PATH or not parts.query or not self._is_meant():
            self._answer(HTTPStatus.NOT_FOUND, "")
            return
        self._answer(HTTPStatus.OK, _PAGE)
        self.server.catcher.caught.put(f"{self.server.catcher.redirect_uri}?{parts.query}")

    def _is_meant(self) -> bool:
        """Whether the browser asked for this machine by its address: a foreign name that leads here is an attack."""
        return self.headers.get("Host") == f"{HOST}:{self.server.server_port}"

    def _answer(self, status: HTTPStatus, page: str) -> None:
        body = page.encode()
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's signature
        """Log nothing: the line would hold the address."""


@contextmanager
def catching(port: int = DEFAULT_PORT) -> Iterator[Catcher]:
    """Catch callbacks while the block lasts. Port 0 takes a free one. Raises `ConfigurationError` when it is taken."""
    server = _serve(port)
    server.catcher = Catcher(server.server_port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="callback", daemon=True)
    thread.start()
    try:
        yield server.catcher
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _serve(port: int) -> _Server:
    try:
        return _Server((HOST, port), _Handler)
    except OverflowError:
        raise ConfigurationError(f"{port} is no port; choose one from 0 to 65535 with --callback-port") from None
    except OSError as error:
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise ConfigurationError(f"port {port} {reason}; choose another with --callback-port") from None
