"""Reading: the account, and its transactions page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from functools import partial

from pydantic import BaseModel, ConfigDict, ValidationError

from bankweave.adapter import Cursor, Page, Records, Response, Snapshot, Stream
from bankweave.errors import ProviderRefused
from bankweave.model import ObservedTransaction, TransactionStatus
from bankweave_kontist.berlin import berlin_today, midnight
from bankweave_kontist.mapping import ForeignAmounts, records, snapshot, transaction
from bankweave_kontist.paging import LoopGuard
from bankweave_kontist.protocol import LIST_TRANSACTIONS, list_transactions, query_account, read_page, read_user
from bankweave_kontist.refusals import another_account, origin
from bankweave_kontist.session import Session
from bankweave_kontist.wire import PageInfo, WirePage


class Position(BaseModel):
    """Where a reading stands: the cursor, and the filter that it belongs to."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    after: str | None = None
    since: date | None = None  # older booked rows are left out
    read_from: date | None = None  # how far back Kontist is asked: earlier than `since`, for open reservations

    @property
    def booked_from(self) -> str | None:
        return None if self.read_from is None else midnight(self.read_from)

    def covers(self, row: ObservedTransaction) -> bool:
        if self.since is None or row.status is TransactionStatus.PENDING:
            return True
        return row.date is None or row.date >= self.since


async def read_snapshot(session: Session) -> Snapshot:
    user = await session.send(query_account(session.settings), read_user)
    return snapshot(user, session.now())


async def read_pages(
    session: Session, stream: Stream, cursor: Cursor | None, since: date | None
) -> AsyncIterator[Page]:
    """Yield the pages of an account, newest first, from a cursor on or from the beginning."""
    position = _restored(cursor) or _first(session, since)
    foreign = ForeignAmounts(in_minor_units=session.settings.foreign_amounts == "minor_units")
    guard = LoopGuard(LIST_TRANSACTIONS, seen={position.after})
    while True:
        request = list_transactions(session.settings, after=position.after, booked_from=position.booked_from)
        body, answered = await session.send(request, _read_with_body)
        wire = _of_stream(stream, answered)
        following = _following(guard, wire, position)
        rows = _rows(wire, position, foreign)
        yield Page(
            account=stream.accounts[0],
            rows=tuple(rows.values()),
            raw=Records(len(rows), partial(records, body, tuple(rows))),
            next=None if following is None else following.model_dump_json(),
        )
        if following is None:
            return
        position = following


def _first(session: Session, since: date | None) -> Position:
    """Begin to read, far enough back for every reservation that may still be open."""
    if since is None:
        return Position()
    oldest_reservation = berlin_today(session.now()) - timedelta(days=session.settings.reservation_days)
    return Position(since=since, read_from=min(since, oldest_reservation))


def _restored(cursor: Cursor | None) -> Position | None:
    """Read a cursor of ours; one of an older version means to begin again, which is harmless."""
    if cursor is None:
        return None
    try:
        return Position.model_validate_json(cursor)
    except ValidationError:
        return None


def _of_stream(stream: Stream, wire: WirePage | None) -> WirePage:
    """Accept a page only about the account that was asked for: another's, or none, is not an empty account."""
    if wire is None:
        message = "this user no longer has an account at Kontist; nothing was taken for removed"
        raise ProviderRefused(message, origin=origin(LIST_TRANSACTIONS), code="no_account")
    if wire.public_id not in stream.accounts:
        raise another_account(LIST_TRANSACTIONS)
    return wire


def _following(guard: LoopGuard, wire: WirePage, position: Position) -> Position | None:
    """Tell where to go on after a page; None at the end."""
    info: PageInfo = wire.transactions["pageInfo"]
    if not info["hasNextPage"]:
        return None
    cursor = guard.accept(info["endCursor"], is_empty=not wire.transactions["edges"])
    return position.model_copy(update={"after": cursor})


def _read_with_body(response: Response) -> tuple[bytes, WirePage | None]:
    return response.body, read_page(response)


def _rows(wire: WirePage, position: Position, foreign: ForeignAmounts) -> dict[int, ObservedTransaction]:
    """The wanted rows by their place on the page."""
    rows = [transaction(edge["node"], foreign) for edge in wire.transactions["edges"]]
    return {place: row for place, row in enumerate(rows) if position.covers(row)}
