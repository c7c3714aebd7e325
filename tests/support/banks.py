"""A bankweave over an echo bank, in a temporary store."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from clocks import StillClock

from bankweave import AsyncBankweave, Config, Flow, Redirect
from bankweave.model import ObservedTransaction, TransactionStatus
from bankweave.testing import EchoBank
from bankweave.vault import generate_key

OWNER = "anna"
CALLBACK = "https://app.example/callback"
KEY = generate_key()


def weave(store: Path, bank: EchoBank, clock: StillClock | None = None) -> AsyncBankweave:
    """Everything anew over one store, as another process would have it."""
    config = Config(store=store, vault_keys=KEY)
    return AsyncBankweave(config=config, adapters=[bank.adapter()], clock=clock or StillClock())


def callback_of(flow: Flow, **params: str) -> str:
    """The address that the person comes back to."""
    assert isinstance(flow.interaction, Redirect)
    key = parse_qs(urlsplit(flow.interaction.url).query)["state"][0]
    query = "&".join(f"{name}={value}" for name, value in {"state": key, **params}.items())
    return f"{CALLBACK}?{query}"


async def connected(bank: AsyncBankweave) -> Flow:
    flow = await bank.connect("echo", owner=OWNER, redirect_uri=CALLBACK)
    return await bank.resume(callback_of(flow))


async def synced(store: Path, bank: EchoBank) -> str:
    """Connect and sync a bank with one account; returns the account's id."""
    async with weave(store, bank) as one:
        await connected(one)
        await one.sync()
        (account,) = await one.accounts()
    bank.calls.clear()
    return account.id


def a_row(number: int) -> ObservedTransaction:
    """A booked row that tells itself apart by its number, which is its amount too."""
    return ObservedTransaction(
        status=TransactionStatus.BOOKED,
        amount=Decimal(number),
        currency="EUR",
        booking_date=date(2026, 11, 20),
        provider_id=str(number),
    )
