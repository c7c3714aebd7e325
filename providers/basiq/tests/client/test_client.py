"""What the client makes of Basiq's answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from providers.basiq.tests.conftest import (
    BASE,
    USER,
    Desk,
    connection,
    connector,
    consent,
    done,
    failed,
    job,
    listing,
    mfa,
    refusal,
    reply,
    running,
    step,
    token,
    transaction,
    user,
)

from bankweave.adapter import Request, Response
from bankweave.errors import (
    InvalidOrder,
    MalformedAnswer,
    OriginRefused,
    ProviderRefused,
    RateLimited,
    UnknownConnection,
    WrongSubject,
)
from bankweave_basiq.client import AsyncBasiqClient, Filter, JobState

pytestmark = pytest.mark.anyio
T = TypeVar("T")


def client(desk: Desk) -> AsyncBasiqClient:
    desk.know_user()
    return desk.adapter.client(desk.ctx)


def given(_: Desk, call: Awaitable[T]) -> Awaitable[T]:
    """A call that is made when there are answers for it."""
    return call


@pytest.fixture
def basiq(desk: Desk) -> AsyncBasiqClient:
    desk.answers(token())
    return client(desk)


# Whose it is ---------------------------------------------------------------------------------------------------------------


async def test_owner_without_a_user_is_told_so(desk: Desk) -> None:
    with pytest.raises(UnknownConnection):
        await desk.adapter.client(desk.ctx).consents.list()
    assert desk.ctx.http.sent == []


async def test_user_is_made_once_and_remembered(desk: Desk) -> None:
    basiq = desk.adapter.client(desk.ctx)
    desk.answers(token(), user(), user(), user(), user())
    await basiq.users.create({"email": "anna@example.com"})
    await basiq.users.create({"email": "anna@example.com"})
    assert desk.operations.count("create_user") == 1
    assert desk.ctx.remembered["user_id"] == USER


@pytest.mark.parametrize("links", [{"self": "/users/user-2/consents"}, {"self": f"{BASE}/users/user-2"}])
async def test_answer_about_another_person_is_not_used(desk: Desk, basiq: AsyncBasiqClient, links: object) -> None:
    with pytest.raises(WrongSubject):
        await given(desk.answers(reply({"data": [], "links": links})), basiq.consents.list())
    with pytest.raises(WrongSubject):
        await given(desk.answers(listing({**consent(), "links": links})), basiq.consents.list())
    with pytest.raises(WrongSubject):
        await given(desk.answers(reply({"id": "acc-1", "links": links})), basiq.accounts.get("acc-1"))


@pytest.mark.parametrize("id_", ["", "..", ".", "a\nb", "x" * 201])
async def test_id_that_is_none_is_refused_before_anything_is_sent(
    desk: Desk, basiq: AsyncBasiqClient, id_: str
) -> None:
    with pytest.raises(InvalidOrder):
        await basiq.connections.delete(id_)
    assert desk.ctx.http.sent == []


async def test_id_cannot_leave_its_place_in_the_path(desk: Desk, basiq: AsyncBasiqClient) -> None:
    desk.answers(Response(status=204))
    await basiq.connections.delete("../../users?x")
    assert desk.sent("delete_connection")[0].url == f"{BASE}/users/{USER}/connections/..%2F..%2Fusers%3Fx"


async def test_what_is_not_there_is_said(desk: Desk, basiq: AsyncBasiqClient) -> None:
    with pytest.raises(ProviderRefused) as caught:
        await given(desk.answers(refusal(404, "resource-not-found")), basiq.connections.get("con-1"))
    assert caught.value.code == "resource-not-found"


async def test_nothing_of_a_person_is_printed(desk: Desk, basiq: AsyncBasiqClient) -> None:
    one = reply({"id": USER, "email": "anna@example.com", "firstName": "Anna", "shoeSize": "private"})
    found = await given(desk.answers(one), basiq.users.get())
    assert found.first_name == "Anna"
    assert (found.model_extra or {})["shoeSize"] == "private"
    assert repr(found) == str(found) == f"User(id='{USER}')" or "private" not in f"{found!r}{found}"
    assert "anna" not in f"{found!r}{found}".lower()


# Filters -------------------------------------------------------------------------------------------------------------------


def test_filter_says_what_was_asked() -> None:
    asked = (
        Filter()
        .equal("a.b", "x")
        .unequal("a.b", "y")
        .any_of("c", "1", "2")
        .between("d", date(2026, 1, 2), "2026-02-01")
        .above("e", "1")
        .at_least("f", "2")
        .below("g", "3")
        .at_most("h", "4")
        .equal("nothing", None)
        .any_of("nothing")
    )
    assert asked.params["filter"] == (
        "a.b.eq('x'),a.b.ne('y'),c.in('1','2'),d.bt('2026-01-02','2026-02-01'),e.gt('1'),f.gteq('2'),g.lt('3'),h.lteq('4')"
    )
    assert Filter().params == {}
    assert (Filter().equal("a", "1") & Filter().equal("b", "2")).params == {"filter": "a.eq('1'),b.eq('2')"}


@pytest.mark.parametrize(("name", "value"), [("a", "x'),b.eq('y"), ("a", "x\n"), ("a.eq('x'),b", "y"), ("", "x")])
def test_filter_cannot_be_broken_out_of(name: str, value: str) -> None:
    with pytest.raises(InvalidOrder):
        Filter().equal(name, value)


# Consents and connections ----------------------------------------------------------------------------------------------------


async def test_consent_tells_all_that_basiq_does(desk: Desk, basiq: AsyncBasiqClient) -> None:
    links = {"consentPolicy": f"{BASE}/policies/p1", "latestConsentPolicy": f"{BASE}/policies/p2"}
    agreed = consent(links=links, purpose={"primary": {"title": "Budget"}, "other": None}, revoked="")
    (found,) = await given(desk.answers(listing(agreed)), basiq.consents.list())
    assert (found.is_active, found.permissions, found.revoked) == (True, ("account.basic",), None)
    assert (found.policy, found.latest_policy, found.is_outdated) == ("p1", "p2", True)
    assert found.expiry_date == datetime(2027, 1, 1, tzinfo=UTC)
    assert found.purpose is not None
    assert found.purpose.primary is not None
    assert found.purpose.primary.title == "Budget"


async def test_one_consent_is_found_by_its_id(desk: Desk, basiq: AsyncBasiqClient) -> None:
    desk.answers(listing(consent(), consent("consent-2")), listing())
    assert (await basiq.consents.get("consent-2")).id == "consent-2"
    with pytest.raises(ProviderRefused):
        await basiq.consents.get("consent-2")


async def test_refreshes_of_open_banking_are_counted_with_those_of_the_syncs(
    desk: Desk, basiq: AsyncBasiqClient
) -> None:
    bank = connection(method="open-banking")
    for n in range(20):
        desk.answers(reply(bank), reply({"type": "job", "id": f"job-{n}"}, 202))
        assert await basiq.connections.refresh("con-1") == f"job-{n}"
    with pytest.raises(RateLimited):
        await given(desk.answers(reply(bank)), basiq.connections.refresh("con-1"))


async def test_refreshing_all_gives_every_job(desk: Desk, basiq: AsyncBasiqClient) -> None:
    desk.answers(listing(connection(), connection("con-2")), reply({"data": [{"id": "job-1"}, {"id": "job-2"}]}, 202))
    assert await basiq.connections.refresh_all() == ("job-1", "job-2")


@pytest.mark.parametrize("status", ["pending", "invalid", "pre-init", "init", "revoked", "brand-new"])
async def test_only_an_active_connection_is_usable(desk: Desk, basiq: AsyncBasiqClient, status: str) -> None:
    found = await given(desk.answers(listing(connection(status=status), connection())), basiq.connections.list())
    assert [each.is_usable for each in found] == [False, True]


async def test_banks_are_searched_by_words_of_their_name(desk: Desk, basiq: AsyncBasiqClient) -> None:
    banks = [connector(), connector("AU00001", name="Pied Piper Bank", shortName="PPB"), connector("AU00002", name="X")]
    desk.answers(*[listing(*banks)] * 3)
    assert [bank.id for bank in await basiq.institutions.search("bank piper", country="au")] == ["AU00001"]
    assert [bank.id for bank in await basiq.institutions.search("ppb")] == ["AU00001"]
    (found,) = await basiq.institutions.search("AU00000")
    assert (found.name, found.logo_url, found.is_available) == ("Hooli Bank", "https://example.com/s.svg", True)
    first = desk.sent("list_connectors")[0].params["filter"]
    assert first == "connector.institution.country.eq('Australia'),connector.stage.eq('live')"


@pytest.mark.parametrize(("status", "available"), [("operational", True), ("major-outage", False), ("odd", False)])
async def test_bank_that_is_down_is_not_available(
    desk: Desk, basiq: AsyncBasiqClient, status: str, *, available: bool
) -> None:
    authorization = {"type": "user-mfa-intermittent", "meta": {"login_id_caption": "Login"}}
    one = {**connector(), "status": status, "authorization": authorization}
    found = await given(desk.answers(reply(one)), basiq.institutions.get("AU00000"))
    assert (found.is_available, found.asks) == (available, True)


# Jobs ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (running("job-1"), JobState.RUNNING),
        (done("job-1"), JobState.SUCCEEDED),
        (failed("job-1", "invalid-credentials"), JobState.FAILED),
        (job("job-1", step("verify-credentials"), step("mfa-challenge", "in-progress", [mfa()])), JobState.ASKING),
        (job("job-1", step("verify-credentials"), step("mfa-challenge", "in-progress")), JobState.RUNNING),
        (job("job-1"), JobState.RUNNING),
    ],
)
async def test_job_stands_where_its_steps_say(
    desk: Desk, basiq: AsyncBasiqClient, answer: Response, state: JobState
) -> None:
    assert (await given(desk.answers(answer), basiq.jobs.get("job-1"))).state is state


async def test_job_tells_what_is_asked_and_why_it_failed(desk: Desk, basiq: AsyncBasiqClient) -> None:
    asking = job("job-1", step("mfa-challenge", "in-progress", mfa("security-questions", "First?", "Second?")))
    desk.answers(asking, failed("job-1", "invalid-credentials", "locked"))
    asked = await basiq.jobs.get("job-1")
    assert asked.question is not None
    assert (asked.question.method, asked.question.input) == ("security-questions", ("First?", "Second?"))
    why = (await basiq.jobs.get("job-1")).failure
    assert why is not None
    assert (why.code, why.detail) == ("invalid-credentials", "locked")


async def test_job_of_another_person_is_not_shown(desk: Desk, basiq: AsyncBasiqClient) -> None:
    desk.answers(done("job-1", user_id="user-2"), done("job-2"))
    for _ in range(2):
        with pytest.raises(WrongSubject):
            await basiq.jobs.get("job-1")


async def test_waiting_ends_with_the_job_or_with_its_time(desk: Desk, basiq: AsyncBasiqClient) -> None:
    desk.answers(running("job-1"), running("job-1"), done("job-1"))
    assert (await basiq.jobs.wait("job-1")).connection == "con-1"
    assert desk.ctx.slept == [2, 2]
    desk.answers(*[running("job-1")] * 3)
    assert (await basiq.jobs.wait("job-1", seconds=3)).state is JobState.RUNNING
    assert sum(desk.ctx.slept) == 7


async def test_answers_go_out_with_the_persons_token(desk: Desk) -> None:
    basiq = client(desk)
    await given(desk.answers(token("client"), reply({"id": "job-1"}, 202)), basiq.jobs.answer("job-1", ["1234"]))
    (sent,) = desk.sent("answer_challenge")
    assert sent.headers["Authorization"] == "Bearer client"
    assert sent.body == b'{"mfa-response":["1234"]}'
    with pytest.raises(InvalidOrder):
        await basiq.jobs.answer("job-1", "1234")


# Data ----------------------------------------------------------------------------------------------------------------------


async def rows_of(basiq: AsyncBasiqClient, **asked: Any) -> list[str]:
    return [row.id async for row in basiq.transactions.list(**asked)]


async def test_pages_are_followed_to_the_end(desk: Desk, basiq: AsyncBasiqClient) -> None:
    second = f"{BASE}/users/{USER}/transactions?next=abc"
    desk.answers(listing(transaction("1"), next=second), listing(transaction("2"), next=None))
    assert await rows_of(basiq, account="a1", status="posted", since=date(2026, 1, 1)) == ["1", "2"]
    first, then = desk.sent("list_transactions")
    assert first.params == {
        "limit": "500",
        "filter": "account.id.eq('a1'),transaction.status.eq('posted'),transaction.postDate.gteq('2026-01-01')",
    }
    assert then.url.endswith("?next=abc")


@pytest.mark.parametrize(
    ("link", "error"),
    [
        ("https://evil.example/users/user-1/transactions?next=a", OriginRefused),
        ("/users/user-2/transactions?next=a", MalformedAnswer),
        ("/users/user-1/transactions", MalformedAnswer),
        ("/users/user-1/accounts?next=a", MalformedAnswer),
    ],
)
async def test_next_page_is_only_where_it_belongs(
    desk: Desk, basiq: AsyncBasiqClient, link: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await given(desk.answers(listing(next=link)), rows_of(basiq))


async def test_circle_of_pages_is_left(desk: Desk, basiq: AsyncBasiqClient) -> None:
    desk.answers(*[listing(transaction(), next=f"/users/{USER}/transactions?next=a")] * 3)
    with pytest.raises(MalformedAnswer):
        await rows_of(basiq)


async def test_transaction_tells_all_that_basiq_does(desk: Desk, basiq: AsyncBasiqClient) -> None:
    enrich = {"cleanDescription": "Coffee", "tags": ["a:b"], "merchant": {"businessName": "Cafe"}, "location": None}
    bpay = {"bpay": {"billerCode": "1", "billerName": "B", "crn": "2"}}
    one = transaction(enrich=enrich, paymentDetails=bpay, subClass={"code": 451, "title": "Cafes"}, balance="10.00")
    found = await given(desk.answers(reply(one)), basiq.transactions.get("tx-1"))
    assert (found.amount, found.balance, found.kind) == (Decimal("-4.50"), Decimal("10.00"), "payment")
    assert found.sub_class is not None
    assert found.sub_class.code == "451"
    assert found.enrich is not None
    assert found.enrich.merchant is not None
    assert (found.enrich.clean_description, found.enrich.merchant.business_name) == ("Coffee", "Cafe")


async def test_backfill_reads_every_day_once_and_the_newest_first(desk: Desk, basiq: AsyncBasiqClient) -> None:
    days = {f"2026-01-{day:02}": f"tx-{day:02}" for day in range(1, 11)}

    def span(request: Request) -> Response:
        asked = request.params["filter"]
        first, after = asked.partition("gteq('")[2][:10], asked.partition("lt('")[2][:10]
        found = [transaction(id_, postDate=f"{day}T00:00:00Z") for day, id_ in days.items() if first <= day < after]
        return listing(*found)

    desk.answers(*[span] * 4)
    found = await basiq.transactions.backfill(date(2026, 1, 1), date(2026, 1, 10), account="a1")
    assert [row.id for row in found] == sorted(days.values(), reverse=True)
    assert len(desk.sent("list_transactions")) == 4


@pytest.mark.parametrize(("windows", "until"), [(0, 2), (25, 2), (4, -1)])
async def test_backfill_of_nothing_is_refused(desk: Desk, basiq: AsyncBasiqClient, windows: int, until: int) -> None:
    since = date(2026, 1, 1)
    with pytest.raises(InvalidOrder):
        await basiq.transactions.backfill(since, since + timedelta(days=until), windows=windows)
    assert desk.ctx.http.sent == []


async def test_one_day_is_one_window(desk: Desk, basiq: AsyncBasiqClient) -> None:
    desk.answers(listing())
    assert await basiq.transactions.backfill(date(2026, 1, 1), date(2026, 1, 1), windows=4) == ()


async def test_snapshot_without_data_is_none(desk: Desk, basiq: AsyncBasiqClient) -> None:
    assert await given(desk.answers(Response(status=204)), basiq.income.create()) is None
    made = reply({"id": "s1", "fromMonth": "2026-01", "summary": {"netPosition": "12.30"}, "assets": [{"a": 1}]})
    found = await given(desk.answers(made), basiq.affordability.create())
    assert found is not None
    assert found.summary is not None
    assert (found.summary.net_position, found.assets) == (Decimal("12.30"), ({"a": 1},))


async def test_statement_is_sent_as_a_form_with_a_file(desk: Desk, basiq: AsyncBasiqClient) -> None:
    desk.answers(reply({"id": "job-1"}, 202))
    assert await basiq.statements.upload("AU00002", "may.pdf", b"%PDF\r\n") == "job-1"
    (sent,) = desk.sent("upload_statement")
    boundary = sent.headers["Content-Type"].partition("boundary=")[2]
    assert sent.body is not None
    parts = sent.body.split(f"--{boundary}".encode())
    assert parts[1].endswith(b'name="institutionId"\r\n\r\nAU00002\r\n')
    assert parts[2].endswith(b"Content-Type: application/pdf\r\n\r\n%PDF\r\n\r\n")
    assert parts[3] == b"--\r\n"


@pytest.mark.parametrize("name", ["may.exe", "may", 'a".pdf', "a\r\n.pdf"])
async def test_file_that_is_no_statement_is_refused(basiq: AsyncBasiqClient, name: str) -> None:
    with pytest.raises(InvalidOrder):
        await basiq.statements.upload("AU00002", name, b"")


@pytest.mark.parametrize(
    ("kind", "operation", "read"),
    [
        ("application/pdf", "get_report", lambda basiq: basiq.reports.pdf("r1")),
        ("application/pdf", "get_affordability", lambda basiq: basiq.affordability.pdf("s1")),
        (
            "application/csv",
            "list_affordability_transactions",
            lambda basiq: basiq.affordability.transactions_csv("s1"),
        ),
        ("text/csv", "get_expenses", lambda basiq: basiq.expenses.csv("s1")),
    ],
)
async def test_what_there_is_as_a_file_is_read_as_one(
    desk: Desk, basiq: AsyncBasiqClient, kind: str, operation: str, read: Callable[[AsyncBasiqClient], Awaitable[bytes]]
) -> None:
    sent = Response(status=200, headers={"content-type": kind}, body=b"%PDF")
    assert await given(desk.answers(sent), read(basiq)) == b"%PDF"
    assert desk.sent(operation)[0].headers["Accept"] == kind


async def test_json_is_not_taken_for_a_file(desk: Desk, basiq: AsyncBasiqClient) -> None:
    desk.answers(Response(status=200, headers={"content-type": "application/json; charset=utf-8"}, body=b"{}"))
    with pytest.raises(MalformedAnswer, match="a file was asked for"):
        await basiq.affordability.pdf("s1")


async def test_option_that_a_user_does_not_have_changes_nothing_in_silence(desk: Desk, basiq: AsyncBasiqClient) -> None:
    with pytest.raises(InvalidOrder, match="no mobil, but email, mobile"):
        await basiq.users.update({"mobil": "+61410888666"})
    assert desk.ctx.http.sent == []
