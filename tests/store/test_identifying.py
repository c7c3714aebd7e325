"""De-identifying a connection: what tells whose it is goes, to the last byte; amounts, days and kinds stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

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
)
from bankweave.store.base import Scope
from bankweave.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from tests.store.conftest import Clock, Given

pytestmark = pytest.mark.anyio

WHO = "Zofia-Canary"  # stands wherever something may tell who it is
CONSENT = Consent(status=ConsentStatus.REVOKED_BY_USER, permissions=("account.basic",), provider_id=WHO)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


@pytest.fixture
def file_given(path: Path, new_given: type[Given]) -> Given:
    return new_given(SqliteStore.open(path))


async def plant(given: Given, clock: Clock) -> str:
    """A connection with one account, a booked row, a pending row and one that was removed; returns the account's id."""
    store = given.store
    connection = await given.connection(owner=WHO, consent=CONSENT, grant=WHO.encode(), subject=WHO)
    renewal = replace(given.flow("f-2", owner=WHO, correlation=WHO), purpose=Purpose.RENEW, status=FlowStatus.ASKING)
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


async def test_no_byte_tells_whose_it_was(path: Path, file_given: Given, clock: Clock) -> None:
    await plant(file_given, clock)
    await file_given.store.de_identify("c-1")
    left = {file.name: file.read_bytes().count(WHO.encode()) for file in path.parent.glob(f"{path.name}*")}
    assert sum(left.values()) == 0, left


async def test_amounts_days_and_kinds_stay_under_their_ids(given: Given, clock: Clock) -> None:
    account_id = await plant(given, clock)
    await given.store.de_identify("c-1")
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
    await store.de_identify("c-1")
    connection = await store.connection("c-1")

    assert connection is not None
    assert connection.is_nobodys
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
    await given.store.de_identify("c-1")
    (record,) = await given.store.consents(Scope(connection_id="c-1"))
    (access,) = await given.store.accesses("c-1")
    assert record.consent == replace(CONSENT, provider_id=None)
    assert (access.what, access.consent_number) == ("accounts", record.number)


async def test_followers_are_told_of_every_row_that_is_live(given: Given, clock: Clock) -> None:
    await plant(given, clock)
    before = await given.store.newest_change()
    await given.store.de_identify("c-1")
    assert await given.entries(since=before) == [
        ("modified", "de-identified", "t-a"),
        ("modified", "de-identified", "t-b"),
    ]


async def test_others_keep_everything_and_repeating_changes_nothing(given: Given, clock: Clock) -> None:
    await plant(given, clock)
    other = await given.account("c-2", owner="ben")
    await given.committed(given.write(other, "theirs", raw=b"{}"), connection_id="c-2")
    for connection_id in ("c-1", "c-1", "nowhere"):
        await given.store.de_identify(connection_id)
    (row,) = [row async for row in given.store.transactions(Scope(owner="ben"))]
    assert (row.counterparty_name, await given.store.raw(row.id)) == ("Bakery", b"{}")
    assert await given.store.grant("c-2") is not None
    assert len(await given.entries(Scope(connection_id="c-1"))) == 6
