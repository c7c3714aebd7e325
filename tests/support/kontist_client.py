"""Kontist's client on a connection to the sandbox, over loopback, with a device bound."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sandboxed import Control, Customer, SandboxClock, clock, control, control_origin, running_sandbox, sandbox

from bankweave import AsyncBankweave
from bankweave.config import Config
from bankweave.flow import Flow, FlowStatus
from bankweave.vault import generate_key
from bankweave_kontist.client import AsyncKontistClient

__all__ = [
    "SMS_CODE",
    "bank",
    "clock",
    "connected",
    "control",
    "control_origin",
    "kontist_client",
    "running_sandbox",
    "sandbox",
    "tell",
]

SMS_CODE = "212212"
SIGN_IN = {"username": "anna@kontist.example", "password": "Anna-2026"}
SCOPES = ["offline", "accounts", "users", "transactions", "transfers", "statements", "subscriptions", "clients"]


@pytest.fixture
async def bank(control: Control, clock: SandboxClock, tmp_path: Path) -> AsyncIterator[AsyncBankweave]:
    Customer(control.sandbox, "kontist", SIGN_IN["username"]).forget(10)
    settings = {**control.settings("kontist"), "scopes": [*SCOPES, "change_request"]}
    config = Config(store=tmp_path / "bank.db", vault_keys=generate_key(), adapters={"kontist": settings})
    async with AsyncBankweave(config=config, clock=clock) as opened:
        yield opened


@pytest.fixture
async def connected(bank: AsyncBankweave) -> Flow:
    flow = await bank.connect("kontist", owner="anna", options={**SIGN_IN, "bind_device": "laptop"})
    flow = await bank.answer(flow.id, SMS_CODE)
    assert flow.status is FlowStatus.CONNECTED
    return flow


@pytest.fixture
async def kontist_client(bank: AsyncBankweave, connected: Flow) -> AsyncKontistClient:
    assert connected.connection_id is not None
    return await bank.client(connected.connection_id, AsyncKontistClient)


def tell(control: Control, method: str, path: str, body: object = None) -> Any:
    """Ask the sandbox's control origin."""
    answer = control.client.request(method, f"/kontist{path}", json=body)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None
