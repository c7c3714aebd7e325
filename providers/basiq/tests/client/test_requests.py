"""Every request of the client, against the vendor's own specification."""

from __future__ import annotations

import inspect
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from providers.basiq.tests.conftest import Desk, reply, token
from providers.basiq.tests.test_contract import SPECIFICATION, find, validator

from bankweave.adapter import Request, Response
from bankweave_basiq.client import AsyncBasiqClient, Filter

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(
        not SPECIFICATION.is_file(),
        reason="the file shared/specs/basiq-v3.openapi.json is missing beside the repository",
    ),
]
Call = Callable[[AsyncBasiqClient], Awaitable[object] | AsyncIterator[object]]
WHERE = Filter().equal("account.id", "a1")
DAY = date(2026, 5, 1)

CALLS: dict[str, Call] = {
    "users.get": lambda c: c.users.get(),
    "users.update": lambda c: c.users.update({"first_name": "A", "email": "a@b.example"}, address={"suburb": "Glebe"}),
    "users.delete": lambda c: c.users.delete(),
    "consents.list": lambda c: c.consents.list(),
    "consents.delete": lambda c: c.consents.delete("consent-1"),
    "auth_links.create": lambda c: c.auth_links.create("+61410888666"),
    "auth_links.get": lambda c: c.auth_links.get(),
    "auth_links.delete": lambda c: c.auth_links.delete(),
    "connections.list": lambda c: c.connections.list(status="active", institution="AU00000"),
    "connections.get": lambda c: c.connections.get("con-1"),
    "connections.refresh": lambda c: c.connections.refresh("con-1"),
    "connections.refresh_all": lambda c: c.connections.refresh_all(),
    "connections.purge": lambda c: c.connections.purge("con-1"),
    "connections.delete": lambda c: c.connections.delete("con-1"),
    "institutions.list": lambda c: c.institutions.list(country="AU", tiers=("1", "2"), kind="Bank"),
    "institutions.search": lambda c: c.institutions.search("hooli"),
    "institutions.get": lambda c: c.institutions.get("AU00000", "web"),
    "jobs.list": lambda c: c.jobs.list(connection="con-1"),
    "jobs.get": lambda c: c.jobs.get("x"),
    "jobs.wait": lambda c: c.jobs.wait("x", seconds=0),
    "jobs.answer": lambda c: c.jobs.answer("x", ["1234"]),
    "accounts.list": lambda c: c.accounts.list(connection="con-1", institution="AU00000"),
    "accounts.get": lambda c: c.accounts.get("acc-1"),
    "transactions.list": lambda c: c.transactions.list(account="a", since=DAY, until=DAY, direction="debit", kind="x"),
    "transactions.get": lambda c: c.transactions.get("tx-1"),
    "transactions.backfill": lambda c: c.transactions.backfill(DAY, DAY, account="a"),
    "identities.list": lambda c: c.identities.list(),
    "identities.get": lambda c: c.identities.get("identity-1"),
    "statements.upload": lambda c: c.statements.upload("AU00002", "may.pdf", b"%PDF"),
    "affordability.create": lambda c: c.affordability.create(accounts=["a"], from_month="2026-01", to_month="2026-05"),
    "affordability.list": lambda c: c.affordability.list(),
    "affordability.get": lambda c: c.affordability.get("s1"),
    "affordability.pdf": lambda c: c.affordability.pdf("s1"),
    "affordability.transactions": lambda c: c.affordability.transactions("s1"),
    "affordability.transactions_csv": lambda c: c.affordability.transactions_csv("s1"),
    "income.create": lambda c: c.income.create(),
    "income.get": lambda c: c.income.get("s1"),
    "expenses.create": lambda c: c.expenses.create(from_month="2026-01"),
    "expenses.get": lambda c: c.expenses.get("s1"),
    "expenses.csv": lambda c: c.expenses.csv("s1"),
    "reports.types": lambda c: c.reports.types(),
    "reports.type": lambda c: c.reports.type("CON_AFFOR_01"),
    "reports.create": lambda c: c.reports.create(
        "CON_AFFOR_01", "May", {"users": ["user-1"], "fromDate": "2026-01-01"}
    ),
    "reports.list": lambda c: c.reports.list(),
    "reports.get": lambda c: c.reports.get("r1"),
    "reports.pdf": lambda c: c.reports.pdf("r1"),
    "reports.delete": lambda c: c.reports.delete("r1"),
    "reports.transactions": lambda c: c.reports.transactions("r1", where=WHERE),
    "enrich.lookup": lambda c: c.enrich.lookup(
        "GARFISH MANLY", "AU06703", amount=Decimal("-1.50"), account_type="loan"
    ),
    "events.list": lambda c: c.events.list(entity="consent", event_type="revoked"),
    "events.get": lambda c: c.events.get("e1"),
    "events.types": lambda c: c.events.types(),
    "events.type": lambda c: c.events.type("consent.revoked"),
    "events.unread": lambda c: c.events.unread(),
    "webhooks.create": lambda c: c.webhooks.create("https://a.example", ["consent.revoked"], name="a", description="b"),
    "webhooks.list": lambda c: c.webhooks.list(),
    "webhooks.get": lambda c: c.webhooks.get("w1"),
    "webhooks.update": lambda c: c.webhooks.update("w1", "https://a.example", name="n"),
    "webhooks.delete": lambda c: c.webhooks.delete("w1"),
    "webhooks.test": lambda c: c.webhooks.test("user.created", "hello"),
    "webhooks.messages": lambda c: c.webhooks.messages("w1", where=Filter().equal("status", "Failed")),
    "webhooks.message": lambda c: c.webhooks.message("w1", "m1"),
}
# These ask for nothing of their own: what they need is among the calls above.
OTHERS = {
    "users.create",
    "users.id",
    "consents.get",
    "consent_pages.open",
    "consent_pages.read_return",
    "events.mark_read",
}


def answer(request: Request) -> Response:
    """Something that every shape can be read from."""
    is_list = request.operation.startswith("list_") or request.operation in {"get_report_type", "refresh_connections"}
    made = {"id": "x", "amount": "1.00", "links": {}, "steps": []}
    return reply({**made, "data": []} if is_list else made)


async def requests_of(desk: Desk, call: Call) -> list[Request]:
    desk.know_user().answers(token(), *[answer] * 6)
    found = call(desk.adapter.client(desk.ctx))
    if inspect.isawaitable(found):
        await found
    else:
        assert [row async for row in found] == []
    return [request for request in desk.ctx.http.sent if request.operation != "fetch_token"]


@pytest.fixture(scope="module")
def specification() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SPECIFICATION.read_text())
    return loaded


def test_every_method_of_the_client_is_looked_at() -> None:
    topics = inspect.get_annotations(AsyncBasiqClient, eval_str=True).items()
    methods = {f"{topic}.{name}" for topic, kind in topics for name in vars(kind) if not name.startswith("_")}
    assert methods == CALLS.keys() | OTHERS


@pytest.mark.parametrize("name", CALLS)
async def test_request_is_in_the_specification(desk: Desk, specification: dict[str, Any], name: str) -> None:
    requests = await requests_of(desk, CALLS[name])
    assert requests
    for request in requests:
        _, described = find(specification, request)
        query = {*request.params, *dict(parse_qsl(urlsplit(request.url).query))}
        assert query <= {one["name"] for one in described.get("parameters", []) if one["in"] == "query"}
        check_body(specification, described, request)


def check_body(specification: dict[str, Any], described: dict[str, Any], request: Request) -> None:
    body = described.get("requestBody")
    if body is not None and "$ref" in body:
        body = specification["components"]["requestBodies"][body["$ref"].rpartition("/")[2]]
    assert (request.body is None) == (body is None)
    if request.body is None or body is None:
        return
    media = request.headers["Content-Type"].partition(";")[0]
    assert media in body["content"]
    if media == "application/json":
        schema = body["content"][media]["schema"]
        validator(specification, _without_overlaps(schema, specification)).validate(json.loads(request.body))


def _without_overlaps(schema: dict[str, Any], specification: dict[str, Any]) -> dict[str, Any]:
    """The schema of a body, where a filter's value of a report may be several of the same kinds (a defect, section 11)."""
    name = schema.get("$ref", "").rpartition("/")[2]
    written = json.dumps(specification["components"]["schemas"][name] if name else schema)
    relaxed: dict[str, Any] = json.loads(written.replace('"oneOf"', '"anyOf"'))
    return relaxed


async def test_what_starts_something_is_never_sent_twice(desk: Desk) -> None:
    starts = {
        "jobs.answer",
        "statements.upload",
        "affordability.create",
        "income.create",
        "expenses.create",
        "reports.create",
        "webhooks.create",
        "webhooks.test",
    }
    found = set()
    for name, call in CALLS.items():
        desk.ctx.http.sent.clear()
        if not all(request.repeatable for request in await requests_of(Desk(), call)):
            found.add(name)
    assert found == starts
