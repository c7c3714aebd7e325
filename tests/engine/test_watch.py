"""Watching: what a bank tells by itself is synced and handed out, once."""

from __future__ import annotations

from contextlib import aclosing
from decimal import Decimal
from pathlib import Path

import anyio
import pytest
from banks import KEY, OWNER, a_row, connected, synced, weave

from bankweave import Bankweave, Config
from bankweave.errors import AccessRevoked, ProviderUnavailable, UnknownConnection, Unsupported
from bankweave.testing import EchoBank

pytestmark = pytest.mark.anyio


@pytest.fixture
def bank() -> EchoBank:
    return EchoBank(accounts={"giro": [a_row(1)]}, pays=True)


@pytest.fixture
async def store(tmp_path: Path, bank: EchoBank) -> Path:
    await synced(tmp_path / "bank.db", bank)
    return tmp_path / "bank.db"


async def test_what_the_bank_tells_is_handed_out_once_and_stored(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank) as one, aclosing(one.watch(owner=OWNER)) as changes:
        bank.accounts["giro"].insert(0, a_row(2))  # before the first signal: found by the first sync
        first = await anext(changes)
        bank.accounts["giro"].insert(0, a_row(3))
        bank.signal()
        bank.signal()
        second = await anext(changes)

        assert [change.transaction.amount for change in (first, second)] == [2, 3]
        assert first.cursor < second.cursor
        assert len([row async for row in one.transactions()]) == 3
    assert bank.watchers == []  # letting go has ended it at the bank


async def test_watching_goes_on_after_the_last_change_that_was_seen(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank) as one, aclosing(one.watch(since=0)) as changes:
        assert (await anext(changes)).transaction.amount == 1


async def test_a_bank_that_is_down_delays_what_it_told(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank) as one, aclosing(one.watch()) as changes:
        bank.accounts["giro"].insert(0, a_row(2))
        bank.failures[("giro", 0)] = ProviderUnavailable("down")
        assert (await anext(changes)).transaction.amount == 2


async def test_an_access_that_has_ended_ends_the_watch(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank) as one, aclosing(one.watch()) as changes:
        bank.accounts["giro"].insert(0, a_row(2))
        await anext(changes)
        bank.signal(AccessRevoked("the person took it back"))
        with pytest.raises(AccessRevoked):
            await anext(changes)


async def test_one_that_ends_does_not_end_the_others(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank) as one:
        await connected(one)
        await one.sync()
        async with aclosing(one.watch()) as changes:
            bank.accounts["giro"].insert(0, a_row(2))
            await anext(changes)
            await anext(changes)
            bank.watchers[0].put_nowait(AccessRevoked("the person took it back"))
            bank.accounts["giro"].insert(0, a_row(3))
            bank.watchers[-1].put_nowait(None)
            assert (await anext(changes)).transaction.amount == 3


async def test_a_provider_that_tells_nothing_says_so(tmp_path: Path) -> None:
    bank = EchoBank(accounts={"giro": []})
    async with weave(tmp_path / "bank.db", bank) as one:
        with pytest.raises(UnknownConnection):
            await anext(one.watch())
        await connected(one)
        with pytest.raises(Unsupported, match="Echo has no live events"):
            await anext(one.watch())


async def test_a_synchronous_program_gets_each_change_as_it_comes(store: Path, bank: EchoBank) -> None:
    def watch() -> list[Decimal]:
        config = Config(store=store, vault_keys=KEY)
        with Bankweave(config=config, adapters=[bank.adapter()]) as one:
            changes = one.watch()
            bank.accounts["giro"].insert(0, a_row(2))
            seen = [next(changes).transaction.amount]
            changes.close()
        return seen

    assert await anyio.to_thread.run_sync(watch) == [2]
    assert bank.watchers == []
