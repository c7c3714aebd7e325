"""The application that hosted pages send people back to: a page on loopback, which remembers how they came."""

from __future__ import annotations

from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

_PAGE = b"""<!doctype html>
<html lang="en"><head><title>Welcome back</title><link rel="icon" href="data:,"></head>
<body><h1>Welcome back</h1></body></html>"""


@dataclass(frozen=True)
class Arrival:
    url: str = field(repr=False)
    referer: str | None

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query))


class Application:
    """Serves while the `with` block lasts."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="application")
        # Another site than the sandbox's, to a browser and to the walker of pages in browser.py.
        self.origin = f"http://localhost:{self._server.server_port}"
        self.callback = f"{self.origin}/callback"

    @property
    def arrival(self) -> Arrival:
        """The only one."""
        (arrival,) = self.arrivals
        return arrival

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        application = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                application.arrivals.append(Arrival(application.origin + self.path, self.headers.get("Referer")))
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(_PAGE)))
                self.end_headers()
                self.wfile.write(_PAGE)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
                """Say nothing."""

        return Handler
