"""Transactions: order, filter, pages, and how a row is worded (providers/basiq.md, section 5.2)."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from starlette.datastructures import URL
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.banks.catalogue import institution_path
from bankweave_sandbox.basiq.calls import Call, Gate
from bankweave_sandbox.basiq.data.classes import class_of, sub_class_of
from bankweave_sandbox.basiq.data.money import money
from bankweave_sandbox.basiq.enrichment.merchants import enrichment_of
from bankweave_sandbox.basiq.filters import ORDER, Term, parse_filter
from bankweave_sandbox.basiq.state import Row, StoredAccount, User
from bankweave_sandbox.world import Kind

_POST_DATE = "transaction.postDate"
_FILTERS = {
    "account.id": ("eq",),
    "connection.id": ("eq",),  # only seen in the links of events
    "institution.id": ("eq",),
    "transaction.status": ("eq",),
    "transaction.direction": ("eq",),
    "transaction.class": ("eq",),
    _POST_DATE: ORDER,
}
_CURSORS_KEPT = 1000
_PENDING_DAYS = 7

Found = tuple[StoredAccount, Row]
Render = Callable[[StoredAccount, Row], dict[str, object]]


@dataclass(frozen=True, slots=True)
class _Cursor:
    owner: str  # a user's id, or the address of a summary
    filter: str | None
    limit: int
    offset: int
    rows: tuple[Found, ...]


@dataclass(slots=True)
class Cursors:
    """Where the opaque `next` values lead; the oldest are forgotten."""

    _kept: OrderedDict[str, _Cursor] = field(default_factory=OrderedDict)

    def keep(self, cursor: _Cursor) -> str:
        name = secrets.token_hex(8)
        self._kept[name] = cursor
        if len(self._kept) > _CURSORS_KEPT:
            self._kept.popitem(last=False)
        return name

    def find(self, name: str, owner: str) -> _Cursor:
        cursor = self._kept.get(name)
        if cursor is None or cursor.owner != owner:
            raise errors.value_not_valid("Next", "next")
        return cursor


def routes(gate: Gate) -> list[Route]:
    cursors = Cursors()
    return [
        gate.route("GET", "/users/{user_id}/transactions", partial(list_transactions, cursors), right="data.read"),
        gate.route("GET", "/users/{user_id}/transactions/{transaction_id}", get_transaction, right="data.read"),
    ]


def list_transactions(cursors: Cursors, call: Call) -> Response:
    user = call.user
    page = _asked_page(cursors, call, user)
    return _answer(cursors, call, page, f"{call.user_url}/transactions", partial(transaction_shape, call, user.id))


def answer_page(cursors: Cursors, call: Call, rows: tuple[Found, ...], url: str, render: Render) -> Response:
    """Answer one page of rows that stand fast."""
    name = call.query("next")
    page = _Cursor(url, None, _limit(call), 0, rows) if name is None else cursors.find(name, url)
    return _answer(cursors, call, page, url, render)


def _answer(cursors: Cursors, call: Call, page: _Cursor, url: str, render: Render) -> Response:
    shown = page.rows[page.offset : page.offset + page.limit]
    following = page.offset + len(shown)
    size = len(page.rows) if call.switches.size_means == "total" else page.limit
    links: dict[str, str | None] = {"self": str(call.request.url)}
    if following < len(page.rows):
        name = cursors.keep(_Cursor(page.owner, page.filter, page.limit, following, page.rows))
        links["next"] = str(URL(url).include_query_params(next=name))
    elif call.switches.next_on_last_page == "null":
        links["next"] = None
    data = [render(account, row) for account, row in shown]
    return JSONResponse({"type": "list", "count": len(data), "size": size, "data": data, "links": links})


def get_transaction(call: Call) -> Response:
    wanted, user = call.path("transaction_id"), call.user
    for account in user.accounts.values():
        row = next((row for row in account.rows if row.id == wanted), None)
        if row is not None:
            return JSONResponse(transaction_shape(call, user.id, account, row))
    raise errors.not_found("Requested transaction does not exist.")


def _asked_page(cursors: Cursors, call: Call, user: User) -> _Cursor:
    name = call.query("next")
    if name is None:
        limit = _limit(call)
        return _Cursor(user.id, call.query("filter"), limit, 0, _find(call, user, call.query("filter")))
    cursor = cursors.find(name, user.id)
    if call.switches.paging == "frozen":
        return cursor
    rows = _find(call, user, cursor.filter)
    return _Cursor(user.id, cursor.filter, cursor.limit, cursor.offset, rows)


def _limit(call: Call) -> int:
    most = call.switches.page_limit
    if call.limit > most:
        raise errors.not_valid(f"Maximum limit allowed is {most}", "limit")
    return call.limit


def _find(call: Call, user: User, text: str | None) -> tuple[Found, ...]:
    terms = parse_filter(text, _FILTERS, dates=(_POST_DATE,))
    dated = [term for term in terms if term.prop == _POST_DATE]
    others = [term for term in terms if term.prop != _POST_DATE]
    found: list[Found] = []
    for account in user.accounts.values():
        pending_fits = _pending_fits(dated, account, call)
        found += [
            (account, row)
            for row in account.rows
            if _fits(row, account, others) and (pending_fits if not row.posted else _in_dates(row, account, dated))
        ]
    return tuple(found)


def _fits(row: Row, account: StoredAccount, terms: list[Term]) -> bool:
    return all(term.allows(_field(row, account, term.prop)) for term in terms)


def _field(row: Row, account: StoredAccount, prop: str) -> str:
    match prop:
        case "account.id":
            return account.id
        case "connection.id":
            return account.connection_id
        case "institution.id":
            return account.connector.id
        case "transaction.status":
            return _status(row)
        case "transaction.direction":
            return _direction(row)
    return class_of(row)


def _in_dates(row: Row, account: StoredAccount, dated: list[Term]) -> bool:
    """Compare the date that the row shows, which for open banking is the UTC one (undocumented)."""
    posted = _post_instant(row, account).date().isoformat() if dated else ""
    return all(term.allows(posted) for term in dated)


def _pending_fits(dated: list[Term], account: StoredAccount, call: Call) -> bool:
    """Say whether pending rows pass a date filter: they have no post date.

    The documents say that they are included when the filter covers the last 7 days; read as: any of them.
    """
    mode = call.switches.pending_in_date_filters
    if not dated or mode == "always":
        return True
    today = call.platform.now().astimezone(account.connector.bank.zone).date()
    recent = [today - timedelta(days=back) for back in range(_PENDING_DAYS + 1)]
    return mode == "last-7-days" and any(_covers(dated, day) for day in recent)


def _covers(dated: list[Term], day: date) -> bool:
    return all(term.allows(day.isoformat()) for term in dated)


def transaction_shape(call: Call, user_id: str, account: StoredAccount, row: Row) -> dict[str, object]:
    """Tell a row as the API does."""
    post_date = call.instant(_post_instant(row, account)) if row.posted else None
    return {
        "type": "transaction",
        "id": row.id,
        "status": _status(row),
        "description": row.text,
        "reference": row.reference,
        "amount": money(row.amount),
        "currency": account.currency,
        "account": account.id,
        "balance": None if row.balance is None else money(row.balance),
        "direction": _direction(row),
        "class": class_of(row),
        "institution": account.connector.id,
        "connection": account.connection_id,
        "transactionDate": _transaction_date(row, account, call),
        "postDate": post_date,
        "subClass": sub_class_of(row, with_payments=call.switches.payment_sub_classes),
        "enrich": enrichment_of(row.text) if call.switches.enrich_included else None,
        "links": _links(account, row, call, user_id),
    }


def _links(account: StoredAccount, row: Row, call: Call, user_id: str) -> dict[str, str | None]:
    user_url = f"{call.base}/users/{user_id}"
    return {
        "self": f"{user_url}/transactions/{row.id}",
        "account": f"{user_url}/accounts/{account.id}",
        "institution": call.base + institution_path(account.connector.id, call.switches),
        "connection": None,
    }


def _status(row: Row) -> str:
    return "posted" if row.posted else "pending"


def _direction(row: Row) -> str:
    return "debit" if row.amount < 0 else "credit"


def _post_instant(row: Row, account: StoredAccount) -> datetime:
    """Give the day at midnight UTC for web connectors, which know no more, and the real instant for open banking."""
    assert row.booking_date is not None  # noqa: S101 - posted rows only
    assert row.booked_at is not None  # noqa: S101
    return row.booked_at if account.connector.method == "openbanking" else _midnight(row.booking_date)


def _transaction_date(row: Row, account: StoredAccount, call: Call) -> str | None:
    """Write when the person paid, as far as it is known."""
    wanted = call.switches.transaction_dates
    known = wanted == "always" or (wanted == "cards" and row.kind in {Kind.CARD, Kind.CARD_REFUND, Kind.CASH})
    if row.posted and not known:
        return call.absent_date
    is_open_banking = account.connector.method == "openbanking"
    return call.instant(row.occurred_at if is_open_banking else _midnight(row.transaction_date))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
