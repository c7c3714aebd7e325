"""The published SDK against a running sandbox. The sandbox keeps real time: the SDK compares with its own clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browser import Browser
from sandboxed import Control

from bankweave_sandbox import Sandbox
from bankweave_sandbox.world import Account, Person

from .sdk_package import NotInstallable, installed_sdk
from .sdk_process import SdkProcess

CALLBACK = "https://app.example/callback"
SCOPES = [
    "offline",
    "accounts",
    "users",
    "transactions",
    "transfers",
    "subscriptions",
    "statements",
    "clients",
    "change_request",
]
WAY = ("Sign in", "Confirm in the app", "Accept")


@dataclass(frozen=True)
class Anna:
    """Who signs in, and what the world knows of her."""

    sandbox: Sandbox

    @property
    def person(self) -> Person:
        return next(p for p in self.sandbox.world.people if p.email == "anna@kontist.example")

    @property
    def account(self) -> Account:
        world = self.sandbox.world
        return world.accounts_of(self.person, world.banks_of("kontist")[0])[0]

    @property
    def login(self) -> dict[str, str]:
        return {"email": self.person.username, "password": self.person.password}


StartSdk = Callable[..., SdkProcess]


@pytest.fixture(scope="session")
def node_modules() -> Path:
    try:
        return installed_sdk()
    except NotInstallable as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def _running() -> Iterator[Sandbox]:
    with Sandbox(redirect_url=CALLBACK) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_running: Sandbox, node_modules: Path) -> Sandbox:  # noqa: ARG001 - skip before anything is served
    _running.reset()
    return _running


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[Control]:
    control = Control(sandbox)
    with control.client:
        yield control


@pytest.fixture
def anna(sandbox: Sandbox) -> Anna:
    return Anna(sandbox)


@pytest.fixture(scope="session")
def idle_processes() -> Iterator[list[SdkProcess]]:
    """Processes that a test has left in good order: node takes longer to start than most tests."""
    idle: list[SdkProcess] = []
    yield idle
    for process in idle:
        process.stop()


@pytest.fixture
def start_sdk(node_modules: Path, sandbox: Sandbox, idle_processes: list[SdkProcess]) -> Iterator[StartSdk]:
    """Start a client with these options, beside those that point it at the sandbox."""
    url = sandbox.urls["kontist"]
    served = {"baseUrl": url, "baseSubscriptionUrl": url.replace("http", "ws", 1)}
    used: list[SdkProcess] = []

    def start(**options: Any) -> SdkProcess:
        process = idle_processes.pop() if idle_processes else SdkProcess(node_modules)
        used.append(process)
        process.begin(**(served | options))
        return process

    yield start
    for process in used:
        if process.is_reusable:
            idle_processes.append(process)
        else:
            process.stop()


@pytest.fixture
def confidential(control: Control) -> dict[str, Any]:
    """The options of a client that has a secret."""
    settings = control.settings("kontist")
    return {
        "clientId": settings["client_id"],
        "clientSecret": settings["client_secret"],
        "redirectUri": CALLBACK,
        "scopes": SCOPES,
        "state": "a state",
    }


@pytest.fixture
def password_sdk(start_sdk: StartSdk, confidential: dict[str, Any], anna: Anna) -> SdkProcess:
    """The SDK signed in by password: its token is not confirmed."""
    sdk = start_sdk(**confidential)
    sdk.call(
        "auth.tokenManager.fetchTokenFromCredentials",
        {"username": anna.person.username, "password": anna.person.password},
    )
    return sdk


@pytest.fixture
def sdk(start_sdk: StartSdk, confidential: dict[str, Any], anna: Anna) -> SdkProcess:
    """The SDK signed in on the hosted page, with a push: what most applications have."""
    sdk = start_sdk(**confidential)
    uri = sdk.call("auth.tokenManager.getAuthUri")
    sdk.call("auth.tokenManager.fetchToken", walk(uri, anna))
    return sdk


def walk(uri: str, anna: Anna, words: tuple[str, ...] = WAY) -> str:
    """Walk the hosted page as Anna; returns the address that it ends at."""
    with Browser() as browser:
        ended_at = browser.walk(uri, words, anna.login)
    assert urlsplit(ended_at).hostname == "app.example"
    return ended_at


def until(condition: Callable[[], bool]) -> None:
    """Ask again until it is so: what happens in the SDK's process cannot be waited for otherwise."""
    for _ in range(5000):
        if condition():
            return
    raise AssertionError("it never came to be")
