"""What a sync does with what is stored when the provider says that the person's consent has ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from banks import CALLBACK, KEY, OWNER, callback_of, connected
from clocks import StillClock
from ledger import booked

from bankweave import AsyncBankweave, Config, Connection, Outcome, Retention, SyncReport
from bankweave.errors import AccessRevoked, ConfigurationError, ConsentExpired, NeedsUser, UnknownConnection
from bankweave.model import Consent, ConsentStatus
from bankweave.testing import EchoBank

pytestmark = pytest.mark.anyio

REVOKED = Consent(status=ConsentStatus.REVOKED_BY_USER, provider_id="consent-1")
KEPT, GONE = (1, 2), (0, 0)  # connections and rows
EXPIRED = replace(REVOKED, status=ConsentStatus.EXPIRED)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


@pytest.fixture
def bank() -> EchoBank:
    return EchoBank(accounts={"giro": [booked(provider_id="1"), booked("-1", provider_id="2")]})


def weave(
    store: Path, bank: EchoBank, *, revoked: Retention = Retention.KEEP, expired: Retention = Retention.KEEP
) -> AsyncBankweave:
    config = Config(store=store, vault_keys=KEY, on_revoked=revoked, on_expired=expired)
    return AsyncBankweave(config=config, adapters=[bank.adapter()], clock=StillClock())


def ended(consent: Consent | None) -> NeedsUser:
    kind = ConsentExpired if consent is EXPIRED else AccessRevoked
    return kind("the consent has ended; renew the connection", consent=consent)


async def after_the_end(one: AsyncBankweave, bank: EchoBank, consent: Consent | None) -> SyncReport:
    """Connect, sync, end the consent, and sync again."""
    await connected(one)
    await one.sync()
    bank.open_failure = ended(consent)
    return await one.sync()


async def left(one: AsyncBankweave) -> tuple[int, int]:
    """How many connections and rows are stored."""
    return len(await one.connections()), len([row async for row in one.transactions()])


async def test_by_itself_everything_is_kept_and_the_consent_says_that_it_has_ended(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank) as one:
        (report,) = (await after_the_end(one, bank, REVOKED)).connections
        (connection,) = await one.connections()
        history = await one.governance.consents()
        assert await left(one) == (1, 2)

    assert (report.outcome, report.retention) == (Outcome.NEEDS_USER, Retention.KEEP)
    assert connection.consent == REVOKED
    assert [entry.consent.status for entry in history] == [ConsentStatus.VALID, ConsentStatus.REVOKED_BY_USER]


async def test_a_revoked_consent_erases_where_that_is_set(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank, revoked=Retention.ERASE) as one:
        report = await after_the_end(one, bank, REVOKED)
        assert await left(one) == (0, 0)
        assert await one.flows(owner=OWNER) == ()
        assert (await one.sync()).connections == ()

    (told,) = report.connections
    assert (told.outcome, told.retention, told.owner) == (Outcome.ENDED, Retention.ERASE, OWNER)
    assert told.failure is not None
    report.raise_for_failures()


async def test_a_revoked_consent_de_identifies_where_that_is_set(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank, revoked=Retention.DE_IDENTIFY) as one:
        (told,) = (await after_the_end(one, bank, REVOKED)).connections
        assert await left(one) == (1, 2)
        assert await one.connections(owner=OWNER) == ()
        assert (await one.governance.accesses(told.connection_id))[-1].what == "de-identify"
        assert (await one.sync()).connections == ()
        with pytest.raises(UnknownConnection):
            await one.renew(told.connection_id, redirect_uri=CALLBACK)

    assert (told.outcome, told.retention) == (Outcome.ENDED, Retention.DE_IDENTIFY)


@pytest.mark.parametrize(
    ("consent", "settings", "stored"),
    [
        (EXPIRED, {"revoked": Retention.ERASE}, KEPT),
        (EXPIRED, {"expired": Retention.ERASE}, GONE),
        (REVOKED, {"expired": Retention.ERASE}, KEPT),
        (replace(REVOKED, status=ConsentStatus.TERMINATED_BY_CLIENT), {"revoked": Retention.ERASE}, GONE),
        (replace(REVOKED, status=ConsentStatus.VALID), {"revoked": Retention.ERASE, "expired": Retention.ERASE}, KEPT),
        (None, {"revoked": Retention.ERASE, "expired": Retention.ERASE}, KEPT),
    ],
)
async def test_nothing_goes_but_for_what_the_provider_says_of_the_consent(
    store: Path, bank: EchoBank, consent: Consent | None, settings: dict[str, Retention], stored: tuple[int, int]
) -> None:
    async with weave(store, bank, **settings) as one:
        await after_the_end(one, bank, consent)
        assert await left(one) == stored


async def test_what_a_bank_says_in_the_middle_of_reading_counts_as_well(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank, revoked=Retention.ERASE) as one:
        await connected(one)
        await one.sync()
        bank.failures["giro", 0] = ended(REVOKED)
        report = await one.sync()
        assert await left(one) == GONE

    (told,) = report.connections
    assert (told.outcome, told.retention) == (Outcome.ENDED, Retention.ERASE)
    assert report.failures == ()


async def test_what_was_read_is_reported_where_all_is_kept(store: Path, bank: EchoBank) -> None:
    bank.accounts["card"] = [booked(provider_id="3")]
    async with weave(store, bank) as one:
        await connected(one)
        bank.failures["giro", 0] = ended(REVOKED)
        (told,) = (await one.sync()).connections
        (connection,) = await one.connections()

    assert (told.outcome, told.counts.added, len(told.failures)) == (Outcome.NEEDS_USER, 1, 1)
    assert connection.consent == REVOKED


async def test_who_has_ended_a_consent_is_not_warned_that_it_ends(store: Path, bank: EchoBank) -> None:
    clock = StillClock()
    config = Config(store=store, vault_keys=KEY)
    async with AsyncBankweave(config=config, adapters=[bank.adapter()], clock=clock) as one:
        await connected(one)
        await one.sync()
        clock.instant += timedelta(days=88)  # of 90
        bank.open_failure = ended(replace(REVOKED, valid_until=clock.instant + timedelta(days=2)))
        for _ in range(2):
            (told,) = (await one.sync()).connections
            assert (told.outcome, told.consent_warning) == (Outcome.NEEDS_USER, None)


async def test_what_a_refresh_finds_counts_as_well(store: Path) -> None:
    bank = EchoBank(accounts={"giro": [booked(provider_id="1")]}, refreshes=True)
    async with weave(store, bank, revoked=Retention.ERASE) as one:
        await connected(one)
        await one.sync()
        bank.begin_failure = ended(REVOKED)
        (told,) = (await one.sync()).connections
        assert (told.outcome, await left(one)) == (Outcome.ENDED, (0, 0))


async def test_nothing_goes_while_the_person_consents_anew(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank, revoked=Retention.ERASE) as one:
        flow = await connected(one)
        renewal = await one.renew(flow.connection_id, redirect_uri=CALLBACK)
        bank.open_failure = ended(REVOKED)
        (told,) = (await one.sync()).connections
        assert told.outcome is Outcome.NEEDS_USER
        bank.open_failure = None
        await one.resume(callback_of(renewal))
        (again,) = (await one.sync()).connections
        assert again.outcome is Outcome.SYNCED

        bank.open_failure = ended(REVOKED)
        (told,) = (await one.sync()).connections
        assert told.outcome is Outcome.ENDED


async def test_one_that_ends_leaves_the_others_alone(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank, revoked=Retention.ERASE) as one:
        first = await connected(one)
        await one.sync()
        bank.open_failure = ended(REVOKED)
        await one.sync(connection_id=first.connection_id)
        bank.open_failure = None
        second = await connected(one)
        (told,) = (await one.sync()).connections
        assert (told.connection_id, told.outcome) == (second.connection_id, Outcome.SYNCED)


async def test_nobody_can_connect(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank) as one:
        with pytest.raises(ConfigurationError, match="empty owner"):
            await one.connect("echo", owner="", redirect_uri=CALLBACK)


async def test_a_connection_is_found_by_what_the_provider_calls_the_person(store: Path, bank: EchoBank) -> None:
    bank.subject = "person-7"
    async with weave(store, bank) as one:
        flow = await connected(one)
        found: tuple[Connection, ...] = await one.connections(adapter="echo", subject="person-7")
        assert [connection.id for connection in found] == [flow.connection_id]
        assert await one.connections(subject="person-8") == ()

        bank.subject = None  # not told again: unchanged
        renewal = await one.renew(flow.connection_id, redirect_uri=CALLBACK)
        await one.resume(callback_of(renewal))
        assert [connection.subject for connection in await one.connections()] == ["person-7"]
