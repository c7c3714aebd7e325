from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bankweave.adapter import Page, Request, Response, Stream
from bankweave.errors import AccessRevoked, BankweaveError, MalformedAnswer, ProviderRefused, WrongSubject
from bankweave.model import AccountType, BalanceType, PartyRole
from bankweave.testing import FakeContext, ScriptedHttp
from bankweave_kontist import Kontist, KontistSettings
from bankweave_kontist.grant import Grant

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
GRANT = Grant(access_token="access-1", refresh_token="r", confirmed=True)
STREAM = Stream(id="acc-1", accounts=("acc-1",))
UNAUTHORIZED = Response(status=200, body=b'{"errors":[{"message":"Unauthorized"}],"data":null}')
EVERYTHING = {
    "firstName": " Ada ",
    "lastName": "Lovelace",
    "mainAccount": {
        "publicId": "acc-1",
        "iban": "DE32110101001000000029",
        "bic": "SOBKDEBBXXX",
        "name": None,
        "balance": 123456,
        "availableBalance": 100006,
    },
}


def data(viewer: object) -> Response:
    return Response(status=200, body=json.dumps({"data": {"viewer": viewer}}).encode())


def row(id: str, day: str = "2026-11-20", **changes: Any) -> dict[str, Any]:  # noqa: A002  the field's name
    midnight = datetime.fromisoformat(f"{day}T00:00:00+01:00").astimezone(UTC)
    fields = ("name", "iban", "purpose", "e2eId", "mandateNumber", "category", "categoryCode",
              "merchantCategoryCode", "originalAmount", "foreignCurrency")  # fmt: skip
    booked = midnight.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    known = {"id": id, "amount": -100, "type": "DIRECT_DEBIT", "bookingDate": booked, "valutaDate": booked}
    return dict.fromkeys(fields) | known | changes


def page(*rows: dict[str, Any], then: str | None = None, more: bool | None = None, of: str = "acc-1") -> Response:
    info = {"hasNextPage": then is not None if more is None else more, "endCursor": then}
    found = {"edges": [{"node": each} for each in rows], "pageInfo": info}
    return data({"mainAccount": {"publicId": of, "transactions": found}})


def scripted(*answers: Response | BankweaveError) -> FakeContext:
    return FakeContext(http=ScriptedHttp(list(answers)), clock=NOW)


async def pull(
    kontist: Kontist, ctx: FakeContext, *, cursor: str | None = None, since: date | None = None
) -> list[Page]:
    return [each async for each in kontist.pull(ctx, GRANT, STREAM, cursor=cursor, since=since)]


def ids(pages: list[Page]) -> list[str | None]:
    return [each.provider_id for page in pages for each in page.rows]


def variables(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(request.body or b"")["variables"]
    return found


def bearers(ctx: FakeContext) -> list[str]:
    return [request.headers["Authorization"] for request in ctx.http.sent]


# The account ----------------------------------------------------------------------------------------------------------


async def test_the_account_is_shown_with_balances_owner_and_stream(kontist: Kontist) -> None:
    snapshot = await kontist.open(ctx := scripted(data(EVERYTHING)), GRANT)
    (account,) = snapshot.accounts
    assert (account.provider_id, account.type, account.currency) == ("acc-1", AccountType.CURRENT, "EUR")
    assert (account.iban, account.bic, account.owner_name) == (
        "DE32110101001000000029", "SOBKDEBBXXX", "Ada Lovelace")  # fmt: skip
    assert {(each.type, each.amount, each.observed_at) for each in snapshot.balances} == {
        (BalanceType.INTERIM_BOOKED, Decimal("1234.56"), NOW),
        (BalanceType.INTERIM_AVAILABLE, Decimal("1000.06"), NOW),
    }
    (party,) = snapshot.parties
    assert (party.name, party.role, party.account_provider_ids) == ("Ada Lovelace", PartyRole.OWNER, ("acc-1",))
    assert snapshot.streams == (STREAM,)
    assert len(ctx.http.sent) == 1


async def test_a_user_without_an_account_has_nothing_yet(kontist: Kontist) -> None:
    snapshot = await kontist.open(scripted(data({"firstName": "Ada", "lastName": None, "mainAccount": None})), GRANT)
    assert (snapshot.accounts, snapshot.streams) == ((), ())


async def test_a_user_without_a_name_is_no_party(kontist: Kontist) -> None:
    snapshot = await kontist.open(scripted(data(EVERYTHING | {"firstName": None, "lastName": ""})), GRANT)
    assert snapshot.parties == ()
    assert snapshot.accounts[0].owner_name is None


async def test_kontist_is_its_own_institution_in_germany(kontist: Kontist) -> None:
    ctx = scripted()
    assert [each.id for each in await kontist.institutions(ctx, None)] == ["kontist"]
    assert [each.country for each in await kontist.institutions(ctx, "de")] == ["DE"]
    assert list(await kontist.institutions(ctx, "PL")) == []


# Tokens ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rejected", [Response(status=401), UNAUTHORIZED])
async def test_a_rejected_token_is_renewed_once_and_the_request_repeated(kontist: Kontist, rejected: Response) -> None:
    ctx = scripted(rejected, data(EVERYTHING))
    assert len((await kontist.open(ctx, GRANT)).accounts) == 1
    assert bearers(ctx) == ["Bearer access-1", "Bearer access-2"]


async def test_a_token_that_is_rejected_twice_means_that_the_access_is_gone(kontist: Kontist) -> None:
    ctx = scripted(UNAUTHORIZED, Response(status=401))
    with pytest.raises(AccessRevoked):
        await kontist.open(ctx, GRANT)
    assert len(ctx.http.sent) == 2


async def test_a_token_that_ends_between_two_pages_loses_none(kontist: Kontist) -> None:
    ctx = scripted(page(row("t-1"), then="c1"), UNAUTHORIZED, page(row("t-2")))
    assert ids(await pull(kontist, ctx)) == ["t-1", "t-2"]
    assert [variables(request).get("after") for request in ctx.http.sent] == [None, "c1", "c1"]


# Transactions ---------------------------------------------------------------------------------------------------------


async def test_all_pages_are_read_in_order(kontist: Kontist) -> None:
    ctx = scripted(page(row("t-1"), row("t-2"), then="c1"), page(row("t-3"), then="c2"), page(row("t-4")))
    pages = await pull(kontist, ctx)
    assert ids(pages) == ["t-1", "t-2", "t-3", "t-4"]
    assert [variables(request).get("after") for request in ctx.http.sent] == [None, "c1", "c2"]
    assert [each.account for each in pages] == ["acc-1"] * 3
    assert pages[-1].next is None


async def test_each_row_comes_with_kontists_own_record(kontist: Kontist) -> None:
    sent = row("t-1", name="Zoë", originalAmount=760.5, foreignCurrency="CHF", surprise=[1])
    ((record,),) = [each.raw for each in await pull(kontist, scripted(page(sent)))]
    assert json.loads(record) == sent


async def test_a_record_is_kept_to_the_byte(kontist: Kontist) -> None:
    answer = page(row("t-1", surprise=0.1))
    sent = answer.body.replace(b'"surprise": 0.1', b'"surprise" : 0.10')
    ((record,),) = [each.raw for each in await pull(kontist, scripted(replace(answer, body=sent)))]
    assert sent != answer.body
    assert record in sent
    assert b'"surprise" : 0.10' in record


async def test_a_record_that_is_no_json_is_not_stored(kontist: Kontist) -> None:
    (only,) = await pull(kontist, scripted(page(row("t-1", surprise=float("nan")))))
    with pytest.raises(MalformedAnswer):
        list(only.raw)


async def test_an_empty_account_is_one_empty_page(kontist: Kontist) -> None:
    (empty,) = await pull(kontist, scripted(page()))
    assert (empty.account, empty.rows, list(empty.raw), empty.next) == ("acc-1", (), [], None)


async def test_an_interrupted_reading_goes_on_where_it_stood(kontist: Kontist) -> None:
    since = date(2026, 1, 31)
    pages = await pull(kontist, before := scripted(page(row("t-1"), then="c1"), page(row("t-2"))), since=since)
    after = scripted(page(row("t-2")))
    assert ids(await pull(kontist, after, cursor=pages[0].next)) == ["t-2"]
    assert variables(after.http.sent[0]) == variables(before.http.sent[1])


@pytest.mark.parametrize("cursor", ["c1", "{", '{"page": 3}'])
async def test_a_cursor_that_is_not_ours_means_to_begin_again(kontist: Kontist, cursor: str) -> None:
    ctx = scripted(page(row("t-1")))
    assert ids(await pull(kontist, ctx, cursor=cursor)) == ["t-1"]
    assert variables(ctx.http.sent[0]) == {"first": 50}


async def test_rows_since_a_day_begin_at_its_berlin_midnight(kontist: Kontist) -> None:
    ctx = scripted(page())
    await pull(kontist, ctx, since=date(2026, 7, 1))
    assert variables(ctx.http.sent[0])["filter"] == {"bookingDate_gte": "2026-06-30T22:00:00.000Z"}


async def test_open_reservations_are_found_however_short_the_window(kontist: Kontist) -> None:
    held = row("held", "2026-11-01", type="CARD_USAGE", valutaDate=None)
    ctx = scripted(page(row("new", "2026-11-20"), row("old", "2026-11-19"), held))
    assert ids(pages := await pull(kontist, ctx, since=date(2026, 11, 20))) == ["new", "held"]
    assert [json.loads(record)["id"] for record in pages[0].raw] == ["new", "held"]
    assert variables(ctx.http.sent[0])["filter"] == {"bookingDate_gte": "2026-10-22T22:00:00.000Z"}


async def test_how_long_reservations_live_is_a_setting() -> None:
    kontist = Kontist(KontistSettings(client_id="c", reservation_days=0))
    ctx = scripted(page())
    await pull(kontist, ctx, since=date(2026, 11, 20))
    assert variables(ctx.http.sent[0])["filter"] == {"bookingDate_gte": "2026-11-19T23:00:00.000Z"}


@pytest.mark.parametrize(
    "answers",
    [
        [page(row("t-1"), then="c1"), page(row("t-2"), then="c1")],
        [page(row("t-1"), then="c1"), page(row("t-2"), then="c2"), page(row("t-3"), then="c1")],
        [page(row("t-1"), more=True)],
        [page(then=f"c{number}") for number in range(100)],
    ],
    ids=["the same cursor", "a circle", "more without a cursor", "empty pages without end"],
)
async def test_pages_that_lead_nowhere_end_with_an_error(kontist: Kontist, answers: list[Response]) -> None:
    with pytest.raises(MalformedAnswer):
        await pull(kontist, scripted(*answers))


async def test_a_single_empty_page_on_the_way_is_no_end(kontist: Kontist) -> None:
    assert ids(await pull(kontist, scripted(page(then="c1"), page(row("t-1"))))) == ["t-1"]


async def test_a_page_of_another_account_is_not_used(kontist: Kontist) -> None:
    with pytest.raises(WrongSubject):
        await pull(kontist, scripted(page(row("t-1"), of="acc-2")))


async def test_an_account_that_is_gone_is_no_empty_account(kontist: Kontist) -> None:
    with pytest.raises(ProviderRefused):
        await pull(kontist, scripted(data({"mainAccount": None})))


async def test_a_page_with_one_unreadable_row_is_not_used_at_all(kontist: Kontist) -> None:
    with pytest.raises(MalformedAnswer):
        await pull(kontist, scripted(page(row("t-1"), row("t-2", amount="12.34"))))


async def test_reading_stops_when_nobody_asks_for_more(kontist: Kontist) -> None:
    ctx = scripted(page(row("t-1"), then="c1"))
    async for _ in kontist.pull(ctx, GRANT, STREAM, cursor=None, since=None):
        break
    assert len(ctx.http.sent) == 1


async def test_the_first_second_of_a_berlin_day_belongs_to_it(kontist: Kontist) -> None:
    edge = datetime(2026, 11, 20, tzinfo=UTC) - timedelta(hours=1)
    ctx = scripted(page(row("t-1", bookingDate=edge.isoformat())))
    assert ids(await pull(kontist, ctx, since=date(2026, 11, 20))) == ["t-1"]
