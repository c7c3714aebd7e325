from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest
from providers.basiq.tests.conftest import (
    BASE,
    USER,
    Desk,
    account,
    connection,
    consent,
    listing,
    pending,
    refusal,
    reply,
    token,
    transaction,
)

from bankweave.adapter import Page, Response, Stream
from bankweave.errors import (
    AccessRevoked,
    BankweaveError,
    ConsentExpired,
    MalformedAnswer,
    OriginRefused,
    ProviderRefused,
    WrongSubject,
)
from bankweave.model import AccountType, BalanceType, ConsentStatus, PartyRole, TransactionStatus

pytestmark = pytest.mark.anyio

NEXT = f"{BASE}/users/{USER}/transactions?next=bf1ec9d4"


# Accounts --------------------------------------------------------------------------------------------------------------------


async def test_accounts_of_the_connection_are_opened_with_their_balances_and_holders(desk: Desk) -> None:
    money: dict[str, Any] = {
        "balance": "356.50",
        "availableFunds": "420.28",
        "lastUpdated": "2026-01-01T00:00:09Z",
        "creditLimit": "",
    }
    holder: dict[str, Any] = {"accountHolder": "GAVIN BELSON", "accountOwnership": "ONE_PARTY", "isOwned": True}
    desk.answers(token(), listing(connection()), listing(account(**money, **holder)), listing(consent()))
    snapshot = await desk.open()
    (one,) = snapshot.accounts
    assert (one.provider_id, one.type, one.number) == ("acc-1", AccountType.CURRENT, "600000157441965")
    assert [(b.type, b.amount, b.currency, b.credit_limit_included) for b in snapshot.balances] == [
        (BalanceType.INTERIM_BOOKED, Decimal("356.50"), "AUD", False),
        (BalanceType.INTERIM_AVAILABLE, Decimal("420.28"), "AUD", None),
    ]
    assert snapshot.balances[0].observed_at == datetime(2026, 1, 1, 0, 0, 9, tzinfo=UTC)
    assert [(p.name, p.role, p.account_provider_ids) for p in snapshot.parties] == [
        ("GAVIN BELSON", PartyRole.OWNER, ("acc-1",))
    ]
    assert [(s.id, s.accounts) for s in snapshot.streams] == [("acc-1", ("acc-1",))]
    assert snapshot.consent is not None
    assert snapshot.consent.status is ConsentStatus.VALID


async def test_one_connection_is_asked_for_by_filter(desk: Desk) -> None:
    desk.answers(token(), listing(connection()), listing(), listing())
    await desk.open()
    assert desk.sent("list_accounts")[0].params == {"filter": "connection.id.eq('con-1')"}


async def test_accounts_of_the_users_other_connections_are_not_taken(desk: Desk) -> None:
    link = {"connection": f"{BASE}/users/{USER}/connections/con-2"}
    mine = [account("a"), account("b", connection=None, links=link)]
    others = [account("c", connection="con-3"), account("d", connection=None)]
    desk.answers(token(), listing(connection(), connection("con-2")), listing(*mine, *others), listing())
    snapshot = await desk.open("con-1", "con-2")
    assert [one.provider_id for one in snapshot.accounts] == ["a", "b"]
    assert desk.sent("list_accounts")[0].params == {}


async def test_account_that_hardly_says_anything_is_opened(desk: Desk) -> None:
    bare = {"id": "a", "currency": "AUD", "class": ["odd"], "balance": None, "availableFunds": "", "accountHolder": ""}
    desk.answers(token(), listing(connection()), listing(bare), listing())
    snapshot = await desk.open()
    assert snapshot.accounts[0].type is AccountType.UNKNOWN
    assert (snapshot.balances, snapshot.parties, snapshot.consent) == ((), (), None)


async def test_answer_about_another_user_is_not_used(desk: Desk) -> None:
    foreign = listing(account(), self=f"{BASE}/users/user-2/accounts")
    desk.answers(token(), listing(connection()), foreign)
    with pytest.raises(WrongSubject):
        await desk.open()


async def test_account_of_another_user_in_an_own_list_is_not_used(desk: Desk) -> None:
    foreign = account(links={"self": "/users/user-2/accounts/acc-1"})
    desk.answers(token(), listing(connection()), listing(foreign))
    with pytest.raises(WrongSubject):
        await desk.open()


async def test_lost_connection_needs_the_person(desk: Desk) -> None:
    desk.answers(token(), listing(connection("another")), listing(consent(status="revoked")))
    with pytest.raises(AccessRevoked):
        await desk.open()


async def test_consent_ends_when_the_bank_ends_it_if_that_is_sooner(desk: Desk) -> None:
    sooner = connection(method="openbanking", expiryDate="2026-12-31T00:00:00.000Z")
    desk.answers(token(), listing(sooner), listing(), listing(consent()))
    snapshot = await desk.open()
    assert snapshot.consent is not None
    assert snapshot.consent.valid_until == datetime(2026, 12, 31, tzinfo=UTC)


async def test_active_consent_counts_and_without_one_the_newest(desk: Desk) -> None:
    old = consent("old", status="revoked", updated="2030-01-01T00:00:00Z")
    desk.answers(token(), listing(connection()), listing(), listing(old, consent("new")))
    assert (await desk.open()).consent.provider_id == "new"  # type: ignore[union-attr]
    expired = consent("late", status="expired", updated="2031-01-01T00:00:00Z")
    desk.answers(listing(connection()), listing(), listing(old, expired))
    with pytest.raises(ConsentExpired) as ended:
        await desk.open()
    assert ended.value.consent is not None
    assert (ended.value.consent.provider_id, ended.value.consent.status) == ("late", ConsentStatus.EXPIRED)


async def test_nothing_is_read_under_a_revoked_consent_though_the_connection_is_still_there(desk: Desk) -> None:
    desk.answers(token(), listing(connection()), listing(account()), listing(consent(status="revoked")))
    with pytest.raises(AccessRevoked) as ended:
        await desk.open()
    assert ended.value.consent is not None
    assert ended.value.consent.status is ConsentStatus.REVOKED_BY_USER


@pytest.mark.parametrize("consents", [[], [consent()], [consent(status="unheard-of")]])
async def test_connection_that_is_gone_is_no_revoked_consent(desk: Desk, consents: list[Any]) -> None:
    desk.answers(token(), listing(), listing(*consents))
    with pytest.raises(AccessRevoked) as gone:
        await desk.open()
    assert gone.value.consent is None


async def test_consent_tells_what_the_person_was_told(desk: Desk) -> None:
    links = {"consentPolicy": f"{BASE}/policies/p-1", "latestConsentPolicy": f"{BASE}/policies/p-2"}
    agreed = consent(purpose={"primary": {"title": "Share your data", "description": "..."}}, links=links)
    desk.answers(token(), listing(connection()), listing(), listing(agreed))
    told = (await desk.open()).consent
    assert told is not None
    assert (told.purpose, told.policy_urls) == ("Share your data", (f"{BASE}/policies/p-1",))
    assert told.permissions == ("account.basic",)


# Transactions ----------------------------------------------------------------------------------------------------------------


def ids(pages: list[Page]) -> list[list[str]]:
    return [[json.loads(record)["id"] for record in page.raw] for page in pages]


async def test_posted_rows_are_read_to_the_end_before_any_pending_one(desk: Desk) -> None:
    desk.answers(token(), listing(transaction("a"), next=NEXT), listing(transaction("b")), listing(pending("c")))
    pages = await desk.pull()
    assert ids(pages) == [["a"], ["b"], ["c"]]
    first, second, third = desk.sent("list_transactions")
    assert first.params == {
        "limit": "500",
        "filter": "account.id.eq('acc-1'),transaction.status.eq('posted')",
    }
    assert (second.url, second.params) == (NEXT, {})
    assert third.params["filter"] == "account.id.eq('acc-1'),transaction.status.eq('pending')"
    assert [page.next is None for page in pages] == [False, False, True]
    assert {page.account for page in pages} == {"acc-1"}


async def test_only_posted_rows_have_an_id_that_lasts(desk: Desk) -> None:
    desk.answers(token(), listing(transaction("a")), listing(pending("c")))
    (posted,), (waiting,) = (page.rows for page in await desk.pull())
    assert (posted.provider_id, posted.booking_date) == ("a", date(2026, 11, 20))
    assert (waiting.provider_id, waiting.booking_date) == (None, None)
    assert (waiting.status, waiting.transaction_date) == (TransactionStatus.PENDING, date(2026, 11, 21))


async def test_since_is_asked_of_posted_rows_with_a_day_to_spare_and_pending_ones_all_come(desk: Desk) -> None:
    rows = [transaction("old", postDate="2026-11-09T12:59:59Z"), transaction("new", postDate="2026-11-09T13:00:00Z")]
    older = pending("c", transactionDate="2026-01-01T00:00:00Z")
    desk.answers(token(), listing(*rows), listing(older))
    assert ids(await desk.pull(since=date(2026, 11, 10))) == [["new"], ["c"]]
    posted, waiting = desk.sent("list_transactions")
    assert posted.params["filter"].endswith(",transaction.postDate.gteq('2026-11-09')")
    assert "postDate" not in waiting.params["filter"]


async def test_pending_row_among_the_posted_ones_waits_for_its_turn(desk: Desk) -> None:
    desk.answers(token(), listing(pending("c"), transaction("a")), listing(pending("c2")))
    assert ids(await desk.pull()) == [["a"], ["c2"]]


async def test_reading_goes_on_from_a_cursor(desk: Desk) -> None:
    desk.answers(token(), listing(transaction("a"), next=NEXT), listing(transaction("b")), listing())
    pages = await desk.pull()
    desk.answers(listing(transaction("b")), listing())
    assert ids(await desk.pull(pages[0].next)) == [["b"], []]
    assert desk.sent("list_transactions")[3].url == NEXT
    desk.answers(listing(pending("c")))
    assert ids(await desk.pull(pages[1].next)) == [["c"]]


@pytest.mark.parametrize(
    "cursor", ["", "{}", "null", '{"status":"posted","query":"next=x","at":"2020-01-01T00:00:00Z"}']
)
async def test_cursor_that_is_too_old_or_not_ours_begins_anew(desk: Desk, cursor: str) -> None:
    desk.answers(token(), listing(transaction("a")), listing())
    assert ids(await desk.pull(cursor)) == [["a"], []]


async def test_cursor_that_basiq_no_longer_takes_begins_anew_once(desk: Desk) -> None:
    desk.answers(token(), listing(next=NEXT), listing(), listing())
    cursor = (await desk.pull())[0].next
    stale = refusal(400, "parameter-not-valid", parameter="next")
    desk.answers(stale, listing(transaction("a")), listing())
    assert ids(await desk.pull(cursor)) == [["a"], []]


async def test_place_lost_amid_reading_is_an_error_and_not_the_end(desk: Desk) -> None:
    desk.answers(token(), listing(transaction("a"), next=NEXT), refusal(400, "parameter-not-valid", parameter="next"))
    with pytest.raises(ProviderRefused):
        await desk.pull()


@pytest.mark.parametrize(
    ("link", "error"),
    [
        ("https://evil.example/users/user-1/transactions?next=x", OriginRefused),
        ("//evil.example/users/user-1/transactions?next=x", OriginRefused),
        ("https://au-api.basiq.io@evil.example/users/user-1/transactions?next=x", OriginRefused),
        ("https://me@au-api.basiq.io/users/user-1/transactions?next=x", OriginRefused),
        ("https://au-api.basiq.io:444/users/user-1/transactions?next=x", OriginRefused),
        ("http://au-api.basiq.io/users/user-1/transactions?next=x", OriginRefused),
        ("https://au-api.basiq.io./users/user-1/transactions?next=x", OriginRefused),
        ("https:\\\\evil.example/users/user-1/transactions?next=x", BankweaveError),
        ("/users/user-1/transactions?next=x\r\nHost: evil", OriginRefused),
        ("/users/user-2/transactions?next=x", WrongSubject),
        ("/users/user-1/accounts?next=x", MalformedAnswer),
        ("/users/user-1/transactions", MalformedAnswer),
        ("https://[::1/users/user-1/transactions?next=x", MalformedAnswer),
        (f"/users/user-1/transactions?next={'x' * 9000}", MalformedAnswer),
    ],
)
async def test_next_page_is_only_where_it_belongs(desk: Desk, link: str, error: type[BankweaveError]) -> None:
    desk.answers(token(), listing(transaction("a"), next=link))
    with pytest.raises(error):
        await desk.pull()
    assert len(desk.sent("list_transactions")) == 1


@pytest.mark.parametrize("link", [NEXT, f"/users/{USER}/transactions?next=bf1ec9d4", NEXT.replace(".io/", ".io:443/")])
async def test_next_page_is_followed_however_it_is_written(desk: Desk, link: str) -> None:
    desk.answers(token(), listing(transaction("a"), next=link), listing(transaction("b")), listing())
    assert ids(await desk.pull()) == [["a"], ["b"], []]
    assert desk.sent("list_transactions")[1].url == NEXT


async def test_next_that_is_null_or_empty_is_the_end(desk: Desk) -> None:
    desk.answers(token(), listing(transaction("a"), next=None), listing(next=""))
    assert ids(await desk.pull()) == [["a"], []]


async def test_circle_of_pages_is_left(desk: Desk) -> None:
    desk.answers(token(), *[listing(transaction("a"), next=NEXT)] * 3)
    with pytest.raises(MalformedAnswer, match="circle"):
        await desk.pull()
    assert len(desk.sent("list_transactions")) == 2


async def test_endless_empty_pages_are_left(desk: Desk) -> None:
    desk.answers(token(), *[listing(next=f"{NEXT}{n}") for n in range(100)])
    with pytest.raises(MalformedAnswer, match="circle"):
        await desk.pull()
    assert len(desk.sent("list_transactions")) < 15


async def test_row_of_another_account_spoils_the_page(desk: Desk) -> None:
    desk.answers(token(), listing(transaction("a"), transaction("b", account="acc-2")))
    with pytest.raises(WrongSubject):
        await desk.pull()


async def test_old_rows_without_a_currency_are_in_the_accounts(desk: Desk) -> None:
    rows = [transaction("a", currency=None), transaction("b", currency="")]
    desk.answers(token(), listing(*rows), reply(account(currency="NZD")), listing(pending("c", currency=None)))
    assert {row.currency for page in await desk.pull() for row in page.rows} == {"NZD"}
    assert len(desk.sent("get_account")) == 1


async def test_record_is_kept_beside_the_row_with_what_is_not_used(desk: Desk) -> None:
    more = {
        "links": {"self": "x"},
        "paymentDetails": {"bpay": {"crn": "1"}},
        "enrich": {"tags": ["a:b"], "merchant": None},
    }
    row = transaction("a", **more)
    desk.answers(token(), listing(row), listing())
    assert json.loads((await desk.pull())[0].raw[0]) == row


async def test_record_is_kept_to_the_byte(desk: Desk) -> None:
    sent = json.dumps(transaction("a")).replace("{", '{ "fee":0.10, "number":12345678901234567890.50,', 1).encode()
    desk.answers(token(), Response(status=200, body=b'{"data": [ %b ]}' % sent), listing())
    assert list((await desk.pull())[0].raw) == [sent]


async def test_a_record_that_is_no_json_is_not_stored(desk: Desk) -> None:
    desk.answers(token(), listing(transaction("a", surprise=float("nan"))), listing())
    (page, *_) = await desk.pull()
    with pytest.raises(MalformedAnswer):
        list(page.raw)


async def test_records_are_those_of_the_rows_that_were_taken(desk: Desk) -> None:
    rows = [pending("p"), transaction("a"), transaction("b", postDate="2026-11-01T00:00:00Z"), transaction("c")]
    desk.answers(token(), listing(*rows), listing(pending("q")))
    posted, waiting = await desk.pull(since=date(2026, 11, 19))
    assert [row.provider_id for row in posted.rows] == ["a", "c"]
    assert ids([posted, waiting]) == [["a", "c"], ["q"]]


async def test_account_that_is_gone_is_said_to_be(desk: Desk) -> None:
    desk.answers(token(), refusal(404, "resource-not-found"))
    with pytest.raises(AccessRevoked):
        await desk.pull()


async def test_filter_cannot_be_broken_out_of(desk: Desk) -> None:
    adapter = desk.adapter
    stream = (await _opened(desk, "acc')"))[0]
    with pytest.raises(MalformedAnswer, match="filter"):
        _ = [page async for page in adapter.pull(desk.ctx, desk.grant(), stream, cursor=None, since=None)]


async def _opened(desk: Desk, id_: str) -> tuple[Stream, ...]:
    desk.answers(token(), listing(connection()), listing(account(id_)), listing())
    return (await desk.open()).streams


async def test_cursor_lives_an_hour(desk: Desk) -> None:
    desk.answers(token(), listing(next=NEXT), listing(), listing())
    cursor = (await desk.pull())[0].next
    desk.ctx.clock += timedelta(hours=1)
    desk.answers(listing(transaction("a")), listing())
    await desk.pull(cursor)
    assert desk.sent("list_transactions")[3].params["limit"] == "500"


async def test_query_of_the_next_page_goes_out_as_it_came(desk: Desk) -> None:
    desk.answers(token(), listing(next=f"{NEXT}%2B%27&filter=account.id.eq('acc-1')"), listing(), listing())
    await desk.pull()
    query = desk.sent("list_transactions")[1].url.partition("?")[2]
    assert query == "next=bf1ec9d4%2B%27&filter=account.id.eq('acc-1')"
    assert parse_qs(query)["next"] == ["bf1ec9d4+'"]
