"""Payments that happen while the live connection breaks: none is lost, none comes twice."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
from rigs import kontist_rig
from sandboxed import Control

from bankweave import AsyncBankweave, Bankweave, Change, Config
from bankweave.testing import Rig
from bankweave.testing.driver import Driver
from bankweave.vault import generate_key
from bankweave_kontist.client import AsyncKontistClient
from bankweave_kontist.transactions.records import Transaction

pytestmark = pytest.mark.anyio

ANNAS_IBAN = "DE83110101001850371727"
SCOPES = ["offline", "accounts", "users", "transactions", "subscriptions"]
CODES = (1012, 1006, 1001, 4403)  # goes away for a moment, cut, goes away, says that the token is bad
LAST = "-9.99"
PATIENCE = 20  # real seconds


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def drive(control: Control, tmp_path: Path) -> Driver:
    rig = kontist_rig(control, "anna@kontist.example", days=5, scopes=SCOPES)
    drive = Driver(rig=rig, store=tmp_path / "bank.db", key=generate_key())
    drive.connected()
    assert not drive.synced().failures
    return drive


def parts(drive: Driver) -> dict[str, Any]:
    rig: Rig = drive.rig
    config = Config(store=drive.store, vault_keys=drive.key, adapters={"kontist": dict(rig.settings)})
    return {"config": config, "clock": rig.clock}


# What happens at the bank, and what is heard of it --------------------------------------------------------------------


@dataclass
class Told:
    """What was paid, and what was heard of it."""

    control: Control
    heard: list[str] = field(default_factory=list)
    paid: list[str] = field(default_factory=list)

    def live_through(self) -> None:
        """Pay while somebody listens, while the connection breaks, and when all else has been heard."""
        for number, code in enumerate(CODES):
            self._until(self._somebody_listens)
            self._pay(f"-{number}.11")
            self.control._ask("POST", "/kontist/sockets/close", {"code": code})
            self._pay(f"-{number}.22")
        self._until(lambda: len(self.heard) >= len(self.paid))
        self._until(self._somebody_listens)
        self._pay(LAST)

    def reserve_and_book(self) -> None:
        self._until(self._somebody_listens)
        payment = self.control.pay(ANNAS_IBAN, "-12.00", "CAFE//BERLIN/DE", pending=True, kind="card")
        self._until(lambda: len(self.heard) == 1)
        self.control.book(payment)
        self.control._ask("POST", "/kontist/sockets/close", {"code": 1012})
        self._until(lambda: len(self.heard) == 2)

    def _pay(self, amount: str) -> None:
        self.control.pay(ANNAS_IBAN, amount, f"A payment of {amount}")
        self.paid.append(amount)

    def _somebody_listens(self) -> bool:
        return any(each["subscriptions"] for each in self.control._ask("GET", "/kontist/sockets"))

    def _until(self, is_so: Callable[[], bool]) -> None:
        """Wait in real time, as sockets do."""
        give_up = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < give_up, self
            time.sleep(0.01)


@pytest.fixture
def told(control: Control) -> Told:
    return Told(control)


async def hear(told: Told, changes: AsyncIterator[Change]) -> None:
    async for change in changes:
        told.heard.append(str(change.transaction.amount))
        if told.heard[-1] == LAST:
            return


async def beside(happening: Callable[[], None], listening: Coroutine[Any, Any, None]) -> None:
    """Listen until that has heard enough, while it happens."""
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.to_thread.run_sync, happening)
            await listening


# Who listens ----------------------------------------------------------------------------------------------------------


async def test_watching_loses_nothing_and_tells_nothing_twice(drive: Driver, told: Told) -> None:
    async with AsyncBankweave(**parts(drive)) as bank, aclosing(bank.watch()) as changes:
        await beside(told.live_through, hear(told, changes))

    assert sorted(told.heard) == sorted(told.paid)


async def test_the_client_loses_nothing_and_tells_nothing_twice(drive: Driver, told: Told) -> None:
    async def listen(news: AsyncIterator[Transaction]) -> None:
        async for transaction in news:
            told.heard.append(str(transaction.amount))
            if told.heard[-1] == LAST:
                return

    async with AsyncBankweave(**parts(drive)) as bank:
        (connection,) = await bank.connections()
        kontist = await bank.client(connection.id, AsyncKontistClient)
        async with aclosing(kontist.live.transactions()) as news:
            await beside(told.live_through, listen(news))

    assert told.heard == told.paid


def test_a_program_without_an_event_loop_hears_the_same(drive: Driver, told: Told) -> None:
    happening = threading.Thread(target=told.live_through, daemon=True)
    happening.start()
    with Bankweave(**parts(drive)) as bank:
        for change in bank.watch():
            told.heard.append(str(change.transaction.amount))
            if told.heard[-1] == LAST:
                break
    happening.join(PATIENCE)

    assert sorted(told.heard) == sorted(told.paid)
    assert not drive.differences()


async def test_a_reservation_that_is_booked_while_nobody_listens_is_told(drive: Driver, told: Told) -> None:
    async def listen(changes: AsyncIterator[Change]) -> None:
        async for change in changes:
            told.heard.append(f"{change.kind.value} {change.transaction.status.value}")
            if len(told.heard) == 2:
                return

    async with AsyncBankweave(**parts(drive)) as bank, aclosing(bank.watch()) as changes:
        await beside(told.reserve_and_book, listen(changes))

    assert told.heard == ["added pending", "modified booked"]
