"""The sandbox as the demo needs it: a process that serves the banks, and the strings by which the world is moved."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeAlias

import httpx

from bankweave.cli.sandbox import sandbox_command
from bankweave.errors import ProviderUnavailable

Described: TypeAlias = Mapping[str, Any]

_STARTING = 60.0  # seconds that the sandbox may take to serve
_STOPPING = 10.0


@contextmanager
def running_sandbox(redirect_uri: str) -> Iterator[Described]:
    """Serve the banks while the block lasts; yields what the sandbox says of itself. Ends it whatever happens."""
    command = sandbox_command("--json", "--redirect-url", redirect_uri)
    with _sigterm_like_ctrl_c():
        # a session of its own: Ctrl-C is for the demo, which ends the sandbox itself
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, start_new_session=True
        )
        try:
            yield json.loads(_first_line(process))
        finally:
            _end(process)


def _first_line(process: subprocess.Popen[str]) -> str:
    """The one line that the sandbox prints when it serves."""
    assert process.stdout is not None  # noqa: S101 - it was opened as a pipe
    impatience = threading.Timer(_STARTING, process.kill)
    impatience.start()
    try:
        line = process.stdout.readline()
    finally:
        impatience.cancel()
    if not line:
        raise ProviderUnavailable("the sandbox did not start; see what it says: bankweave sandbox")
    return line


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOPPING)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


@contextmanager
def _sigterm_like_ctrl_c() -> Iterator[None]:
    """Have SIGTERM end the demo by the same way as Ctrl-C, so that the sandbox does not outlive it."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread() or os.name != "posix":
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class World:
    """The sandbox's control origin: what is true, and how it is changed."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=20, trust_env=False)

    def accounts(self) -> list[dict[str, Any]]:
        """Every account of the world with every transaction that its bank shows."""
        accounts: list[dict[str, Any]] = self._get("/truth")["accounts"]
        return accounts

    def pay(self, account: str, amount: str, text: str, **more: object) -> dict[str, Any]:
        """Have a payment happen; returns it as the world sees it."""
        body = {"account": account, "amount": amount, "text": text, **more}
        paid: dict[str, Any] = self._client.post("/payments", json=body).raise_for_status().json()
        return paid

    def approve_push(self, username: str) -> bool:
        """Tap "Confirm" on somebody's phone; says whether there was anything to confirm."""
        pushes = [push for push in self._get("/kontist/challenges") if push["person"] == username]
        for push in pushes:
            decision = {"status": "VERIFIED"}
            self._client.post(f"/kontist/challenges/{push['id']}", json=decision).raise_for_status()
        return bool(pushes)

    def switch(self, provider: str, **settings: object) -> None:
        """Have a provider behave otherwise, where it may."""
        self._client.patch(f"/{provider}/switches", json=settings).raise_for_status()

    def close(self) -> None:
        self._client.close()

    def _get(self, path: str) -> Any:
        return self._client.get(path).raise_for_status().json()
