"""What the sandbox's tests share: a dialect small enough to read, and a sandbox that serves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox import Sandbox
from bankweave_sandbox.switches import switch_routes
from bankweave_sandbox.world import World


@dataclass
class EchoSwitches:
    loud: bool = False


class EchoDialect:
    """Stands where Kontist will stand; says how often it was asked, which a reset forgets."""

    name = "kontist"

    def __init__(self, world: World) -> None:
        self.world = world
        self.switches = EchoSwitches()
        self.asked = 0
        self.controls = switch_routes(self.switches)
        self.app = Starlette(routes=[Route("/{path:path}", self.answer, methods=["GET", "POST"])])

    async def answer(self, request: Request) -> Response:
        self.asked += 1
        return JSONResponse({"asked": self.asked, "path": request.url.path, "back": self.world.redirect_url})

    def describe(self, url: str) -> dict[str, Any]:
        return {"url": url, "people": [{"username": "anna@kontist.example", "password": "Anna-2026"}]}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def fresh_sandbox() -> Iterator[Sandbox]:
    """A running sandbox of the test's own, to be stopped and started at will."""
    with Sandbox(dialects=[EchoDialect]) as running:
        yield running


@pytest.fixture(scope="session")
def _running_sandbox() -> Iterator[Sandbox]:
    with Sandbox(dialects=[EchoDialect]) as running:
        yield running


@pytest.fixture
def sandbox(_running_sandbox: Sandbox) -> Sandbox:
    """A running sandbox that serves the echo dialect and the control origin, as if it had just started."""
    _running_sandbox.reset()
    _running_sandbox.world.redirect_url = "https://app.example/callback"
    return _running_sandbox


@pytest.fixture(scope="session")
def _control_client(_running_sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=_running_sandbox.urls["control"]) as client:
        yield client


@pytest.fixture(scope="session")
def _provider_client(_running_sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=_running_sandbox.urls["kontist"]) as client:
        yield client


@pytest.fixture
def control(sandbox: Sandbox, _control_client: httpx.Client) -> httpx.Client:
    assert _control_client.base_url == sandbox.urls["control"]
    return _control_client


@pytest.fixture
def provider(sandbox: Sandbox, _provider_client: httpx.Client) -> httpx.Client:
    """A client of the echo dialect's origin."""
    assert _provider_client.base_url == sandbox.urls["kontist"]
    return _provider_client
