from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from bankweave.adapter import Request, Response
from bankweave.errors import BankweaveError, InvalidOrder, MalformedAnswer, OutcomeUnknown, ProviderRefused
from bankweave.testing import FakeContext, ScriptedHttp
from bankweave_kontist import Kontist
from bankweave_kontist.client.transactions import Transactions
from bankweave_kontist.transactions.categories import TransactionCategory, VatRate
from bankweave_kontist.transactions.filters import Filter
from bankweave_kontist.transactions.records import Preset, TransactionPage
from bankweave_kontist.transactions.splits import SplitOrder

pytestmark = pytest.mark.anyio

SPLIT = {"id": 7, "uuid": "s-7", "amount": -100, "category": "PRIVATE", "categoryCode": None, "vatCategoryCode": None,
         "vatRate": None, "categorizationType": "USER", "userSelectedBookingDate": None}  # fmt: skip


def row(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": name,
        "amount": -1234,
        "name": "Kiosk",
        "iban": None,
        "type": "CARD_USAGE",
        "bookingDate": "2026-06-30T22:00:00.000Z",
        "valutaDate": None,
        "createdAt": "2026-07-01T10:11:12.345+00:00",
        "paymentMethod": "card",
        "purpose": None,
        "e2eId": None,
        "category": "VAT_19",
        "userSelectedBookingDate": None,
        "originalAmount": 760,
        "foreignCurrency": "CHF",
        "fees": [{"type": "CARD_FX", "status": "CHARGED", "unitAmount": 25, "usedAt": None}],
        "splits": [],
    } | changes


def connection(*rows: dict[str, Any], start: str | None = None, end: str | None = None, **more: Any) -> dict[str, Any]:
    info = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": start, "endCursor": end} | more
    edges = [{"cursor": f"at-{each['id']}", "node": each} for each in rows]
    return {"transactions": {"edges": edges, "pageInfo": info}}


def page(*rows: dict[str, Any], start: str | None = None, end: str | None = None, **more: Any) -> Response:
    return account(connection(*rows, start=start, end=end, **more))


def account(value: dict[str, Any] | None) -> Response:
    return data({"viewer": {"mainAccount": value}})


def data(value: dict[str, Any]) -> Response:
    return Response(status=200, body=json.dumps({"data": value}).encode())


@pytest.fixture
def scripted(kontist: Kontist) -> Callable[..., tuple[Transactions, FakeContext]]:
    def make(*answers: Response | BankweaveError) -> tuple[Transactions, FakeContext]:
        ctx = FakeContext(http=ScriptedHttp(list(answers)))
        return kontist.client(ctx).transactions, ctx

    return make


Scripted = Callable[..., tuple[Transactions, FakeContext]]


def variables(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(request.body or b"").get("variables", {})
    return found


def names(shown: TransactionPage | None) -> list[str]:
    assert shown is not None
    return [each.id for each in shown.rows]


# Reading --------------------------------------------------------------------------------------------------------------


async def test_a_transaction_has_euros_berlin_days_and_kontists_words(scripted: Scripted) -> None:
    transactions, _ = scripted(page(row("t-1", splits=[SPLIT], somethingNew=1)))
    (found,) = (await transactions.newest()).rows
    assert (found.amount, found.booking_date, found.valuta_date) == (Decimal("-12.34"), date(2026, 7, 1), None)
    assert found.created_at == datetime(2026, 7, 1, 10, 11, 12, 345_000, tzinfo=UTC)
    assert (found.type, found.payment_method, found.category) == ("CARD_USAGE", "card", TransactionCategory.VAT_19)
    assert (found.original_amount, found.foreign_currency) == (Decimal(760), "CHF")
    assert (found.fees[0].type, found.fees[0].unit_amount) == ("CARD_FX", Decimal("0.25"))
    assert (found.splits[0].id, found.splits[0].amount) == (7, Decimal("-1.00"))
    assert found.is_reservation


async def test_a_word_that_kontist_adds_later_is_kept(scripted: Scripted) -> None:
    transactions, _ = scripted(page(row("t-1", type="TELEPATHY", category="VAT_23")))
    (found,) = (await transactions.newest()).rows
    assert (found.type, found.category, found.is_reservation) == ("TELEPATHY", "VAT_23", False)


async def test_a_transaction_without_what_it_must_have_is_no_answer(scripted: Scripted) -> None:
    broken = row("t-1")
    del broken["amount"]
    transactions, _ = scripted(page(broken))
    with pytest.raises(MalformedAnswer) as raised:
        await transactions.newest()
    assert "Kiosk" not in str(raised.value)
    assert raised.value.origin.operation == "transaction_page"


async def test_the_newest_page_goes_on_to_older_and_back_to_newer(scripted: Scripted) -> None:
    transactions, ctx = scripted(
        page(row("t-3"), start="c3", end="c3", hasNextPage=True),
        page(row("t-2"), start="c2", end="c2", hasNextPage=True),
        page(row("t-3"), start="c3", end="c3", hasNextPage=False),
    )
    first = await transactions.newest(1)
    second = await first.next()
    assert second is not None
    back = await second.previous()
    assert [names(each) for each in (first, second, back)] == [["t-3"], ["t-2"], ["t-3"]]
    assert await first.previous() is None
    assert back is not None
    assert back.has_next
    assert [variables(request) for request in ctx.http.sent] == [
        {"first": 1},
        {"first": 1, "after": "c3"},
        {"last": 1, "before": "c2"},
    ]


async def test_the_last_page_has_no_next(scripted: Scripted) -> None:
    transactions, ctx = scripted(page(row("t-1"), end="c1"))
    assert await (await transactions.newest()).next() is None
    assert len(ctx.http.sent) == 1


@pytest.mark.parametrize("count", [0, -1, 51])
async def test_a_page_cannot_be_larger_than_kontists(scripted: Scripted, count: int) -> None:
    transactions, ctx = scripted()
    with pytest.raises(InvalidOrder):
        await transactions.newest(count)
    assert ctx.http.sent == []


async def test_pages_are_read_only_when_they_are_needed(scripted: Scripted) -> None:
    transactions, ctx = scripted(
        page(row("t-4"), row("t-3"), end="c3", hasNextPage=True), page(row("t-2"), end="c2", hasNextPage=False)
    )
    rows = transactions.list()
    assert ctx.http.sent == []
    assert [(await anext(rows)).id, (await anext(rows)).id] == ["t-4", "t-3"]
    assert len(ctx.http.sent) == 1
    assert [each.id async for each in rows] == ["t-2"]
    assert variables(ctx.http.sent[1]) == {"first": 50, "after": "c3"}


async def test_oldest_first_reads_from_the_other_end(scripted: Scripted) -> None:
    transactions, ctx = scripted(
        page(row("t-2"), row("t-1"), start="c2", end="c1", hasPreviousPage=True),
        page(row("t-4"), row("t-3"), start="c4", end="c3", hasPreviousPage=False),
    )
    assert [each.id async for each in transactions.list(oldest_first=True)] == ["t-1", "t-2", "t-3", "t-4"]
    assert [variables(request) for request in ctx.http.sent] == [{"last": 50}, {"last": 50, "before": "c2"}]


@pytest.mark.parametrize("end", [None, "c1"])
async def test_a_list_that_leads_nowhere_ends_with_an_error(scripted: Scripted, end: str | None) -> None:
    again = page(row("t-1"), end=end, hasNextPage=True)
    transactions, _ = scripted(again, again, again)
    with pytest.raises(MalformedAnswer):
        [each async for each in transactions.list()]


async def test_empty_pages_do_not_go_on_for_ever(scripted: Scripted) -> None:
    endless = [page(end=f"c{number}", hasNextPage=True) for number in range(100)]
    transactions, ctx = scripted(*endless)
    with pytest.raises(MalformedAnswer):
        [each async for each in transactions.list()]
    assert len(ctx.http.sent) < 50


async def test_filters_and_presets_are_sent(scripted: Scripted) -> None:
    transactions, ctx = scripted(page(), page())
    await transactions.newest(where=Filter(amount_gte=Decimal("1.50")))
    await transactions.newest(preset=Preset(value="missingTaxAssets", year=2026))
    assert variables(ctx.http.sent[0])["filter"] == {"amount_gte": 150, "operator": "AND"}
    assert variables(ctx.http.sent[1])["preset"] == {"value": "missingTaxAssets", "year": 2026}


async def test_a_search_filters_by_what_the_words_mean(scripted: Scripted) -> None:
    transactions, ctx = scripted(page(row("t-1")))
    assert [each.id async for each in transactions.search("kiosk 12,34")] == ["t-1"]
    sent = variables(ctx.http.sent[0])["filter"]
    assert (sent["amount_in"], sent["name_likeAny"]) == ([1234, -1234], ["kiosk", "12,34"])


async def test_a_sub_account_is_read_by_its_public_id(scripted: Scripted) -> None:
    transactions, ctx = scripted(data(connection(row("t-1"))))
    assert names(await transactions.newest(account="sub-1")) == ["t-1"]
    body = json.loads(ctx.http.sent[0].body or b"")
    assert (body["operationName"], body["variables"]["publicId"]) == ("AccountTransactionPage", "sub-1")


async def test_presets_are_for_the_main_account(scripted: Scripted) -> None:
    transactions, _ = scripted()
    with pytest.raises(InvalidOrder):
        await transactions.newest(account="sub-1", preset=Preset(value="x"))


async def test_a_user_without_an_account_is_told_so(scripted: Scripted) -> None:
    transactions, _ = scripted(account(None))
    with pytest.raises(ProviderRefused) as raised:
        await transactions.newest()
    assert raised.value.code == "no_account"


async def test_one_is_found_by_its_id_or_not(scripted: Scripted) -> None:
    asset = {"id": "a-1", "name": "r.pdf", "filetype": "pdf", "path": "p", "thumbnail": "t", "fullsize": "f",
             "assetableId": "t-1"}  # fmt: skip
    transactions, ctx = scripted(account({"transaction": row("t-1", assets=[asset])}), account({"transaction": None}))
    found = await transactions.get("t-1")
    assert found is not None
    assert found.assets[0].name == "r.pdf"
    assert await transactions.get("t-2") is None
    assert variables(ctx.http.sent[0]) == {"id": "t-1"}


async def test_presets_are_listed_with_what_they_are_about(scripted: Scripted) -> None:
    offered = [
        {"value": "excludeTaxSavings"},
        {"value": "missingTaxAssets", "year": 2026},
        {"value": "insights", "insightPresetType": "INCOME", "insightWithPrivateTransactions": True},
    ]
    transactions, _ = scripted(account({"transactionFilterPresets": offered}))
    found = await transactions.presets()
    assert [each.variable() for each in found] == offered


async def test_csv_is_for_all_or_for_days_of_berlin(scripted: Scripted) -> None:
    transactions, ctx = scripted(account({"transactionsCSV": "a,b\n"}), account({"transactionsCSV": ""}))
    assert await transactions.csv() == "a,b\n"
    await transactions.csv(date(2026, 1, 1), date(2026, 7, 1))
    assert variables(ctx.http.sent[0]) == {}
    assert variables(ctx.http.sent[1]) == {"from": "2025-12-31T23:00:00.000Z", "to": "2026-06-30T22:00:00.000Z"}


# Saying what a transaction is -----------------------------------------------------------------------------------------


async def test_only_what_is_given_is_changed(scripted: Scripted) -> None:
    transactions, ctx = scripted(data({"updateTransaction": row("t-1", personalNote="lunch")}))
    changed = await transactions.update(
        "t-1",
        category=TransactionCategory.VAT_PAYMENT,
        vat_rate=VatRate.VAT_19,
        user_selected_booking_date=date(2026, 7, 1),
        personal_note="lunch",
    )
    assert changed.personal_note == "lunch"
    assert variables(ctx.http.sent[0]) == {
        "id": "t-1",
        "category": "VAT_PAYMENT",
        "vatRate": "VAT_19",
        "userSelectedBookingDate": "2026-06-30T22:00:00.000Z",
        "personalNote": "lunch",
    }
    assert ctx.http.sent[0].repeatable


async def test_a_note_is_cleared_by_an_empty_one(scripted: Scripted) -> None:
    transactions, ctx = scripted(data({"updateTransaction": row("t-1")}))
    await transactions.update("t-1", personal_note="")
    assert variables(ctx.http.sent[0]) == {"id": "t-1", "personalNote": ""}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"personal_note": "x" * 251}, "personal_note"),
        (
            {"user_selected_booking_date": date(2026, 7, 1), "category": TransactionCategory.PRIVATE},
            "user_selected_booking_date",
        ),
        ({}, "update"),
    ],
)
async def test_what_kontist_rejects_is_not_sent(scripted: Scripted, given: dict[str, Any], field: str) -> None:
    transactions, ctx = scripted()
    with pytest.raises(InvalidOrder) as raised:
        await transactions.update("t-1", **given)
    assert raised.value.code == field
    assert ctx.http.sent == []


@pytest.mark.parametrize("category", ["TAX_PAYMENT", "VAT_PAYMENT", "TAX_REFUND", "VAT_REFUND"])
async def test_taxes_may_be_moved_to_another_day(scripted: Scripted, category: str) -> None:
    transactions, ctx = scripted(data({"updateTransaction": row("t-1")}))
    day = date(2026, 7, 1)
    await transactions.update("t-1", category=TransactionCategory(category), user_selected_booking_date=day)
    assert len(ctx.http.sent) == 1


async def test_a_transaction_is_split_into_parts_that_are_the_whole(scripted: Scripted) -> None:
    parts = (
        SplitOrder(amount=Decimal("-10.00"), category=TransactionCategory.PRIVATE),
        SplitOrder(amount=Decimal("-2.34"), vat_rate=VatRate.VAT_7),
    )
    transactions, ctx = scripted(
        account({"transaction": row("t-1")}), data({"createTransactionSplits": row("t-1", splits=[SPLIT])})
    )
    split = await transactions.create_splits("t-1", parts)
    assert split.splits[0].id == 7
    assert variables(ctx.http.sent[1]) == {
        "transactionId": "t-1",
        "splits": [{"amount": -1000, "category": "PRIVATE"}, {"amount": -234, "vatRate": "VAT_7"}],
    }
    assert not ctx.http.sent[1].repeatable


@pytest.mark.parametrize(
    "amounts", [[], ["-12.33"], ["-12.34", "-0.01"], ["12.34"], ["-20", "7.66"], ["-12.34", "0"], ["-12.345", "0.005"]]
)
async def test_parts_that_are_not_the_whole_are_refused_before_anything_changes(
    scripted: Scripted, amounts: list[str]
) -> None:
    transactions, ctx = scripted(account({"transaction": row("t-1")}))
    with pytest.raises(InvalidOrder) as raised:
        await transactions.create_splits("t-1", [SplitOrder(amount=Decimal(each)) for each in amounts])
    assert raised.value.code == "splits"
    assert all(json.loads(each.body or b"")["operationName"] == "OneTransaction" for each in ctx.http.sent)


async def test_splits_of_what_is_not_there_are_refused(scripted: Scripted) -> None:
    transactions, _ = scripted(account({"transaction": None}))
    with pytest.raises(ProviderRefused) as raised:
        await transactions.create_splits("t-1", [SplitOrder(amount=Decimal(-1))])
    assert raised.value.code == "not_found"


async def test_a_lost_answer_to_a_split_is_said_and_not_repeated(scripted: Scripted) -> None:
    transactions, ctx = scripted(account({"transaction": row("t-1")}), Response(status=502))
    with pytest.raises(OutcomeUnknown):
        await transactions.create_splits("t-1", [SplitOrder(amount=Decimal("-12.34"))])
    assert len(ctx.http.sent) == 2


async def test_splits_are_changed_by_their_ids_and_undone(scripted: Scripted) -> None:
    transactions, ctx = scripted(
        account({"transaction": row("t-1")}),
        data({"updateTransactionSplits": row("t-1", splits=[SPLIT])}),
        data({"deleteTransactionSplits": row("t-1")}),
    )
    await transactions.update_splits("t-1", [SplitOrder(id=7, amount=Decimal("-12.34"))])
    assert variables(ctx.http.sent[1])["splits"] == [{"amount": -1234, "id": 7}]
    assert (await transactions.delete_splits("t-1")).splits == ()


async def test_a_new_split_has_no_id(scripted: Scripted) -> None:
    transactions, ctx = scripted()
    with pytest.raises(InvalidOrder):
        await transactions.create_splits("t-1", [SplitOrder(id=7, amount=Decimal("-12.34"))])
    assert ctx.http.sent == []


async def test_an_update_with_new_splits_is_not_repeated(scripted: Scripted) -> None:
    transactions, ctx = scripted(account({"transaction": row("t-1")}), data({"updateTransaction": row("t-1")}))
    await transactions.update("t-1", splits=[SplitOrder(amount=Decimal("-12.34"))])
    assert not ctx.http.sent[1].repeatable


async def test_a_transaction_is_categorised_for_a_declaration(scripted: Scripted) -> None:
    done = {"category": "VAT_19", "categoryCode": "1120", "vatCategoryCode": None, "date": "2026-07-01"}
    transactions, ctx = scripted(data({"categorizeTransactionForDeclaration": done}))
    found = await transactions.categorize_for_declaration("t-1", category_code="1120", day=date(2026, 7, 1))
    assert (found.category_code, found.date) == ("1120", "2026-07-01")
    assert variables(ctx.http.sent[0]) == {
        "id": "t-1", "categoryCode": "1120", "date": "2026-07-01", "isSplit": False}  # fmt: skip
