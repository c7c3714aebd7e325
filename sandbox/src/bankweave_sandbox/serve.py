"""Run the sandbox's origins on loopback ports, in one event loop on a background thread."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from starlette.types import ASGIApp
from uvicorn import Config, Server

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.control import control_origin
from bankweave_sandbox.dialect import Dialect
from bankweave_sandbox.dialects import served_dialects
from bankweave_sandbox.faults import silence_meant_cuts
from bankweave_sandbox.open_sockets import GOING_AWAY
from bankweave_sandbox.stage import DialectMaker, Stage
from bankweave_sandbox.world import World

_LOOPBACK = "127.0.0.1"
_WITH_SOCKETS = frozenset({"kontist"})  # the only provider with subscriptions
_P = ParamSpec("_P")
_T = TypeVar("_T")


class PortInUseError(OSError):
    """A port that was asked for belongs to somebody else."""


class Sandbox:
    """The three providers' servers and the control origin, running while the `with` block lasts.

    The world belongs to the servers' thread: read it freely while nobody calls the servers, and change it through
    `advance`, `reset`, `run` or the control origin.
    """

    def __init__(
        self,
        seed: int = 1,
        ports: Mapping[str, int] | None = None,
        start: datetime | None = None,
        *,
        redirect_url: str | None = None,
        dialects: Sequence[DialectMaker] | None = None,
    ) -> None:
        """Make a sandbox that has not started yet.

        `ports` names the port of an origin (`kontist`, `kontomatik`, `basiq`, `control`); free ones are taken for the
        rest. `start` is the instant at which the sandbox's clock begins; real time without it.
        """
        self._stage = Stage(served_dialects() if dialects is None else dialects, seed, start, redirect_url)
        self._ports = dict(ports or {})
        strangers = sorted(set(self._ports) - set(self._origins()))
        if strangers:
            raise ValueError(f"no origin is called {strangers[0]!r}; known: {', '.join(self._origins())}")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def urls(self) -> dict[str, str]:
        return dict(self._stage.urls)

    @property
    def world(self) -> World:
        return self._stage.world

    @property
    def clock(self) -> Clock:
        return self._stage.clock

    @property
    def dialects(self) -> Mapping[str, Dialect]:
        return self._stage.dialects

    def describe(self) -> dict[str, dict[str, Any]]:
        """What a client needs to know of each origin: URLs, credentials, people, settings, scenarios, switches."""
        if not self._stage.urls:
            raise RuntimeError("the sandbox has no addresses before it is started")
        return self.run(self._stage.describe)

    def advance(self, seconds: float) -> datetime:
        """Move the sandbox's clock forward and show what happened meanwhile."""
        return self.run(self._stage.advance, timedelta(seconds=seconds))

    def reset(self, seed: int = 1) -> None:
        """Start over with a fresh world, dialects, faults and request log, on the same ports."""
        self.run(self._stage.reset, seed)

    def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call a function on the servers' thread, between requests, and return what it returns."""
        if self._loop is None or threading.current_thread() is self._thread:
            return function(*args, **kwargs)
        future: Future[_T] = Future()
        self._loop.call_soon_threadsafe(_fulfil, future, lambda: function(*args, **kwargs))
        return future.result()

    def start(self) -> None:
        """Bind the ports and serve; raises `PortInUseError` before anything runs."""
        if self._thread is not None:
            raise RuntimeError("the sandbox is running already")
        sockets = self._bind()
        self._stage.urls.update({n: f"http://{_LOOPBACK}:{s.getsockname()[1]}" for n, s in sockets.items()})
        servers = {name: Server(_quiet_config(name, app)) for name, app in self._origins().items()}
        logging.getLogger("uvicorn.error").addFilter(silence_meant_cuts)
        started: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(servers, sockets, started)), name="bankweave-sandbox", daemon=True
        )
        self._thread.start()
        self._loop = started.result()

    def stop(self) -> None:
        """Stop serving: answers under way are finished, delays are cut short. Stopping twice is harmless."""
        if self._thread is None or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._stage.mishaps.closing.set)
        self._thread.join()
        self._thread = self._loop = None
        self._stage.mishaps.closing = asyncio.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _origins(self) -> dict[str, ASGIApp]:
        dialects = {name: self._stage.origin(name) for name in self._stage.dialects}
        return {**dialects, "control": control_origin(self._stage)}

    def _bind(self) -> dict[str, socket.socket]:
        bound: dict[str, socket.socket] = {}
        try:
            for name in self._origins():
                bound[name] = _bound_socket(name, self._ports.get(name, 0))
        except OSError:
            for bound_socket in bound.values():
                bound_socket.close()
            raise
        return bound

    async def _serve(
        self,
        servers: dict[str, Server],
        sockets: dict[str, socket.socket],
        started: Future[asyncio.AbstractEventLoop],
    ) -> None:
        # The sockets listen already: who connects before a server has started is served a moment later.
        serving = [asyncio.create_task(server.serve([sockets[name]])) for name, server in servers.items()]
        started.set_result(asyncio.get_running_loop())
        await self._stage.mishaps.closing.wait()
        await self._stage.open_sockets.close(GOING_AWAY)
        await self._stage.close()
        for server in servers.values():
            server.should_exit = True
        await asyncio.gather(*serving)


def _bound_socket(name: str, port: int) -> socket.socket:
    # The protocol is named because asyncio looks at it: unnamed, every answer waits 40 ms for Nagle's algorithm.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((_LOOPBACK, port))
        bound.listen()  # here and not in the server, so that a port in use shows before anything runs
    except OSError as error:
        bound.close()
        raise PortInUseError(error.errno, f"cannot serve {name} on port {port}: {error.strerror}") from None
    return bound


def _quiet_config(name: str, app: ASGIApp) -> Config:
    return Config(
        app,
        lifespan="off",
        ws="websockets-sansio" if name in _WITH_SOCKETS else "none",
        access_log=False,
        log_config=None,
        log_level="error",
        server_header=False,
        timeout_graceful_shutdown=2,
    )


def _fulfil(future: Future[_T], function: Callable[[], _T]) -> None:
    try:
        future.set_result(function())
    except BaseException as error:  # noqa: BLE001 - it is raised where `Sandbox.run` was called
        future.set_exception(error)
