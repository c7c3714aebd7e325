"""De-identifying a connection: what tells whose it is goes, to the last byte; amounts, days and kinds stay."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bankweave.errors import UnknownConnection
from bankweave.flow import FlowStatus, Purpose
from bankweave.model import (
    Access,
    AccountType,
    Balance,
    BalanceType,
    ChangeKind,
    Consent,
    ConsentStatus,
    ObservedAccount,
    Party,
    Retention,
)
from bankweave.store.base import Scope

if TYPE_CHECKING:
    from tests.store.conftest import Clock, Given

pytestmark = pytest.mark.anyio

WHO = "Zofia-Canary"  # stands wherever something may tell who it is
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)  # the clock's
CONSENT = Consent(status=ConsentStatus.REVOKED_BY_USER, permissions=("account.basic",), provider_id=WHO)


async def plant(given: Given, clock: Clock) -> str:
    """A connection with one account, a booked row, a pending row and one that was removed; returns the account's id."""
    store = given.store
    connection = await given.connection(owner=WHO, consent=CONSENT, grant=WHO.encode(), subject=WHO)
    renewal = replace(given.flow("f-2", owner=WHO, correlation=WHO), purpose=Purpose.PAY, status=FlowStatus.ASKING)
    await store.add_flow(renewal)
    await store.remember("kontist", WHO, "user", WHO.encode())
    await store.use_quota("c-1", f"refresh/{WHO}", clock.at, at_most=9, within=timedelta(days=1))
    account = ObservedAccount(
        provider_id=WHO,
        currency="EUR",
        type=AccountType.CURRENT,
        name=WHO,
        iban=WHO,
        bic=WHO,
        number=WHO,
        owner_name=WHO,
    )
    balance = Balance(
        account_provider_id=WHO,
        type=BalanceType.INTERIM_BOOKED,
        amount=Decimal("10.50"),
        currency="EUR",
        observed_at=clock.at,
    )
    party = Party(name=WHO, account_provider_ids=(WHO,), email=WHO, phone=WHO, address=WHO)
    account_id = (await store.save_snapshot(connection, [account], [balance], [party], clock.at))[WHO]
    telling: dict[str, Any] = {
        "provider_id": WHO,
        "counterparty_name": WHO,
        "counterparty_iban": WHO,
        "remittance_information": (WHO, "rent"),
        "end_to_end_id": WHO,
        "mandate_id": WHO,
        "labels": (WHO,),
        "raw": f'{{"name": "{WHO}"}}'.encode(),
        "digest": WHO.encode(),
    }
    rows = [given.write(account_id, name, identity=f"{WHO}-{name}", category="food", **telling) for name in "abc"]
    await given.committed(*rows, cursor=WHO)
    await given.committed(given.write(account_id, "c", kind=ChangeKind.REMOVED, reason="gone"))
    return account_id


async def de_identify(given: Given, clock: Clock, connection_id: str = "c-1") -> None:
    done = await ended(given, clock, Retention.DE_IDENTIFY, connection_id)
    assert done is Retention.DE_IDENTIFY


async def ended(given: Given, clock: Clock, retention: Retention, connection_id: str = "c-1") -> Retention:
    """End the consent, as the provider said it a second ago."""
    entry = Access(connection_id=connection_id, at=clock.at, actor="app", what="de-identify")
    asked_at = clock.at - timedelta(seconds=1)
    return await given.store.end_consent(connection_id, CONSENT, retention, asked_at=asked_at, entry=entry)


async def test_no_byte_tells_whose_it_was(path: Path, file_given: Given, clock: Clock) -> None:
    await plant(file_given, clock)
    await de_identify(file_given, clock)
    left = {file.name: file.read_bytes().count(WHO.encode()) for file in path.parent.glob(f"{path.name}*")}
    assert sum(left.values()) == 0, left


async def test_amounts_days_and_kinds_stay_under_their_ids(given: Given, clock: Clock) -> None:
    account_id = await plant(given, clock)
    await de_identify(given, clock)
    (account,) = await given.store.accounts(Scope())
    (balance,) = await given.store.balances(account_id)
    rows = [row async for row in given.store.transactions(Scope())]

    assert (account.id, account.type, account.currency) == (account_id, AccountType.CURRENT, "EUR")
    assert (account.name, account.iban, account.owner_name, account.owner) == (None, None, None, "")
    assert balance.amount == Decimal("10.50")
    assert [row.id for row in rows] == ["t-b", "t-a"] or [row.id for row in rows] == ["t-a", "t-b"]
    assert {(row.amount, row.booking_date, row.category) for row in rows} == {
        (Decimal("-12.30"), date(2026, 2, 1), "food")
    }
    assert {(row.counterparty, row.remittance_information, row.labels) for row in rows} == {(None, (), ())}
    assert await given.store.raw("t-a") is None


async def test_it_is_nobodys_and_has_no_access_any_more(given: Given, clock: Clock) -> None:
    await plant(given, clock)
    store = given.store
    await store.mark_due("c-1", clock.at)
    await de_identify(given, clock)
    connection = await store.connection("c-1")

    assert connection is not None
    assert connection.is_de_identified
    assert (connection.subject, connection.institution_id) == (None, "kontist")
    assert await store.connections(Scope(owner=WHO)) == []
    assert await store.connections(Scope(subject=WHO)) == []
    assert (await store.grant("c-1"), list(await store.flows(Scope()))) == (None, [])
    assert await store.recall("kontist", WHO, "user") is None
    assert await store.due(Scope()) == {}


async def test_the_histories_stay_as_a_proof_without_the_providers_name_for_the_consent(
    given: Given, clock: Clock
) -> None:
    await plant(given, clock)
    await given.store.note_accesses([Access(connection_id="c-1", at=clock.at, actor="app", what="accounts", rows=1)])
    await de_identify(given, clock)
    (record,) = await given.store.consents(Scope(connection_id="c-1"))
    accesses = await given.store.accesses("c-1")
    assert record.consent == replace(CONSENT, provider_id=None)
    assert [(access.what, access.consent_number) for access in accesses] == [
        ("accounts", record.number),
        ("de-identify", record.number),
    ]


async def test_followers_are_told_of_every_row_that_is_live(given: Given, clock: Clock) -> None:
    await plant(given, clock)
    before = await given.store.newest_change()
    await de_identify(given, clock)
    assert await given.entries(since=before) == [
        ("modified", "de-identified", "t-a"),
        ("modified", "de-identified", "t-b"),
    ]


async def test_others_keep_everything_and_repeating_changes_nothing(given: Given, clock: Clock) -> None:
    await plant(given, clock)
    other = await given.account("c-2", owner="ben")
    await given.committed(given.write(other, "theirs", raw=b"{}"), connection_id="c-2")
    await de_identify(given, clock)
    for connection_id in ("c-1", "nowhere"):
        with pytest.raises(UnknownConnection):
            await de_identify(given, clock, connection_id)
    (row,) = [row async for row in given.store.transactions(Scope(owner="ben"))]
    assert (row.counterparty_name, await given.store.raw(row.id)) == ("Bakery", b"{}")
    assert await given.store.grant("c-2") is not None
    assert len(await given.entries(Scope(connection_id="c-1"))) == 6


async def test_what_comes_late_is_not_written_to_what_is_nobodys(given: Given, clock: Clock) -> None:
    account_id = await plant(given, clock)
    connection = await given.store.connection("c-1")
    assert connection is not None
    await de_identify(given, clock)
    store, late = given.store, ObservedAccount(provider_id=WHO, currency="EUR", owner_name=WHO)
    entry = Access(connection_id="c-1", at=clock.at, actor="app", what="accounts")
    writes: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: store.save_snapshot(connection, [late], [], [Party(name=WHO)], clock.at),
        lambda: given.committed(given.write(account_id, "late", counterparty_name=WHO)),
        lambda: store.add_flow(given.flow("f-late", owner=WHO, purpose=Purpose.REFRESH)),
        lambda: store.use_quota("c-1", f"refresh/{WHO}", clock.at, at_most=9, within=timedelta(days=1)),
        lambda: store.note_accesses([entry]),
    )
    for write in writes:
        with pytest.raises(UnknownConnection):
            await write()
    await store.save_consent("c-1", CONSENT)

    assert [account.owner_name for account in await store.accounts(Scope())] == [None]
    assert await store.parties("c-1") == []
    assert len(await given.ids()) == 2
    assert [one.consent.provider_id for one in await store.consents(Scope())] == [None]


async def test_erasing_what_is_nobodys_leaves_the_applications_own_secrets(given: Given, clock: Clock) -> None:
    await plant(given, clock)
    await given.store.remember("kontist", "", "token", b"the application's")
    await de_identify(given, clock)
    await given.store.erase_connection("c-1")
    assert await given.store.connections(Scope()) == []
    assert await given.store.recall("kontist", "", "token") == b"the application's"


RENEWED: dict[str, dict[str, Any]] = {
    "being renewed": {"status": FlowStatus.ASKING, "expires_at": NOW + timedelta(hours=1)},
    "being renewed, with no end": {"status": FlowStatus.WAITING},
    "renewed since": {"status": FlowStatus.CONNECTED},
}
NOT_RENEWED: dict[str, dict[str, Any]] = {
    "ran out": {"status": FlowStatus.ASKING, "expires_at": NOW},
    "killed when it started": {"status": FlowStatus.STARTED},
    "refused": {"status": FlowStatus.FAILED},
    "renewed long before": {"status": FlowStatus.CONNECTED, "updated_at": NOW - timedelta(hours=1)},
    "another connection": {"status": FlowStatus.ASKING, "connection_id": "c-2"},
    "a refresh": {"status": FlowStatus.ASKING, "purpose": Purpose.REFRESH},
}


@pytest.mark.parametrize("renewal", RENEWED)
async def test_what_is_renewed_is_kept(given: Given, clock: Clock, renewal: str) -> None:
    await given.account()
    await given.store.add_flow(given.flow("f-2", **{"purpose": Purpose.RENEW, **RENEWED[renewal]}))
    assert await ended(given, clock, Retention.ERASE) is Retention.KEEP
    assert len(await given.store.accounts(Scope())) == 1


@pytest.mark.parametrize("renewal", NOT_RENEWED)
async def test_what_is_not_renewed_goes(given: Given, clock: Clock, renewal: str) -> None:
    await given.account()
    await given.account("c-2")
    await given.store.add_flow(given.flow("f-2", **{"purpose": Purpose.RENEW, **NOT_RENEWED[renewal]}))
    assert await ended(given, clock, Retention.ERASE) is Retention.ERASE
    assert [account.connection_id for account in await given.store.accounts(Scope())] == ["c-2"]


async def test_what_was_said_of_the_consent_before_does_not_end_the_new_one(given: Given, clock: Clock) -> None:
    connection = await given.connection()
    renewal = given.flow("f-2", purpose=Purpose.RENEW)
    await given.store.add_flow(renewal)
    await given.store.finish_flow(replace(renewal, version=1, status=FlowStatus.CONNECTED), connection, b"new")
    assert await ended(given, clock, Retention.KEEP) is Retention.KEEP
    (record,) = await given.store.consents(Scope())
    assert record.consent == connection.consent
