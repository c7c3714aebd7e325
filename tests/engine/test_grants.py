"""Grants: an older one never takes the place of a newer one, and none outlives its connection or its key."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from asking import Stop, TakingTurns, opened, stopping
from banks import CALLBACK, KEY, OWNER, callback_of, connected, weave
from clocks import StillClock

from bankweave import AsyncBankweave, FlowStatus
from bankweave.engine.flows import Flows
from bankweave.engine.tokens import GrantKeeper
from bankweave.errors import BankweaveError, FlowBusy
from bankweave.flow import Flow, Purpose, Refresh
from bankweave.store.base import Scope
from bankweave.testing import EchoBank
from bankweave.testing.echo import EchoGrant
from bankweave.vault import generate_key

pytestmark = pytest.mark.anyio


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


@pytest.fixture
def bank() -> EchoBank:
    return EchoBank(accounts={"giro": []}, pays=True)


def keeper(one: AsyncBankweave, connection_id: str) -> GrantKeeper:
    return GrantKeeper(connection_id, one._parts.providers.get("echo").adapter, one._parts)


async def refreshing(one: AsyncBankweave, connection_id: str) -> Flow:
    """Begin a refresh, as a sync does."""
    grant = await keeper(one, connection_id).load()
    intent = Refresh(grant=grant, since=None)
    flows: Flows = one._flows
    return await flows.begin("echo", OWNER, Purpose.REFRESH, intent, connection_id)


async def test_a_refresh_does_not_bring_back_the_grant_that_it_began_with(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank) as one:
        connection = (await connected(one)).connection_id
        bank.polls = 1
        flow = await refreshing(one, connection)
        newer = EchoGrant(access_token="token-2", number=2)
        await keeper(one, connection).save(newer)

        assert (await one.wait(flow.id)).status is FlowStatus.CONNECTED
        assert await keeper(one, connection).load() == newer
        assert await one._parts.store.unpulled_since(connection) is not None


async def test_a_refresh_that_nothing_came_between_brings_its_grant(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank) as one:
        connection = (await connected(one)).connection_id
        await keeper(one, connection).save(EchoGrant(access_token="token-2", number=2))
        bank.polls = 1
        flow = await refreshing(one, connection)
        await one.wait(flow.id)
        assert await keeper(one, connection).load() == EchoGrant(access_token="token-1")  # what the adapter gave


async def test_only_the_last_refresh_of_a_connection_is_kept(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank) as one:
        connection = (await connected(one)).connection_id
        for _ in range(4):
            last = await refreshing(one, connection)
        kept = await one.flows(connection_id=connection)
        assert [flow.id for flow in kept if flow.purpose is Purpose.REFRESH] == [last.id]
        assert len(kept) == 2


async def test_a_refresh_that_waits_is_not_forgotten_for_another(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank) as one:
        connection = (await connected(one)).connection_id
        bank.polls = 1
        waiting = await refreshing(one, connection)
        await refreshing(one, connection)
        assert (await one.flow(waiting.id)).waits


async def test_a_connection_that_was_ended_is_not_made_again_by_its_renewal(store: Path, bank: EchoBank) -> None:
    stop = Stop()
    adapter = stopping(bank, stop)
    stop.go_on.set()
    async with opened(store, adapter) as one, opened(store, adapter) as other, anyio.create_task_group() as tasks:
        flow = await connected(one)
        renewal = await one.renew(flow.connection_id, redirect_uri=CALLBACK)
        stop.go_on, stop.reached = anyio.Event(), anyio.Event()

        async def come_back() -> None:
            with pytest.raises(BankweaveError):
                await one.resume(callback_of(renewal))

        tasks.start_soon(come_back)
        await stop.reached.wait()
        await other.disconnect(flow.connection_id)
        bank.calls.clear()
        stop.go_on.set()

    async with weave(store, bank) as later:
        assert await later.connections() == ()
        assert await later._parts.store.grant(flow.connection_id) is None
    assert bank.calls == ["revoke"]  # the access that nobody has any more


# Cancelling and expiry, while the provider is asked ------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["cancel", "expiry"])
async def test_access_that_is_just_being_given_is_neither_cancelled_nor_too_late(
    store: Path, bank: EchoBank, end: str
) -> None:
    stop = Stop()
    adapter, clock = stopping(bank, stop), TakingTurns()
    async with (
        opened(store, adapter, clock) as one,
        opened(store, adapter, clock) as other,
        anyio.create_task_group() as tasks,
    ):
        flow = await one.connect("echo", owner=OWNER, redirect_uri=CALLBACK)
        back = callback_of(flow)
        clock.instant += timedelta(minutes=59, seconds=50)
        tasks.start_soon(one.resume, back)
        await stop.reached.wait()
        if end == "cancel":
            tasks.start_soon(other.cancel, flow.id)
            await anyio.sleep(0.01)
        else:
            clock.instant += timedelta(seconds=20)
            with pytest.raises(FlowBusy):
                await other.resume(back)
        stop.go_on.set()

    async with weave(store, bank) as later:
        assert (await later.flow(flow.id)).status is FlowStatus.CONNECTED
        assert len(await later.connections()) == 1


# Keys -----------------------------------------------------------------------------------------------------------------------


async def test_keys_may_change_while_flows_of_all_kinds_are_on_their_way(store: Path, bank: EchoBank) -> None:
    from decimal import Decimal

    from bankweave import TransferOrder

    new, clock = generate_key(), StillClock()
    order = TransferOrder(creditor_name="Anna", creditor_iban="DE89370400440532013000", amount=Decimal(5))
    adapter: Any = bank.adapter()
    async with opened(store, adapter, clock) as one:
        await connected(one)
        await one.sync()
        (account,) = await one.accounts()
        bank.code = "4711"
        asking, done, failed = [await one.transfer(account.id, order) for _ in range(3)]
        await one.confirm(done.id, "4711")
        with pytest.raises(BankweaveError):
            await one.confirm(failed.id, "0000")

    stop = Stop()
    slow = stopping(bank, stop)
    async with (
        opened(store, slow, clock, f"{new},{KEY}") as one,
        opened(store, slow, clock, f"{new},{KEY}") as other,
        anyio.create_task_group() as tasks,
    ):
        stop.failure = None
        tasks.start_soon(_refused, one, asking.id)
        await stop.reached.wait()
        await other.rotate_keys()
        stop.failure = _down()
        stop.go_on.set()

    async with opened(store, adapter, clock, new) as later:
        assert len((await later.flow(done.id)).transfers) == 1
        assert len(await later.confirm(asking.id, "4711")) == 1
        assert len(await later._parts.store.flows(Scope())) == 4


async def _refused(one: AsyncBankweave, flow: str) -> None:
    with pytest.raises(BankweaveError):
        await one.confirm(flow, "4711")


def _down() -> Exception:
    from bankweave.errors import ProviderUnavailable

    return ProviderUnavailable("surely not taken")
