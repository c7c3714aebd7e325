"""Syncing where the provider fetches fresh data first: what is waited for, by whom, and what is not asked for twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from banks import CALLBACK, KEY, OWNER, callback_of, connected, weave
from clocks import StillClock
from ledger import booked, history

from bankweave import AsyncBankweave, Config, FlowStatus, Outcome, SyncEvent
from bankweave.adapter import Context
from bankweave.errors import (
    ProviderRefused,
    ProviderUnavailable,
)
from bankweave.flow import Ask, Due, Event, Intent, Refresh, Step
from bankweave.testing import EchoAdapter, EchoBank
from bankweave.testing.echo import EchoState

pytestmark = pytest.mark.anyio


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


async def test_a_sync_that_meets_a_challenge_parks_and_goes_on_after_the_answer(store: Path) -> None:
    echo = EchoBank(accounts={"giro": history(3)}, refreshes=True)
    async with weave(store, echo) as bank:
        await connected(bank)
        assert (await bank.sync()).counts.added == 3
        echo.accounts["giro"].insert(0, booked(provider_id="new"))
        echo.code = "4711"
        (parked,) = (await bank.sync()).needs_user
        assert parked.flow is not None

    async with weave(store, echo) as other:
        await other.answer(parked.flow.id, "4711")
        report = await other.sync()

    assert report.counts.added == 1
    assert echo.calls.count("begin Refresh") == 1


async def test_a_parked_sync_asks_the_bank_for_no_second_code(store: Path) -> None:
    echo = EchoBank(accounts={"giro": history(1)}, refreshes=True)
    async with weave(store, echo) as bank:
        await connected(bank)
        await bank.sync()
        echo.code = "4711"
        first, second = await bank.sync(), await bank.sync()

    assert first.connections[0].flow is not None
    assert second.connections[0].flow is not None
    assert first.connections[0].flow.id == second.connections[0].flow.id
    assert echo.calls.count("begin Refresh") == 1


async def test_the_first_sync_after_a_connect_uses_the_data_that_are_there(store: Path) -> None:
    echo = EchoBank(accounts={"giro": history(1)}, refreshes=True)
    async with weave(store, echo) as bank:
        await connected(bank)
        await bank.sync()
        assert "begin Refresh" not in echo.calls

        await bank.sync()
        assert echo.calls.count("begin Refresh") == 1


async def test_a_refused_pull_has_fresh_data_fetched_the_next_time(store: Path) -> None:
    echo = EchoBank(accounts={"giro": history(1)}, refreshes=True)
    async with weave(store, echo) as bank:
        await connected(bank)
        echo.open_failure = ProviderRefused("what was fetched is not kept any more")
        await bank.sync()
        echo.open_failure = None
        report = await bank.sync()

    assert report.counts.added == 1
    assert echo.calls.count("begin Refresh") == 1


async def test_a_provider_that_is_down_is_asked_for_the_same_data_again(store: Path) -> None:
    echo = EchoBank(accounts={"giro": history(1)}, refreshes=True)
    async with weave(store, echo) as bank:
        await connected(bank)
        echo.open_failure = ProviderUnavailable("down")
        await bank.sync()
        echo.open_failure = None
        report = await bank.sync()

    assert report.counts.added == 1
    assert "begin Refresh" not in echo.calls


async def test_data_that_were_fetched_long_ago_are_fetched_again(store: Path) -> None:
    clock = StillClock()
    echo = EchoBank(accounts={"giro": history(1)}, refreshes=True)
    async with weave(store, echo, clock) as bank:
        await connected(bank)
        await clock.sleep(24 * 3600)
        await bank.sync()

    assert echo.calls.count("begin Refresh") == 1


async def test_a_flow_that_waits_is_finished_by_the_sync(store: Path) -> None:
    echo = EchoBank(accounts={"giro": history(2)}, polls=2)
    async with weave(store, echo) as bank:
        assert (await connected(bank)).waits
        report = await bank.sync(owner=OWNER)

    assert report.counts.added == 2


async def test_a_flow_that_waits_holds_up_no_other_bank(store: Path) -> None:
    others_are_done = anyio.Event()

    class Slow(EchoAdapter):
        async def resume(self, ctx: Context, state: EchoState, event: Event) -> Step:
            if isinstance(event, Due):
                await others_are_done.wait()
            return await super().resume(ctx, state, event)

    def look(event: SyncEvent) -> None:
        if (event.adapter, event.stage) == ("echo", "done"):
            others_are_done.set()

    quick = EchoBank(accounts={"giro": history(3)})
    slow = EchoBank(accounts={"giro": history(2)}, polls=1)
    adapters = [quick.adapter(), type("Slow", (Slow,), {"bank": slow, "info": slow.adapter("slow").info})]
    config = Config(store=store, vault_keys=KEY)
    async with AsyncBankweave(config=config, adapters=adapters, clock=StillClock()) as bank:
        await connected(bank)
        flow = await bank.connect("slow", owner=OWNER, redirect_uri=CALLBACK)
        assert (await bank.resume(callback_of(flow))).waits
        with anyio.fail_after(5):
            report = await bank.sync(on_event=look)

    assert [(one.adapter, one.counts.added) for one in report.connections] == [("echo", 3), ("slow", 2)]


async def test_an_approval_that_nobody_looked_for_is_found_by_the_sync(store: Path) -> None:
    clock = StillClock()
    echo = EchoBank(accounts={"giro": history(2)}, approved=False)
    async with weave(store, echo, clock) as bank:
        flow = await connected(bank)
        assert flow.asks
        await clock.sleep(5)
        assert (await bank.sync()).connections == ()

        echo.approved = True
        await clock.sleep(5)
        report = await bank.sync()

    assert report.counts.added == 2


async def test_a_provider_that_takes_long_is_waited_for_by_the_next_sync(store: Path) -> None:
    echo = EchoBank(accounts={"giro": history(1)}, refreshes=True)
    async with weave(store, echo) as bank:
        await connected(bank)
        await bank.sync()
        echo.polls = 150
        first = await bank.sync()
        assert first.connections[0].outcome is Outcome.WAITING

        second = await bank.sync()

    assert second.connections[0].outcome is Outcome.SYNCED
    assert echo.calls.count("begin Refresh") == 1


async def test_fresh_data_that_nobody_approved_in_time_are_a_failure(store: Path) -> None:
    class Impatient(EchoAdapter):
        def _ask_for_approval(self, ctx: Context) -> Step:
            step = super()._ask_for_approval(ctx)
            assert isinstance(step, Ask)
            return replace(step, expires_at=ctx.now() + timedelta(seconds=2))

    echo = EchoBank(accounts={"giro": history(1)}, refreshes=True)
    adapter = type("Impatient", (Impatient,), {"bank": echo, "info": echo.adapter().info})
    config = Config(store=store, vault_keys=KEY)
    async with AsyncBankweave(config=config, adapters=[adapter], clock=StillClock()) as bank:
        await connected(bank)
        await bank.sync()
        echo.approved = False
        (one,) = (await bank.sync()).connections

    assert one.outcome is Outcome.FAILED
    assert one.flow is not None
    assert one.flow.status is FlowStatus.EXPIRED
    assert "sync again" in one.failures[0].message


async def test_an_adapter_is_told_whether_the_person_waits(store: Path) -> None:
    bank = EchoBank(accounts={"giro": []}, refreshes=True)
    told: list[bool] = []

    class Watchful(EchoAdapter):
        async def begin(self, ctx: Context, intent: Intent) -> Step:
            if isinstance(intent, Refresh):
                told.append(intent.user_present)
            return await super().begin(ctx, intent)

    adapter = type("Watchful", (Watchful,), {"bank": bank, "info": bank.adapter().info})
    clock = StillClock()
    async with AsyncBankweave(config=Config(store=store, vault_keys=KEY), adapters=[adapter], clock=clock) as one:
        await connected(one)
        await one.sync()
        for present in (False, True):
            clock.instant += timedelta(days=1)
            await one.sync(user_present=present)
    assert told == [False, True]
