"""Pages of transactions, forward and backward (section 6.3)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

from bankweave.errors import InvalidOrder
from bankweave_kontist.paging import PAGE_SIZE, LoopGuard
from bankweave_kontist.queries.transactions import ACCOUNT_TRANSACTION_PAGE, TRANSACTION_PAGE
from bankweave_kontist.records import Record
from bankweave_kontist.refusals import malformed
from bankweave_kontist.session import Session
from bankweave_kontist.transactions.filters import Filter
from bankweave_kontist.transactions.records import Preset, Transaction, TransactionPage


class _PageInfo(Record):
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


class _Edge(Record):
    node: Transaction


class _Connection(Record):
    edges: tuple[_Edge, ...]
    page_info: _PageInfo


class _Transactions(Record):
    transactions: _Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which transactions are wanted. Without an account it is the main one; a preset is for that alone."""

    where: Filter | None = None
    preset: Preset | None = None
    account: str | None = None  # a public id

    def variables(self) -> dict[str, object]:
        """Write it as GraphQL variables. Raises `InvalidOrder` for what Kontist has no words for."""
        if self.account is not None and self.preset is not None:
            raise InvalidOrder("presets are for the main account only; nothing was sent", code="preset")
        condition = None if self.where is None else self.where.variable() or None
        preset = None if self.preset is None else self.preset.variable()
        return {"filter": condition, "preset": preset, "publicId": self.account}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page lies: behind a cursor in the order of the list, newest first, or before it."""

    size: int = PAGE_SIZE
    cursor: str | None = None
    backward: bool = False

    def variables(self) -> dict[str, object]:
        names = ("last", "before") if self.backward else ("first", "after")
        return dict(zip(names, (self.size, self.cursor), strict=True))


async def read_page(session: Session, wanted: Wanted, place: Place) -> TransactionPage:
    """Read one page. That there are rows where one came from is known, whatever Kontist says, which is undocumented."""
    if not 1 <= place.size <= PAGE_SIZE:
        raise InvalidOrder(f"a page holds 1 to {PAGE_SIZE} transactions; nothing was sent", code="count")
    connection = await _connection(session, wanted, place)
    info = connection.page_info
    came_from = place.cursor is not None
    return TransactionPage(
        rows=tuple(edge.node for edge in connection.edges),
        has_next=info.has_next_page or (came_from and place.backward),
        has_previous=info.has_previous_page or (came_from and not place.backward),
        start_cursor=info.start_cursor,
        end_cursor=info.end_cursor,
        _after=partial(_beyond, session, wanted, place, info.end_cursor, backward=False),
        _before=partial(_beyond, session, wanted, place, info.start_cursor, backward=True),
    )


async def each_page(session: Session, wanted: Wanted, *, backward: bool) -> AsyncIterator[TransactionPage]:
    """Yield all pages from one end of the list to the other. Raises `MalformedAnswer` for a list that does not end."""
    place, guard = Place(backward=backward), LoopGuard(TRANSACTION_PAGE.operation)
    while True:
        page = await read_page(session, wanted, place)
        yield page
        cursor = page.start_cursor if backward else page.end_cursor
        if not (page.has_previous if backward else page.has_next):
            return
        place = Place(cursor=guard.accept(cursor, is_empty=not page.rows), backward=backward)


async def _connection(session: Session, wanted: Wanted, place: Place) -> _Connection:
    variables = wanted.variables() | place.variables()
    if wanted.account is None:
        return (await session.account(TRANSACTION_PAGE, _Transactions, **variables)).transactions
    page = await session.run(ACCOUNT_TRANSACTION_PAGE, _Transactions, repeatable=True, **variables)
    return page.transactions


async def _beyond(
    session: Session, wanted: Wanted, place: Place, cursor: str | None, *, backward: bool
) -> TransactionPage:
    if cursor is None:  # an empty page names no place to go on from
        raise malformed(TRANSACTION_PAGE.operation)
    return await read_page(session, wanted, Place(size=place.size, cursor=cursor, backward=backward))
