"""Reports over the API: ordered, made by a job, kept as they were (providers/basiq.md, section 5.3)."""

from __future__ import annotations

import uuid
from datetime import timedelta

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.calls import Call, Gate
from bankweave_sandbox.basiq.data.accounts import full_account
from bankweave_sandbox.basiq.data.transactions import Cursors, answer_page, transaction_shape
from bankweave_sandbox.basiq.enrichment.merchants import report_enrichment_of
from bankweave_sandbox.basiq.events.journal import absolute
from bankweave_sandbox.basiq.insights.consumer_report import consumer_report
from bankweave_sandbox.basiq.insights.paper import answer_pdf, wants
from bankweave_sandbox.basiq.insights.report_types import CONSUMER, REPORT_TYPES, Order, read_order
from bankweave_sandbox.basiq.insights.selection import Selection, chosen_accounts
from bankweave_sandbox.basiq.insights.statement_report import statement_report
from bankweave_sandbox.basiq.state import Report, Row, StoredAccount, User

_PDF = "application/pdf"
_KEPT = timedelta(days=365)


def routes(gate: Gate) -> list[Route]:
    cursors = Cursors()

    def list_rows(call: Call) -> Response:
        report = _finished(call, "report_id")
        url = f"{call.base}/reports/{report.id}/transactions"
        return answer_page(cursors, call, report.rows, url, lambda account, row: _row_shape(call, report, account, row))

    return [
        gate.route("POST", "/reports", create_report),
        gate.route("GET", "/reports", list_reports),
        gate.route("GET", "/reports/types", list_types),
        gate.route("GET", "/reports/types/{type_id}", get_type),
        gate.route("GET", "/reports/{report_id}", get_report, produces=(_PDF,)),
        gate.route("DELETE", "/reports/{report_id}", delete_report),
        gate.route("GET", "/reports/{report_id}/transactions", list_rows),
    ]


def create_report(call: Call) -> Response:
    """Take an order. The data are those of this moment; the report can be read once its job is over."""
    call.demand_json_type()
    order = read_order(call.json())
    users = _users(order, call)
    report = _made(order, users, call)
    call.platform.reports[report.id] = report
    return JSONResponse(call.job_reference(report.job_id), status_code=202)


def list_reports(call: Call) -> Response:
    reports = [report for report in call.platform.reports.values() if _is_finished(report, call)]
    data = [_told(report, call, with_data=False) for report in reports]
    return call.listing(data, count=len(data), size=len(data))


def get_report(call: Call) -> Response:
    report = _finished(call, "report_id")
    if wants(call, _PDF):
        return answer_pdf(report.title, report.data)
    return JSONResponse(_told(report, call, with_data=True))


def delete_report(call: Call) -> Response:
    del call.platform.reports[_finished(call, "report_id").id]
    return Response(status_code=204)


def list_types(call: Call) -> Response:  # noqa: ARG001 - the types are the same for everybody
    data = [one.shape() for one in REPORT_TYPES.values()]
    return JSONResponse({"type": "list", "count": len(data), "data": data})


def get_type(call: Call) -> Response:
    wanted = REPORT_TYPES.get(call.path("type_id"))
    if wanted is None:
        raise errors.not_found("Requested report type does not exist.")
    return JSONResponse(wanted.shape())


def _row_shape(call: Call, report: Report, account: StoredAccount, row: Row) -> dict[str, object]:
    """Tell a row enriched, as those of reports always are."""
    shape = transaction_shape(call, report.owners.get(account.id, ""), account, row)
    return {**shape, "enrich": report_enrichment_of(row.text)}


def _users(order: Order, call: Call) -> list[User]:
    ids = order.filters["users"] if order.type is CONSUMER else [order.filters["user"]]
    if not ids:
        raise errors.not_supplied("filter users is required", "users")
    users = [call.platform.users.get(id_) for id_ in ids]
    found = [user for user in users if user is not None]
    if len(found) < len(users):
        raise errors.not_found("Requested user does not exist.")
    return found


def _made(order: Order, users: list[User], call: Call) -> Report:
    now = call.platform.now()
    accounts = _accounts(order, users)
    first, last = order.day("fromDate", now.date()), order.day("toDate", now.date())
    if first > last:
        raise errors.not_valid("fromDate must not be after toDate", "fromDate")
    selection = Selection(accounts, first, last)
    id_ = str(uuid.uuid4())
    return Report(
        id=id_,
        job_id=str(uuid.uuid4()),
        type_id=order.type.id,
        title=order.title,
        filters=order.filters,
        made=now,
        due=now + timedelta(seconds=call.switches.report_seconds),
        data={**_data(order, users, selection, call), "transactions": f"/reports/{id_}/transactions"},
        rows=tuple((account, row) for account, row in selection.pairs()),
        owners=_owners(users),
        fails=call.switches.reports_fail,
    )


def _accounts(order: Order, users: list[User]) -> tuple[StoredAccount, ...]:
    """Find the named accounts among those of all users; an empty list means all (undocumented)."""
    known = {id_: account for user in users for id_, account in user.accounts.items()}
    ids = order.filters["accounts"] if order.type is CONSUMER else [order.filters["account"]]
    return chosen_accounts(ids, known) if ids else tuple(known.values())


def _data(order: Order, users: list[User], selection: Selection, call: Call) -> dict[str, object]:
    if order.type is not CONSUMER:
        return statement_report(users[0], selection.accounts[0], call.switches)
    owners = _owners(users)
    accounts = [full_account(one, "", owners[one.id], call.switches) for one in selection.accounts]
    # The report's schema knows no null here.
    told = [{name: value for name, value in account.items() if value is not None} for account in accounts]
    return {**consumer_report(order, selection), "accounts": told}


def _owners(users: list[User]) -> dict[str, str]:
    return {account: user.id for user in users for account in user.accounts}


def _is_finished(report: Report, call: Call) -> bool:
    return report.due <= call.platform.now() and not report.fails


def _finished(call: Call, name: str) -> Report:
    report = call.platform.reports.get(call.path(name))
    if report is None or not _is_finished(report, call):
        raise errors.not_found("Requested report does not exist.")
    return report


def _told(report: Report, call: Call, *, with_data: bool) -> dict[str, object]:
    data = {"data": absolute(report.data, call.base)} if with_data else {}
    return {
        "type": "report",
        "id": report.id,
        "title": report.title,
        "reportType": report.type_id,
        "createdDate": call.instant(report.made),
        "expiresAt": call.instant(report.made + _KEPT),
        "createdBy": "Basiq",
        "filters": _filters(report),
        **data,
        "links": {"self": f"{call.base}/reports/{report.id}"},
    }


def _filters(report: Report) -> list[dict[str, object]]:
    """Repeat the filters; one that was null cannot be told, as the specification knows no null there."""
    return [{"name": name, "value": value} for name, value in report.filters.items() if value is not None]
