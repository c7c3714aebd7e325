"""Summaries over the API: made once, kept as they were (providers/basiq.md, section 5.3)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.calls import UUID, Call, Gate
from bankweave_sandbox.basiq.data.transactions import Cursors, answer_page, transaction_shape
from bankweave_sandbox.basiq.enrichment.categories import expense_class_of
from bankweave_sandbox.basiq.events.journal import absolute
from bankweave_sandbox.basiq.insights.affordability import affordability_of
from bankweave_sandbox.basiq.insights.expenses import expenses_of
from bankweave_sandbox.basiq.insights.income import income_of
from bankweave_sandbox.basiq.insights.paper import answer_csv, answer_pdf, wants
from bankweave_sandbox.basiq.insights.selection import Selection, read_selection
from bankweave_sandbox.basiq.state import Row, Snapshot, StoredAccount, User

_PDF, _CSV = "application/pdf", "text/csv"


def routes(gate: Gate) -> list[Route]:
    list_rows = partial(_list_transactions, Cursors())
    affordability, income, expenses = (f"/users/{{user_id}}/{kind}" for kind in ("affordability", "income", "expenses"))
    one = "/{snapshot_id}"
    return [
        gate.route("POST", affordability, create_affordability, produces=(_PDF,)),
        gate.route("GET", affordability, list_affordability),
        gate.route("GET", affordability + one, partial(_get, "affordability"), produces=(_PDF,)),
        gate.route("GET", f"{affordability}{one}/transactions", list_rows, produces=("application/csv",)),
        gate.route("POST", income, partial(_create, "income", income_of)),
        gate.route("GET", income + one, partial(_get, "income")),
        gate.route("POST", expenses, partial(_create, "expenses", expenses_of)),
        gate.route("GET", expenses + one, partial(_get, "expenses"), produces=(_CSV,)),
    ]


def create_affordability(call: Call) -> Response:
    """Make the summary together with the income and the expenses that it links to."""
    user, selection = _asked(call)
    if selection is None:
        return Response(status_code=204)
    income = _keep(call, user, "income", selection, income_of(selection))
    expenses = _keep(call, user, "expenses", selection, expenses_of(selection))
    shape = affordability_of(selection)
    generated = {"generatedDate": call.instant(call.platform.now())}
    links = {"income": _path(income), "expenses": _path(expenses)}
    snapshot = _keep(call, user, "affordability", selection, {**shape, **generated}, links)
    return _told(snapshot, call)


def list_affordability(call: Call) -> Response:
    found = [snapshot for snapshot in call.user.snapshots.values() if snapshot.kind == "affordability"]
    return call.listing([absolute(_listed(snapshot), call.base) for snapshot in found])


def _create(kind: str, sum_up: Callable[[Selection], dict[str, object]], call: Call) -> Response:
    """Make a summary that stands alone."""
    user, selection = _asked(call)
    if selection is None:
        return Response(status_code=204)
    return _told(_keep(call, user, kind, selection, sum_up(selection)), call)


def _get(kind: str, call: Call) -> Response:
    return _told(_snapshot(call, kind), call)


def _list_transactions(cursors: Cursors, call: Call) -> Response:
    """List the rows that the summary was made of, by pages as transactions are."""
    snapshot = _snapshot(call, "affordability")
    if wants(call, "application/csv"):
        return answer_csv("application/csv", [_csv_row(account, row) for account, row in snapshot.rows])
    url = f"{call.user_url}/affordability/{snapshot.id}/transactions"
    return answer_page(cursors, call, snapshot.rows, url, lambda account, row: _row_shape(call, account, row))


def _row_shape(call: Call, account: StoredAccount, row: Row) -> dict[str, object]:
    """Tell a row with the class of its expense, whose code is a number here and spelt with a capital."""
    shape = transaction_shape(call, call.user.id, account, row)
    del shape["subClass"]
    if shape["class"] != "payment":
        return shape
    expense = expense_class_of(row)
    return {**shape, "subClass": {"title": expense.title, "Code": int(expense.code)}}


def _csv_row(account: StoredAccount, row: Row) -> dict[str, object]:
    day = (row.booking_date or row.transaction_date).isoformat()
    return {"account": account.id, "date": day, "description": row.text, "amount": str(row.amount)}


def _asked(call: Call) -> tuple[User, Selection | None]:
    """Read what is to be summed up; None where there is nothing, which is answered with 204."""
    user = call.user
    call.demand_json_type()
    selection = read_selection(call, user)
    _count(call)
    return user, selection if selection.rows else None


def _count(call: Call) -> None:
    """Hold the daily limit: as many as users were made that day, a thousand at most (switch snapshot_limit)."""
    now, switches = call.platform.now(), call.switches
    since = now - timedelta(days=1)
    users = call.platform.users.values()
    made = sum(at > since for user in users for at in user.snapshots_made)
    limit = switches.snapshots_per_day
    if switches.snapshot_limit == "users-of-the-day":
        limit = min(limit, sum(event.type_id == "user.created" for event in call.platform.journal.since(since)))
    if made >= limit:
        raise errors.too_many_requests()
    call.user.snapshots_made.append(now)


def _keep(
    call: Call,
    user: User,
    kind: str,
    selection: Selection,
    shape: dict[str, object],
    links: dict[str, str] | None = None,
) -> Snapshot:
    id_ = str(uuid.uuid4())
    path = f"/users/{user.id}/{kind}/{id_}"
    accounts = [f"/users/{user.id}/accounts/{account.id}" for account in selection.accounts]
    told = {**shape, "id": id_, "links": {"self": path, "accounts": accounts, **(links or {})}}
    institutions = tuple(dict.fromkeys(account.connector.id for account in selection.accounts))
    # A copy of each row is kept: what is retrieved later does not change a summary.
    snapshot = Snapshot(id_, kind, call.platform.now(), told, institutions, tuple(selection.pairs()))
    user.snapshots[id_] = snapshot
    return snapshot


def _path(snapshot: Snapshot) -> str:
    links = snapshot.shape["links"]
    return str(links["self"]) if isinstance(links, dict) else ""


def _snapshot(call: Call, kind: str) -> Snapshot:
    user, wanted = call.user, call.path("snapshot_id")
    if not UUID.fullmatch(wanted):
        raise errors.path_not_valid("Snapshot ID parameter is not valid", "snapshotId")
    snapshot = user.snapshots.get(wanted)
    if snapshot is None or snapshot.kind != kind:
        raise errors.not_found("Requested snapshot does not exist.")
    return snapshot


def _told(snapshot: Snapshot, call: Call) -> Response:
    if wants(call, _PDF):
        return answer_pdf(f"{snapshot.kind} {snapshot.id}", snapshot.shape)
    if wants(call, _CSV):
        return answer_csv(_CSV, [{"field": name, "value": value} for name, value in snapshot.shape.items()])
    return JSONResponse(absolute(snapshot.shape, call.base))


def _listed(snapshot: Snapshot) -> dict[str, object]:
    shape = snapshot.shape
    links = shape["links"]
    shown = {name: shape[name] for name in ("type", "id", "coverageDays", "fromMonth", "toMonth", "generatedDate")}
    kept = {name: url for name, url in links.items() if name != "accounts"} if isinstance(links, dict) else {}
    return {**shown, "institutions": list(snapshot.institutions), "links": kept}
