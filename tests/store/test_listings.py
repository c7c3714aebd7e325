"""Contract of a store: listings of transactions and the stream of changes."""

from __future__ import annotations

import tracemalloc
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import anyio
import pytest

from bankweave.model import ChangeKind, TransactionStatus
from bankweave.store.base import Scope, Store

if TYPE_CHECKING:
    from tests.store.conftest import Clock, Given

pytestmark = pytest.mark.anyio

MODIFIED, REMOVED = ChangeKind.MODIFIED, ChangeKind.REMOVED
PENDING, BOOKED = TransactionStatus.PENDING, TransactionStatus.BOOKED
DAY = date(2026, 1, 1)


async def fill(given: Given, account_id: str, count: int, *, connection_id: str = "c-1", prefix: str = "") -> None:
    """Write rows, several a day, in pages."""
    for start in range(0, count, 500):
        numbers = range(start, min(start + 500, count))
        page = [
            given.write(account_id, f"{prefix}{n:05}", booking_date=DAY + timedelta(days=n // 3), raw=b"x" * 300)
            for n in numbers
        ]
        await given.committed(*page, connection_id=connection_id)


async def test_rows_come_newest_first_by_the_day_that_places_them(given: Given) -> None:
    account_id = await given.account()
    await given.committed(
        given.write(account_id, "undated", booking_date=None),
        given.write(account_id, "valued", booking_date=None, value_date=date(2026, 2, 2)),
        given.write(account_id, "booked", booking_date=date(2026, 2, 1), value_date=date(2026, 9, 9)),
        given.write(
            account_id,
            "paid",
            status=PENDING,
            booking_date=None,
            transaction_date=date(2026, 2, 3),
            value_date=date(2026, 1, 1),
        ),
    )
    assert await given.ids() == ["t-paid", "t-valued", "t-booked", "t-undated"]


@pytest.mark.parametrize("accounts", [1, 3])
async def test_every_row_is_listed_once_across_batches(store: Store, given: Given, accounts: int) -> None:
    for number in range(accounts):
        account_id = await given.account(provider_id=f"p-{number}")
        await fill(given, account_id, 1234, prefix=f"{number}-")
    rows = [row async for row in store.transactions(Scope())]
    assert len({row.id for row in rows}) == len(rows) == 1234 * accounts
    days = [row.date or date.min for row in rows]
    assert days == sorted(days, reverse=True)


async def test_bounds_are_inclusive_and_leave_out_rows_without_a_day(given: Given) -> None:
    account_id = await given.account()
    days = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1)]
    await given.committed(*(given.write(account_id, day.isoformat(), booking_date=day) for day in days))
    await given.committed(given.write(account_id, "undated", booking_date=None))
    assert await given.ids(since=days[1], until=days[2]) == ["t-2026-02-28", "t-2026-02-01"]
    assert await given.ids(since=days[3]) == ["t-2026-03-01"]
    assert await given.ids(until=days[0]) == ["t-2026-01-31"]


async def test_rows_are_listed_by_status(given: Given) -> None:
    account_id = await given.account()
    await given.committed(given.write(account_id, "b"), given.write(account_id, "p", status=PENDING))
    assert await given.ids(status=PENDING) == ["t-p"]
    assert await given.ids(status=BOOKED) == ["t-b"]
    assert await given.ids(status=TransactionStatus.REJECTED) == []


async def test_rows_are_listed_by_scope(given: Given) -> None:
    first = await given.account("c-1", "a")
    second = await given.account("c-1", "b")
    third = await given.account("c-2", "a", owner="ben", adapter="basiq")
    await given.committed(given.write(first, "1"), given.write(second, "2"))
    await given.committed(given.write(third, "3"), connection_id="c-2")
    assert await given.ids(Scope(owner="anna")) == ["t-2", "t-1"]
    assert await given.ids(Scope(adapter="basiq")) == ["t-3"]
    assert await given.ids(Scope(connection_id="c-1")) == ["t-2", "t-1"]
    assert await given.ids(Scope(account_id=first)) == ["t-1"]
    assert await given.ids(Scope(account_id=first, owner="ben")) == []
    assert await given.ids(Scope(owner="nobody")) == []
    assert await given.entries(Scope(owner="anna")) == [("added", "new", "t-1"), ("added", "new", "t-2")]
    assert await given.entries(Scope(adapter="basiq")) == [("added", "new", "t-3")]
    assert await given.entries(Scope(account_id=second)) == [("added", "new", "t-2")]
    assert await given.entries(Scope(account_id=second, connection_id="c-2")) == []


async def test_writing_while_a_listing_is_read_is_possible(store: Store, given: Given) -> None:
    account_id = await given.account()
    await fill(given, account_id, 1200)
    seen = 0
    async for row in store.transactions(Scope()):
        seen += 1
        if seen % 300 == 0:
            await given.committed(given.write(account_id, row.id.removeprefix("t-"), kind=REMOVED))
    assert seen == 1200


async def test_a_listing_lets_other_tasks_run(given: Given) -> None:
    account_id = await given.account()
    await fill(given, account_id, 1600)
    turns = 0

    async def tick() -> None:
        nonlocal turns
        while True:
            turns += 1
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tick)
        await given.ids()
        await given.entries()
        tasks.cancel_scope.cancel()
    assert turns >= 6


@pytest.mark.parametrize("listing", ["transactions", "changes"])
async def test_memory_does_not_grow_with_the_rows_there_are(store: Store, given: Given, listing: str) -> None:
    account_id = await given.account()
    await fill(given, account_id, 1000)
    await peak_of(store, listing)  # what is imported or compiled at first use does not count
    few = await peak_of(store, listing)
    await fill(given, account_id, 5000, prefix="more-")
    assert await peak_of(store, listing) < few * 2


async def peak_of(store: Store, listing: str) -> int:
    """Read a whole listing, keeping no row; returns the peak of memory in bytes."""
    found = store.transactions(Scope()) if listing == "transactions" else store.changes(Scope())
    tracemalloc.start()
    async for _ in found:
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


# The stream of changes ------------------------------------------------------------------------------------------------


async def test_changes_come_oldest_first_with_rising_cursors(store: Store, given: Given, clock: Clock) -> None:
    account_id = await given.account()
    await given.committed(given.write(account_id, "1"), given.write(account_id, "2"))
    later = clock.forward(hours=1)
    await given.committed(given.write(account_id, "1", kind=MODIFIED, reason="booked", category="food"))
    found = [change async for change in store.changes(Scope())]
    assert [(change.kind, change.reason, change.transaction.id) for change in found] == [
        (ChangeKind.ADDED, "new", "t-1"),
        (ChangeKind.ADDED, "new", "t-2"),
        (MODIFIED, "booked", "t-1"),
    ]
    cursors = [change.cursor for change in found]
    assert cursors == sorted(set(cursors))
    assert (found[-1].at, found[-1].connection_id) == (later, "c-1")


async def test_a_change_shows_its_row_as_it_stands_now(store: Store, given: Given) -> None:
    account_id = await given.account()
    await given.committed(given.write(account_id, "1", amount=Decimal("1.00")))
    await given.committed(given.write(account_id, "1", kind=MODIFIED, amount=Decimal("2.00")))
    await given.committed(given.write(account_id, "1", kind=REMOVED, reason="gone"))
    found = [change async for change in store.changes(Scope())]
    assert [str(change.transaction.amount) for change in found] == ["2.00", "2.00", "2.00"]
    assert found[-1].kind is REMOVED


async def test_reading_goes_on_after_a_cursor(store: Store, given: Given) -> None:
    account_id = await given.account()
    await fill(given, account_id, 1100)
    first = [change async for change in store.changes(Scope())]
    assert len(first) == 1100
    assert await given.entries(since=first[-1].cursor) == []
    await given.committed(given.write(account_id, "late"))
    assert await given.entries(since=first[-1].cursor) == [("added", "new", "t-late")]
    assert len(await given.entries(since=first[549].cursor)) == 551


async def test_a_reader_that_saves_its_last_cursor_misses_nothing_written_meanwhile(store: Store, given: Given) -> None:
    anna = await given.account("c-1")
    ben = await given.account("c-2")
    await fill(given, anna, 600, prefix="a")
    seen, cursor = 0, 0
    async for change in store.changes(Scope()):
        seen, cursor = seen + 1, change.cursor
        if seen in {1, 500, 600}:
            await given.committed(given.write(ben, f"b{seen}"), connection_id="c-2")
            await given.committed(given.write(anna, f"late{seen}"))
    rest = await given.entries(since=cursor)
    assert seen + len(rest) == 606


async def test_a_cursor_is_never_given_twice(store: Store, given: Given) -> None:
    account_id = await given.account()
    await given.committed(given.write(account_id, "1"))
    (before,) = [change async for change in store.changes(Scope())]
    await store.erase_connection("c-1")
    await given.committed(given.write(await given.account(), "1"))
    (after,) = [change async for change in store.changes(Scope())]
    assert after.cursor > before.cursor
