"""Adapters with bugs: what they raise comes out as `AdapterBug`, without what it says, and hurts nobody else."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from banks import CALLBACK, KEY, OWNER, callback_of, connected
from clocks import StillClock
from ledger import booked

from bankweave import AsyncBankweave, Config, FlowStatus, Outcome, SyncEvent
from bankweave.adapter import Context
from bankweave.errors import AdapterBug, IncompatibleAdapter
from bankweave.flow import Due, Event, Intent, Step
from bankweave.model import Institution
from bankweave.testing import EchoAdapter, EchoBank
from bankweave.testing.echo import EchoGrant, EchoState

pytestmark = pytest.mark.anyio

SECRET = "DE89370400440532013000"  # what the text of a strange error may hold


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


class Buggy(EchoAdapter):
    """Breaks wherever `broken` says."""

    broken: frozenset[str] = frozenset()

    def _reach(self, where: str) -> None:
        if where in self.broken:
            raise KeyError(SECRET)

    async def institutions(self, ctx: Context, country: str | None) -> tuple[Institution, ...]:
        self._reach("institutions")
        return tuple(await super().institutions(ctx, country))

    async def begin(self, ctx: Context, intent: Intent) -> Step:
        self._reach("begin")
        return await super().begin(ctx, intent)

    async def resume(self, ctx: Context, state: EchoState, event: Event) -> Step:
        self._reach("look" if isinstance(event, Due) else "resume")
        return await super().resume(ctx, state, event)

    async def revoke(self, ctx: Context, grant: EchoGrant) -> None:
        self._reach("revoke")
        await super().revoke(ctx, grant)


def buggy(bank: EchoBank, *broken: str) -> type[EchoAdapter]:
    info = bank.adapter("buggy").info
    return type("Buggy", (Buggy,), {"bank": bank, "info": info, "broken": frozenset(broken)})


def weave(store: Path, *adapters: type[EchoAdapter], clock: StillClock | None = None) -> AsyncBankweave:
    config = Config(store=store, vault_keys=KEY)
    return AsyncBankweave(config=config, adapters=adapters, clock=clock or StillClock())


async def test_a_bug_is_told_as_one_and_without_what_it_says(store: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    errors: list[AdapterBug] = []
    async with weave(store, buggy(EchoBank(), "institutions", "begin")) as bank:
        for call in (bank.institutions("buggy"), bank.connect("buggy", owner=OWNER, redirect_uri=CALLBACK)):
            with pytest.raises(AdapterBug, match=r"buggy adapter .*KeyError") as caught:
                await call
            errors.append(caught.value)

    assert all(error.is_bug and error.adapter == "buggy" for error in errors)
    assert SECRET not in "".join(map(str, errors)) + "".join(str(record.__dict__) for record in caplog.records)


async def test_a_bug_on_the_way_ends_the_flow_and_says_so(store: Path) -> None:
    async with weave(store, buggy(EchoBank(), "resume")) as bank:
        flow = await bank.connect("buggy", owner=OWNER, redirect_uri=CALLBACK)
        with pytest.raises(AdapterBug):
            await bank.resume(callback_of(flow))
        ended = await bank.flow(flow.id)

    assert ended.status is FlowStatus.FAILED
    assert ended.failure is not None
    assert ended.failure.kind == "AdapterBug"


async def test_a_flow_that_breaks_stops_no_sync(store: Path) -> None:
    good, clock = EchoBank(accounts={"giro": [booked(provider_id="tx-1")]}), StillClock()
    async with weave(store, good.adapter(), buggy(EchoBank(polls=3), "look"), clock=clock) as bank:
        await connected(bank)
        flow = await bank.connect("buggy", owner=OWNER, redirect_uri=CALLBACK)
        assert (await bank.resume(callback_of(flow))).waits
        await clock.sleep(60)
        report = await bank.sync()

    assert report.counts.added == 1
    assert report.failures == ()


async def test_a_bug_in_one_account_does_not_stop_the_others(store: Path) -> None:
    rows = [booked(f"-{n}.00", provider_id=f"tx-{n}") for n in range(1, 5)]
    echo = EchoBank(accounts={"giro": rows, "savings": rows}, failures={("giro", 1): ZeroDivisionError(SECRET)})
    async with weave(store, echo.adapter()) as bank:
        await connected(bank)
        (one,) = (await bank.sync()).connections

    assert one.outcome is Outcome.PARTIAL
    assert one.counts.added == 2 + 4
    assert [failure.kind for failure in one.failures] == ["AdapterBug"]


async def test_a_connection_is_erased_although_its_adapter_is_broken(store: Path) -> None:
    async with weave(store, buggy(EchoBank(), "revoke")) as bank:
        flow = await bank.connect("buggy", owner=OWNER, redirect_uri=CALLBACK)
        flow = await bank.resume(callback_of(flow))
        report = await bank.disconnect(flow.connection_id)

        assert await bank.connections() == ()
    assert report.failure is not None
    assert report.failure.kind == "AdapterBug"


async def test_a_display_that_breaks_stops_no_bank(store: Path, caplog: pytest.LogCaptureFixture) -> None:
    def display(event: SyncEvent) -> None:
        raise ZeroDivisionError(event.stage)

    echo = EchoBank(accounts={"giro": [booked(provider_id="tx-1")]})
    async with weave(store, echo.adapter()) as bank:
        await connected(bank)
        report = await bank.sync(on_event=display)

    assert report.counts.added == 1
    report.raise_for_failures()
    assert "on_event_failed" in [record.getMessage() for record in caplog.records]


async def test_what_another_version_of_an_adapter_stored_is_told_without_its_secrets(store: Path) -> None:
    from pydantic import BaseModel, TypeAdapter

    class OtherGrant(BaseModel):
        refresh_token: str

    class OtherState(BaseModel):
        kind: int

    other = {"grants": TypeAdapter(OtherGrant), "states": TypeAdapter(OtherState)}
    newer = type("Newer", (EchoAdapter,), {"bank": EchoBank(), "info": EchoBank().adapter().info, **other})
    async with weave(store, EchoBank().adapter()) as bank:
        done = await connected(bank)
        begun = await bank.connect("echo", owner=OWNER, redirect_uri=CALLBACK)

    async with weave(store, newer) as bank:
        with pytest.raises(IncompatibleAdapter, match="begin a new flow") as state:
            await bank.resume(callback_of(begun))
        with pytest.raises(IncompatibleAdapter, match="connect again") as grant:
            await bank.renew(done.connection_id, redirect_uri=CALLBACK)
        (failure,) = (await bank.sync()).failures

    assert failure.kind == "IncompatibleAdapter"
    assert "token-1" not in f"{state.value} {grant.value} {failure}"
    assert state.value.__context__ is grant.value.__context__ is None, "the validation error holds what was read"
