"""Reading accounts and transactions of a connection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from bankweave.adapter import Cursor, Page, Records, Response, Snapshot
from bankweave.errors import MalformedAnswer, Origin
from bankweave.model import ObservedTransaction, TransactionStatus
from bankweave_basiq.access import fetch_connections, fetch_consents, lost, why_ended
from bankweave_basiq.links import NAME
from bankweave_basiq.mapping import (
    belongs_to,
    newest,
    to_account,
    to_balances,
    to_consent,
    to_records,
    to_stream,
    to_transaction,
)
from bankweave_basiq.parties import may_be_identified, to_parties
from bankweave_basiq.protocol import (
    TransactionPage,
    follow_transactions,
    get_account,
    is_stale_query,
    list_accounts,
    list_identities,
    list_transactions,
    read_account,
    read_accounts,
    read_identities,
    read_transactions,
)
from bankweave_basiq.session import Session
from bankweave_basiq.states import BasiqGrant
from bankweave_basiq.wire import WireConsent, WireIdentity, WireTransaction

_CURSOR_LIFE = timedelta(hours=1)
_MOST_EMPTY_PAGES = 10


async def open_connection(session: Session, grant: BasiqGrant) -> Snapshot:
    """Read what the connection consists of. Accounts of the user's other connections are not taken."""
    connections = await fetch_connections(session, grant.user_id, grant.connections)
    if not connections:
        raise await lost(session, grant.user_id)
    response = await session.as_server(list_accounts(session.settings, grant.user_id, grant.connections))
    accounts = [a for a in read_accounts(response, grant.user_id) if belongs_to(a, grant.connections)]
    consents = await fetch_consents(session, grant.user_id)
    consent = to_consent(consents, connections)
    if consent is not None and consent.status.is_ended:  # when what hangs on it goes is not documented
        raise why_ended(consent)
    now = session.ctx.now()
    return Snapshot(
        accounts=tuple(map(to_account, accounts)),
        balances=tuple(balance for account in accounts for balance in to_balances(account, now)),
        parties=to_parties(accounts, await _identities(session, grant, newest(consents))),
        streams=tuple(map(to_stream, accounts)),
        consent=consent,
    )


async def _identities(session: Session, grant: BasiqGrant, consent: WireConsent | None) -> list[WireIdentity]:
    """Who the banks of this connection say that the person is, where they may be asked."""
    if not (session.settings.identities and may_be_identified(consent)):
        return []
    response = await session.as_server(list_identities(session.settings, grant.user_id))
    return [each for each in read_identities(response, grant.user_id) if each.connection in grant.connections]


class Bookmark(BaseModel):
    """Where to go on: with Basiq's opaque `next`, or with the first page of a status.

    How long a `next` lives is not documented, and new rows come before it: an old bookmark is not used but begun anew.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    status: Literal["posted", "pending"]
    query: str | None
    at: AwareDatetime

    def serves(self, now: datetime) -> bool:
        return self.at <= now < self.at + _CURSOR_LIFE


@dataclass
class TransactionReader:
    """Reads one account: what is posted first, what is pending last.

    Pending rows have no id that lasts (section 9.9), so whoever reads can store his place only before them. They have no post
    date either, so that a filter by it says nothing about them: they are asked for by themselves, always all.
    """

    session: Session
    grant: BasiqGrant
    account: str
    since: date | None
    _zone: ZoneInfo = field(init=False)
    _currency: str | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._zone = ZoneInfo(self.session.settings.zone)

    async def pages(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        mark: Bookmark | None = self._first(cursor)
        guard = LoopGuard()
        while mark is not None:
            response = await self._fetch(mark)
            if mark.query and guard.is_new and is_stale_query(response):
                mark = self._first(None)
                continue
            page, mark = await self._page(mark, response)
            guard.check(mark, empty=not page.rows)
            yield page

    def _first(self, cursor: Cursor | None) -> Bookmark:
        stored = _read_cursor(cursor) if cursor else None
        now = self.session.ctx.now()
        return stored if stored and stored.serves(now) else Bookmark(status="posted", query=None, at=now)

    async def _fetch(self, mark: Bookmark) -> Response:
        settings, user_id = self.session.settings, self.grant.user_id
        if mark.query is not None:
            return await self.session.as_server(follow_transactions(settings, user_id, mark.query))
        # A day of open banking begins on the UTC day before (section 5.2); what is too early is left out in `_wanted`.
        since = self.since - timedelta(days=1) if self.since and mark.status == "posted" else None
        return await self.session.as_server(list_transactions(settings, user_id, self.account, mark.status, since))

    async def _page(self, mark: Bookmark, response: Response) -> tuple[Page, Bookmark | None]:
        answer = read_transactions(self.session.settings, response, self.grant.user_id, self.account)
        rows = await self._rows(mark, answer.rows)
        after = self._after(mark, answer)
        page = Page(
            account=self.account,
            rows=tuple(rows.values()),
            raw=Records(len(rows), partial(to_records, response.body, tuple(rows))),
            next=after.model_dump_json() if after else None,
        )
        return page, after

    def _after(self, mark: Bookmark, answer: TransactionPage) -> Bookmark | None:
        now = self.session.ctx.now()
        if answer.next_query is not None:
            return Bookmark(status=mark.status, query=answer.next_query, at=now)
        return Bookmark(status="pending", query=None, at=now) if mark.status == "posted" else None

    async def _rows(self, mark: Bookmark, records: list[WireTransaction]) -> dict[int, ObservedTransaction]:
        """The wanted rows by their place on the page."""
        if any(not record.get("currency") for record in records):
            await self._learn_currency()
        rows = [to_transaction(record, self._zone, self._currency) for record in records]
        return {place: row for place, row in enumerate(rows) if self._wanted(mark, row)}

    def _wanted(self, mark: Bookmark, row: ObservedTransaction) -> bool:
        # A filter by recent dates may bring pending rows along (section 5.2); they have their turn.
        if row.status is TransactionStatus.PENDING:
            return mark.status == "pending"
        return self.since is None or row.date is None or row.date >= self.since

    async def _learn_currency(self) -> None:
        if self._currency is None:
            response = await self.session.as_server(
                get_account(self.session.settings, self.grant.user_id, self.account)
            )
            self._currency = read_account(response, self.account).currency


@dataclass
class LoopGuard:
    """Stops a reader whose provider leads it round in a circle, or on and on through nothing."""

    _seen: set[tuple[str, str | None]] = field(default_factory=set)
    _empty: int = 0

    @property
    def is_new(self) -> bool:
        return not self._seen

    def check(self, mark: Bookmark | None, *, empty: bool) -> None:
        self._empty = self._empty + 1 if empty else 0
        if mark is None:
            return
        place = (mark.status, mark.query)
        if place in self._seen or self._empty > _MOST_EMPTY_PAGES:
            message = "Basiq's pages lead round in a circle; the account was not read to its end"
            raise MalformedAnswer(message, origin=Origin(adapter=NAME, operation="list_transactions"))
        self._seen.add(place)


def _read_cursor(cursor: Cursor) -> Bookmark | None:
    try:
        return Bookmark.model_validate_json(cursor)
    except ValidationError:
        return None  # written by another version: begin anew, repeating is harmless
