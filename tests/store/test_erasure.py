"""Erasing a connection leaves no byte of it in the file, its log or its index."""

from __future__ import annotations

import random
import sqlite3
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bankweave.errors import Failure, StoreError
from bankweave.model import Balance, BalanceType, ChangeKind, Consent, ConsentStatus, ObservedAccount, Party
from bankweave.store import database
from bankweave.store.base import Scope, SealedGrant, StreamState
from bankweave.store.database import Database
from bankweave.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from tests.store.conftest import Clock, Given

pytestmark = pytest.mark.anyio

CANARY = "CANARY"
VICTIM = f"{CANARY}-connection"


def traces(path: Path) -> dict[str, int]:
    """How often the canary stands in the database, its log and its index."""
    counts = {file.name: file.read_bytes().count(CANARY.encode()) for file in path.parent.glob(f"{path.name}*")}
    return {name: count for name, count in counts.items() if count}


async def plant(given: Given, clock: Clock) -> None:
    """Put a canary into every column that there is."""
    store, person = given.store, f"{CANARY}-owner"
    consent = Consent(status=ConsentStatus.VALID, permissions=(CANARY,), provider_id=CANARY)
    connection = await given.connection(
        VICTIM, owner=person, institution_id=CANARY, institution_name=CANARY, consent=consent, grant=b"CANARY-grant"
    )
    failure = Failure(kind=CANARY, message=CANARY, code=CANARY, correlation_id=CANARY)
    flow = given.flow(f"{CANARY}-flow", owner=person, connection_id=VICTIM, correlation=CANARY, failure=failure)
    await store.add_flow(replace(flow, sealed=b"CANARY-state"))
    await store.remember("kontist", person, CANARY, b"CANARY-secret")
    await store.take_lease(f"grant/{VICTIM}", f"{CANARY}-holder", clock.at, clock.at + timedelta(days=1))
    account = ObservedAccount(provider_id=CANARY, currency="EUR", name=CANARY, iban=CANARY, owner_name=CANARY)
    balance = Balance(
        account_provider_id=CANARY,
        type=BalanceType.EXPECTED,
        amount=Decimal(1),
        currency=CANARY,
        observed_at=clock.at,
    )
    party = Party(name=CANARY, account_provider_ids=(CANARY,), email=CANARY, phone=CANARY, address=CANARY)
    ids = await store.save_snapshot(connection, [account], [balance], [party], clock.at)
    await write_and_rewrite(given, ids[CANARY], VICTIM, CANARY)


async def write_and_rewrite(given: Given, account_id: str, connection_id: str, text: str) -> None:
    """Write rows of many sizes and change some of them, so that SQLite moves them about between its pages."""
    dice = random.Random(text)  # noqa: S311 - the same sizes in every run
    for page in range(6):
        for kind in (ChangeKind.ADDED, ChangeKind.MODIFIED):
            writes = [
                given.write(
                    account_id,
                    f"{text}-{page}-{n}",
                    kind=kind,
                    identity=f"{text}-{dice.random()}",
                    counterparty_name=text * dice.choice([1, 10, 200]),
                    remittance_information=(text,),
                    booking_date=date(2026, 1, 1) + timedelta(days=dice.randrange(300)),
                    raw=text.encode() * dice.choice([1, 100]),
                )
                for n in dice.sample(range(100), 60 if kind is ChangeKind.MODIFIED else 100)
            ]
            await given.store.commit(connection_id, f"{text}-stream", StreamState(cursor=text), writes)


async def test_no_byte_of_an_erased_connection_stays_readable(path: Path, file_given: Given, clock: Clock) -> None:
    other = await file_given.account("c-2", owner="ben")
    await write_and_rewrite(file_given, other, "c-2", "bystander")
    await plant(file_given, clock)
    await write_and_rewrite(file_given, other, "c-2", "later")
    assert traces(path)
    await file_given.store.erase_connection(VICTIM)
    assert traces(path) == {}
    assert len(await file_given.ids()) == 1200
    assert len(await file_given.entries(Scope(owner="ben"))) == 1920
    assert (await file_given.store.stream_state("c-2", "later-stream")).cursor == "later"


async def test_erasing_again_or_nothing_is_harmless(path: Path, file_given: Given, clock: Clock) -> None:
    await file_given.account("c-2", owner="ben")
    await plant(file_given, clock)
    for connection_id in (VICTIM, VICTIM, "nowhere", ""):
        await file_given.store.erase_connection(connection_id)
    assert traces(path) == {}
    assert [connection.id for connection in await file_given.store.connections(Scope())] == ["c-2"]


async def test_a_connection_that_was_never_finished_is_erased_with_its_flow(path: Path, file_given: Given) -> None:
    await file_given.store.add_flow(file_given.flow(f"{CANARY}-flow", owner=CANARY, connection_id=VICTIM))
    await file_given.store.remember("kontist", CANARY, "user", b"1")
    await file_given.store.erase_connection(VICTIM)
    assert traces(path) == {}


async def test_secrets_of_an_owner_stay_while_something_of_theirs_needs_them(file_given: Given) -> None:
    store = file_given.store
    await file_given.connection("c-1")
    await file_given.connection("c-2")
    await file_given.connection("c-3", adapter="basiq")
    for adapter in ("kontist", "basiq"):
        await store.remember(adapter, "anna", "user", b"1")
    await store.erase_connection("c-1")
    assert await store.recall("kontist", "anna", "user") == b"1"
    await store.erase_connection("c-2")
    assert await store.recall("kontist", "anna", "user") is None
    assert await store.recall("basiq", "anna", "user") == b"1"


async def test_a_grant_that_was_replaced_does_not_stay_in_the_file(path: Path, file_given: Given) -> None:
    await file_given.connection(grant=CANARY.encode() * 2000)
    await file_given.store.save_grant("c-1", SealedGrant(version=2, sealed=b"short"))
    await file_given.store.close()
    assert traces(path) == {}


async def test_a_process_that_dies_before_cleaning_up_leaves_it_to_the_next(
    path: Path, file_given: Given, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plant(file_given, clock)
    with monkeypatch.context() as dying:
        dying.setattr(Database, "compact", lambda _: None)
        await file_given.store.erase_connection(VICTIM)
    assert traces(path)
    SqliteStore.open(path)
    assert traces(path) == {}


async def test_traces_that_another_reader_holds_are_told_and_go_later(
    path: Path, new_given: type[Given], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.01)
    given = new_given(SqliteStore.open(path))
    await plant(given, clock)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM connections").fetchall()
    with pytest.raises(StoreError, match="erase again"):
        await given.store.erase_connection(VICTIM)
    assert await given.store.connection(VICTIM) is None
    reader.execute("COMMIT")
    reader.close()
    await given.store.erase_connection(VICTIM)
    assert traces(path) == {}


async def test_a_store_whose_traces_cannot_go_yet_can_be_used(
    path: Path, new_given: type[Given], clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    given = new_given(SqliteStore.open(path))
    await plant(given, clock)
    with monkeypatch.context() as full:
        full.setattr(Database, "_rebuild", disk_full)
        with pytest.raises(StoreError, match=r"traces stay in its file: the disk is full\.") as caught:
            await given.store.erase_connection(VICTIM)
        assert caught.value.code == "disk_full"
        again = SqliteStore.open(path)
        assert await again.connection(VICTIM) is None
    assert [record.message for record in caplog.records] == ["traces_left"]
    assert traces(path)
    SqliteStore.open(path)
    assert traces(path) == {}


async def test_a_damaged_store_is_refused_where_traces_were_to_go(
    path: Path, file_given: Given, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plant(file_given, clock)
    with monkeypatch.context() as broken:
        broken.setattr(Database, "_rebuild", damaged)
        for use in (lambda: file_given.store.erase_connection(VICTIM), lambda: opened(path)):
            with pytest.raises(StoreError, match="cannot be rebuilt"):
                await use()


async def opened(path: Path) -> SqliteStore:
    return SqliteStore.open(path)


def disk_full(_: Database) -> bool:
    raise StoreError("the store cannot grow: the disk is full", code="disk_full")


def damaged(_: Database) -> bool:
    raise StoreError("the store is damaged", code="not_a_store")
