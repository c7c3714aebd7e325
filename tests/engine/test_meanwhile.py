"""A connection is erased, de-identified or renewed while its provider is being asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import pytest
from asking import TakingTurns
from banks import CALLBACK, KEY, OWNER, callback_of, connected
from ledger import booked

from bankweave import AsyncBankweave, Config, Outcome, Retention, TransferOrder
from bankweave.adapter import Context, Cursor, Page, Snapshot, Stream
from bankweave.errors import AccessRevoked, UnknownConnection, UnknownFlow
from bankweave.flow import Connected, Event, Flow, Intent, Renew, Step
from bankweave.model import Consent, ConsentStatus
from bankweave.store.base import Scope
from bankweave.testing import EchoBank
from bankweave.testing.paying_echo import PayingEchoAdapter

pytestmark = pytest.mark.anyio

REVOKED = Consent(status=ConsentStatus.REVOKED_BY_USER, provider_id="consent-1")
Meanwhile = dict[str, Callable[[Context], Awaitable[object]]]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


@pytest.fixture
def bank() -> EchoBank:
    rows = [
        booked(provider_id="1", counterparty_name="WHO-1"),
        booked("-1", provider_id="2", counterparty_name="WHO-2"),
    ]
    return EchoBank(accounts={"giro": rows}, page_size=1, pays=True)


@pytest.fixture
def meanwhile() -> Meanwhile:
    """What happens while the adapter does something, by its name; each once."""
    return {}


@pytest.fixture
async def one(store: Path, bank: EchoBank, meanwhile: Meanwhile) -> AsyncIterator[AsyncBankweave]:
    async with weave(store, asked(bank, meanwhile)) as opened:
        yield opened


@pytest.fixture
async def other(store: Path, bank: EchoBank) -> AsyncIterator[AsyncBankweave]:
    """Another process over the same store."""
    async with weave(store, asked(bank, {})) as opened:
        yield opened


def weave(store: Path, adapter: type[PayingEchoAdapter]) -> AsyncBankweave:
    config = Config(store=store, vault_keys=KEY, on_revoked=Retention.ERASE, on_expired=Retention.DE_IDENTIFY)
    return AsyncBankweave(config=config, adapters=[adapter], clock=TakingTurns())


def asked(bank: EchoBank, meanwhile: Meanwhile) -> type[PayingEchoAdapter]:
    async def happen(what: str, ctx: Context) -> None:
        if (happens := meanwhile.pop(what, None)) is not None:
            await happens(ctx)

    class Asked(PayingEchoAdapter):
        async def begin(self, ctx: Context, intent: Intent) -> Step:
            await happen("begin", ctx)
            return await super().begin(ctx, intent)

        async def resume(self, ctx: Context, state: Any, event: Event) -> Step:
            step = await super().resume(ctx, state, event)
            await happen("resume", ctx)
            return step

        async def open(self, ctx: Context, grant: Any) -> Snapshot:
            await happen("open", ctx)
            return await super().open(ctx, grant)

        async def pull(
            self, ctx: Context, grant: Any, stream: Stream, *, cursor: Cursor | None, since: date | None
        ) -> AsyncIterator[Page]:
            async for page in super().pull(ctx, grant, stream, cursor=cursor, since=since):
                await happen("pull", ctx)
                yield page

    return type("Asked", (Asked,), {"bank": bank, "info": bank.adapter().info})


async def de_identify(other: AsyncBankweave, flow: Flow) -> None:
    """As a sync in another process does it."""
    bank = other._parts.providers.get("echo").adapter.bank  # type: ignore[attr-defined]  # it is an echo
    bank.open_failure = ended(replace(REVOKED, status=ConsentStatus.EXPIRED))
    (report,) = (await other.sync(connection_id=flow.connection_id)).connections
    bank.open_failure = None
    assert report.retention is Retention.DE_IDENTIFY


def ended(consent: Consent = REVOKED) -> AccessRevoked:
    return AccessRevoked("the consent has ended; renew the connection", consent=consent)


async def told(one: AsyncBankweave) -> list[str | None]:
    return [row.counterparty_name async for row in one.transactions()]


def traces(store: Path) -> list[str]:
    """The files in which something of the person stands."""
    words = OWNER.encode(), b"WHO-"
    files = [file for file in store.parent.glob(f"{store.name}*") if file.suffix != ".key"]
    return [file.name for file in files if any(word in file.read_bytes() for word in words)]


# Erased or de-identified, while it is synced ------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["open", "pull"])
async def test_nothing_of_a_person_comes_back_who_is_erased_during_a_sync(
    one: AsyncBankweave, other: AsyncBankweave, meanwhile: Meanwhile, store: Path, when: str
) -> None:
    await connected(one)
    meanwhile[when] = lambda _: other.governance.erase(OWNER)
    (report,) = (await one.sync()).connections
    assert (report.outcome, [failure.kind for failure in report.failures][-1]) == (Outcome.FAILED, "UnknownConnection")
    assert (await one.connections(), await told(one), traces(store)) == ((), [], [])


async def test_an_erased_person_is_not_remembered_by_an_adapter_at_work(
    one: AsyncBankweave, other: AsyncBankweave, meanwhile: Meanwhile, store: Path
) -> None:
    async def erased_and_remembered(ctx: Context) -> None:
        await ctx.remember("before", "x")
        await other.governance.erase(OWNER)
        await ctx.remember("after", "x")

    await connected(one)
    meanwhile["open"] = erased_and_remembered
    (report,) = (await one.sync()).connections
    assert [failure.kind for failure in report.failures] == ["UnknownConnection"]
    assert traces(store) == []


@pytest.mark.parametrize("when", ["open", "pull"])
async def test_a_sync_that_was_taken_for_dead_does_not_identify_anew(
    one: AsyncBankweave, other: AsyncBankweave, bank: EchoBank, meanwhile: Meanwhile, store: Path, when: str
) -> None:
    flow = await connected(one)
    await one.sync()
    bank.accounts["giro"].insert(0, booked("-9", provider_id="3", counterparty_name="WHO-3"))

    async def taken_for_dead(_: Context) -> None:
        now, lease = one._parts.clock.now(), f"sync/{flow.connection_id}"
        assert await other._parts.store.take_lease(lease, "who finds it dead", now + timedelta(days=1), now)
        await de_identify(other, flow)

    meanwhile[when] = taken_for_dead
    (report,) = (await one.sync(full=True)).connections
    assert [failure.kind for failure in report.failures][-1] == "UnknownConnection"
    assert await told(one) == [None, None]
    assert [account.name for account in await one.accounts()] == [None]
    assert traces(store) == []


# Renewed, while the provider says that it has ended ------------------------------------------------------------------------


async def test_what_was_said_of_a_consent_that_is_renewed_meanwhile_erases_nothing(
    one: AsyncBankweave, other: AsyncBankweave, meanwhile: Meanwhile
) -> None:
    flow = await connected(one)
    renewal = await one.renew(flow.connection_id, redirect_uri=CALLBACK)

    async def renewed(_: Context) -> None:
        other._clock.instant += timedelta(seconds=1)  # type: ignore[attr-defined]  # tests move it
        await other.resume(callback_of(renewal))
        raise ended()

    meanwhile["open"] = renewed
    (report,) = (await one.sync()).connections
    (connection,) = await one.connections()
    assert (report.outcome, report.retention) == (Outcome.NEEDS_USER, Retention.KEEP)
    assert connection.consent is not None
    assert connection.consent.status is ConsentStatus.VALID
    assert (await one.sync()).failures == ()


# Erased or de-identified, while the person connects -------------------------------------------------------------------------


async def test_the_new_access_of_somebody_who_is_erased_while_they_connect_is_ended(
    one: AsyncBankweave, other: AsyncBankweave, bank: EchoBank, meanwhile: Meanwhile, store: Path
) -> None:
    flow = await one.connect("echo", owner=OWNER, redirect_uri=CALLBACK)
    meanwhile["resume"] = lambda _: other.governance.erase(OWNER)
    with pytest.raises(UnknownConnection, match="ended as well"):
        await one.resume(callback_of(flow))
    assert "revoke" in bank.calls
    assert (await one.connections(), traces(store)) == ((), [])


async def test_the_new_access_of_what_is_de_identified_meanwhile_is_ended(
    one: AsyncBankweave, other: AsyncBankweave, bank: EchoBank, meanwhile: Meanwhile
) -> None:
    flow = await connected(one)
    await one.sync()
    renewal = await one.renew(flow.connection_id, redirect_uri=CALLBACK)

    async def days_pass(_: Context) -> None:
        other._clock.instant += timedelta(days=9)  # type: ignore[attr-defined]  # tests move it
        await other.mark_due(flow.connection_id)
        await de_identify(other, flow)

    meanwhile["resume"] = days_pass
    with pytest.raises((UnknownConnection, UnknownFlow)):
        await one.resume(callback_of(renewal))
    assert "revoke" in bank.calls
    assert all(connection.is_de_identified for connection in await one.connections())


async def test_a_renewal_that_comes_too_late_leaves_no_flow(
    one: AsyncBankweave, other: AsyncBankweave, meanwhile: Meanwhile, store: Path
) -> None:
    flow = await connected(one)
    meanwhile["begin"] = lambda _: other.governance.erase(OWNER)
    with pytest.raises(UnknownConnection):
        await one.renew(flow.connection_id, redirect_uri=CALLBACK)
    assert (await one.flows(), traces(store)) == ((), [])


async def test_an_access_that_is_given_at_once_and_too_late_is_ended(
    one: AsyncBankweave, other: AsyncBankweave, bank: EchoBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(_: PayingEchoAdapter, _ctx: Context, intent: Intent) -> Step:
        assert isinstance(intent, Renew)
        await other.governance.erase(OWNER)
        bank.calls.clear()
        return Connected(grant=intent.grant)

    flow = await connected(one)
    monkeypatch.setattr(type(one._parts.providers.get("echo").adapter), "begin", at_once)
    with pytest.raises(UnknownConnection):
        await one.renew(flow.connection_id, redirect_uri=CALLBACK)
    assert bank.calls == ["revoke"]


# What is nobody's ---------------------------------------------------------------------------------------------------------


async def test_nobodys_connection_can_be_read_and_erased_and_nothing_else(one: AsyncBankweave, bank: EchoBank) -> None:
    flow = await connected(one)
    await one.sync()
    (account,) = await one.accounts()
    await de_identify(one, flow)
    log = await one.governance.accesses(flow.connection_id)
    bank.calls.clear()
    order = TransferOrder(
        amount=Decimal(1), currency="EUR", creditor_name="Ben", creditor_iban="DE89370400440532013000"
    )
    refused: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: one.renew(flow.connection_id),
        lambda: one.client(flow.connection_id, object),
        lambda: one.transfer(account.id, order),
        lambda: one.cards(account.id),
        lambda: anext(one.transfers(account.id)),
        lambda: anext(one.watch(connection_id=flow.connection_id)),
    )
    for ask in refused:
        with pytest.raises(UnknownConnection):
            await ask()

    assert (await one.governance.accesses(flow.connection_id), bank.calls) == (log, [])
    assert len(await one.balances(account.id)) == 1
    assert [record async for record in one.governance.export(OWNER)] == []
    assert await one.rotate_keys() == 0
    report = await one.disconnect(flow.connection_id)
    assert (report.revoked, report.failure, bank.calls) == (False, None, [])
    assert await one._parts.store.connections(Scope()) == []


async def test_who_reads_while_rows_are_de_identified_reads_the_rest_without_names(
    one: AsyncBankweave, other: AsyncBankweave, bank: EchoBank
) -> None:
    bank.page_size = 400
    bank.accounts["giro"] = [booked(str(n), provider_id=str(n), counterparty_name="WHO") for n in range(-1200, 0)]
    flow = await connected(one)
    await one.sync()
    rows, changes = one.transactions(), one.changes()
    assert (await anext(rows)).counterparty_name == "WHO"
    assert (await anext(changes)).transaction.counterparty_name == "WHO"
    await de_identify(other, flow)

    left = [row.counterparty_name async for row in rows]
    assert (len(left), left[-1]) == (1199, None)
    assert len([change async for change in changes]) == 1199
    with anyio.fail_after(5):
        assert len([change async for change in one.changes(1200)]) == 1200


async def test_who_reads_while_rows_are_erased_comes_to_an_end(
    one: AsyncBankweave, other: AsyncBankweave, bank: EchoBank
) -> None:
    bank.page_size = 400
    bank.accounts["giro"] = [booked(str(n), provider_id=str(n)) for n in range(-1200, 0)]
    await connected(one)
    await one.sync()
    rows, changes, copy = one.transactions(), one.changes(), one.governance.export(OWNER)
    for reading in (rows, changes, copy):
        await anext(reading)
    await other.governance.erase(OWNER)
    assert len([row async for row in rows]) < 500
    assert len([change async for change in changes]) < 500
    assert {record["kind"] async for record in copy} <= {"consent", "access"}
