"""Sweeping: flows that nobody comes back to go on, and never faster than the provider allows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from banks import CALLBACK, OWNER, connected, weave
from clocks import StillClock

from bankweave import FlowStatus
from bankweave.errors import ProviderUnavailable
from bankweave.testing import EchoBank

pytestmark = pytest.mark.anyio


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


async def test_a_person_who_approves_and_never_comes_back_is_connected(store: Path) -> None:
    bank, clock = EchoBank(approved=False), StillClock()
    async with weave(store, bank, clock=clock) as one:
        flow = await connected(one)
        assert flow.asks
        bank.approved = True
        assert await one.sweep() == ()  # it is not time yet

        clock.instant += timedelta(seconds=3)
        (moved,) = await one.sweep()
        assert (moved.id, moved.status) == (flow.id, FlowStatus.CONNECTED)
        assert await one.sweep() == ()


async def test_many_who_sweep_ask_the_provider_once(store: Path) -> None:
    bank, clock = EchoBank(approved=False), StillClock()
    async with weave(store, bank, clock=clock) as one, weave(store, bank, clock=clock) as other:
        await connected(one)
        bank.calls.clear()
        clock.instant += timedelta(seconds=3)
        async with anyio.create_task_group() as tasks:
            for sweeper in (one, other, one, other):
                tasks.start_soon(sweeper.sweep)
    assert bank.calls == ["resume asked_for_approval"]


async def test_what_is_too_old_ends(store: Path) -> None:
    clock = StillClock()
    async with weave(store, EchoBank(), clock=clock) as one:
        await one.connect("echo", owner=OWNER, redirect_uri=CALLBACK)
        clock.instant += timedelta(hours=2)
        (moved,) = await one.sweep(owner=OWNER)
        assert moved.status is FlowStatus.EXPIRED
        assert await one.sweep(owner="somebody else") == ()


async def test_a_bank_that_is_down_stops_no_other(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = StillClock()
    bank = EchoBank(approved=False)
    async with weave(store, bank, clock=clock) as one:
        first, second = await connected(one), await connected(one)
        clock.instant += timedelta(seconds=3)
        bank.approved = True
        adapter = one._parts.providers.get("echo").adapter
        answers = iter([ProviderUnavailable("down")])
        resume = adapter.resume

        async def failing_once(*given: object) -> object:
            for error in answers:
                raise error
            return await resume(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(adapter, "resume", failing_once)
        await one.sweep()
        statuses = {(await one.flow(flow.id)).status for flow in (first, second)}
    assert statuses == {FlowStatus.ASKING, FlowStatus.CONNECTED}
