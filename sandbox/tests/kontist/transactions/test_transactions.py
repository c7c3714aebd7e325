"""Movements on the wire: words, dates, pages, filters, bookkeeping."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sandbox.tests.kontist.callers import START, Kontist, make_kontist, make_movement

from bankweave_sandbox.world import Kind, Movement, world_id

FIELDS = "amount type paymentMethod iban name purpose bookingDate valutaDate e2eId mandateNumber"


def ids(kontist: Kontist, arguments: str = "") -> list[int]:
    """Read a page as the numbers that `make_movement` was given."""
    numbers = {world_id("movement", str(n)): n for n in range(300)}
    return [numbers[node["id"]] for node in kontist.transactions(arguments)]


def page(kontist: Kontist, **arguments: Any) -> dict[str, Any]:
    declared = "$first:Int,$last:Int,$after:String,$before:String"
    passed = "first:$first,last:$last,after:$after,before:$before"
    info = "pageInfo{hasNextPage hasPreviousPage startCursor endCursor}"
    query = (
        f"query({declared}){{viewer{{mainAccount{{transactions({passed}){{edges{{cursor node{{purpose}}}}{info}}}}}}}}}"
    )
    found = kontist.read(query, **arguments)["viewer"]["mainAccount"]["transactions"]
    return {"rows": [edge["node"]["purpose"] for edge in found["edges"]], **found}


def rows(*numbers: int) -> list[str]:
    return [f"ROW {number}" for number in numbers]


@pytest.fixture
def long_kontist() -> Kontist:
    return make_kontist([make_movement(number) for number in range(120)])


# -- Words and dates


def test_a_card_payment(kontist: Kontist) -> None:
    assert kontist.transactions("first: 1", FIELDS) == [
        {
            "amount": -1000,
            "type": "CARD_USAGE",
            "paymentMethod": "card",
            "iban": None,
            "name": "Café",
            "purpose": "ROW 1",
            "bookingDate": "2026-06-13T22:00:00.000Z",  # the midnight that begins 14 June in Berlin
            "valutaDate": "2026-06-13T22:00:00.000Z",
            "e2eId": None,
            "mandateNumber": None,
        }
    ]


def test_winter_days_begin_at_23_oclock() -> None:
    kontist = make_kontist([make_movement(1, at=datetime(2026, 1, 14, 23, 30, tzinfo=UTC))])
    assert kontist.transactions("", "bookingDate") == [{"bookingDate": "2026-01-14T23:00:00.000Z"}]


def test_a_direct_debit_has_iban_and_mandate() -> None:
    given = {"kind": Kind.DIRECT_DEBIT, "counterparty_iban": "DE89370400440532013000", "mandate_id": "M-1"}
    kontist = make_kontist([make_movement(1, "-49.90", **given, end_to_end_id="E-1")])
    [node] = kontist.transactions("", FIELDS)
    assert (node["type"], node["paymentMethod"]) == ("SEPA_DIRECT_DEBIT", "bank_account")
    assert (node["iban"], node["mandateNumber"], node["e2eId"]) == ("DE89370400440532013000", "M-1", "E-1")


@pytest.mark.parametrize(
    ("kind", "amount", "type_", "method"),
    [
        (Kind.SALARY, "3000", "SEPA_CREDIT_TRANSFER", "bank_account"),
        (Kind.RENT, "-900", "SEPA_CREDIT_TRANSFER", "bank_account"),
        (Kind.TRANSFER, "-5", "SEPA_CREDIT_TRANSFER", "bank_account"),
        (Kind.DIRECT_DEBIT, "49.90", "SEPA_DIRECT_DEBIT_RETURN", "bank_account"),
        (Kind.CARD_REFUND, "10", "PURCHASE_REVERSAL", "card"),
        (Kind.CASH, "-50", "ATM", "card"),
        (Kind.FEE, "-9", "CHARGE", "bank_account"),
        (Kind.INTEREST, "-0.03", "INTEREST_ACCRUED", "bank_account"),
    ],
)
def test_types_and_payment_methods(kind: Kind, amount: str, type_: str, method: str) -> None:
    kontist = make_kontist([make_movement(1, amount, kind=kind)])
    assert kontist.transactions("", "type paymentMethod") == [{"type": type_, "paymentMethod": method}]


@pytest.mark.parametrize(
    ("amount", "original", "currency", "expected"),
    [("-6.59", "-7.60", "CHF", -760), ("6.59", "7.60", "CHF", 760), ("-12.00", "1900", "JPY", -1900)],
)
def test_foreign_amounts_are_minor_units_with_the_sign_of_the_amount(
    amount: str, original: str, currency: str, expected: int
) -> None:
    given = {"original_amount": Decimal(original), "original_currency": currency}
    kontist = make_kontist([make_movement(1, amount, **given)])
    node = {"originalAmount": expected, "foreignCurrency": currency}
    assert kontist.transactions("", "originalAmount foreignCurrency") == [node]


def test_a_reservation_has_no_valuta_date_until_it_is_booked_under_the_same_id() -> None:
    movement = make_movement(1, booked_at=None)
    kontist = make_kontist([movement])
    [pending] = kontist.transactions("", "id bookingDate valutaDate type")
    assert (pending["valutaDate"], pending["type"]) == (None, "CARD_USAGE")
    assert pending["bookingDate"] == "2026-06-13T22:00:00.000Z"
    kontist.world.book(movement, amount=Decimal("-11.00"))
    [booked] = kontist.transactions("", "id bookingDate valutaDate amount")
    assert booked == {
        "id": pending["id"],
        "bookingDate": "2026-06-14T22:00:00.000Z",
        "valutaDate": "2026-06-14T22:00:00.000Z",
        "amount": -1100,
    }


def test_booking_gives_another_id_when_switched_on() -> None:
    movement = make_movement(1, booked_at=None)
    kontist = make_kontist([movement, make_movement(2)])
    kontist.dialect.switches.booking_changes_id = True
    pending = kontist.transactions()
    kontist.world.book(movement)
    booked = kontist.transactions()
    assert pending[0] != booked[0]
    assert pending[1] == booked[1]


def test_a_lapsed_reservation_is_gone() -> None:
    movement = make_movement(1, booked_at=None)
    kontist = make_kontist([movement])
    kontist.world.lapse(kontist.account, movement)
    assert kontist.transactions() == []


def test_every_field_of_a_transaction_can_be_read(kontist: Kontist) -> None:
    nested = {"splits": "{id}", "fees": "{type}", "directDebitFees": "{id}", "businessAsset": "{id}"}
    nested |= {"assets": "{id}", "transactionAssets": "{id}"}
    nested |= dict.fromkeys(("asset", "transactionAsset"), '(assetId:"x"){id}')
    names = kontist.read('{__type(name:"Transaction"){fields{name}}}')["__type"]["fields"]
    fields = " ".join(f["name"] + nested.get(f["name"], "") for f in names)
    [node] = kontist.transactions("first: 1", fields)
    single = f'{{viewer{{mainAccount{{transaction(id:"{node["id"]}"){{__typename {fields}}}}}}}}}'
    raw = kontist.read(single)["viewer"]["mainAccount"]["transaction"]
    assert raw == node | {"__typename": "RawTransactionProjection"}
    assert len(node) == 46


def test_an_unknown_single_transaction_is_null(kontist: Kontist) -> None:
    other = world_id("movement", "900")  # Ben's
    found = kontist.read(f'{{viewer{{mainAccount{{transaction(id:"{other}"){{id}}}}}}}}')
    assert found == {"viewer": {"mainAccount": {"transaction": None}}}


# -- Pages


def test_newest_come_first_and_fifty_at_most(long_kontist: Kontist) -> None:
    assert ids(long_kontist) == list(range(50))
    assert ids(long_kontist, "first: 200") == list(range(50))
    assert ids(long_kontist, "last: 200") == list(range(70, 120))
    assert ids(long_kontist, "first: 2") == [0, 1]
    assert ids(long_kontist, "first: 0") == []
    assert ids(long_kontist, "last: 2") == [118, 119]


def test_walking_forward_meets_every_row_once(long_kontist: Kontist) -> None:
    seen: list[str] = []
    info: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while info["hasNextPage"]:
        found = page(long_kontist, first=50, after=info["endCursor"])
        seen += found["rows"]
        info = found["pageInfo"]
    assert seen == rows(*range(120))


def test_walking_backward_meets_every_row_once(long_kontist: Kontist) -> None:
    seen: list[str] = []
    info: dict[str, Any] = {"hasPreviousPage": True, "startCursor": None}
    while info["hasPreviousPage"]:
        found = page(long_kontist, last=50, before=info["startCursor"])
        seen = found["rows"] + seen
        info = found["pageInfo"]
    assert seen == rows(*range(120))


def test_both_directions_are_told_truthfully(long_kontist: Kontist) -> None:
    first = page(long_kontist, first=50)["pageInfo"]
    assert (first["hasPreviousPage"], first["hasNextPage"]) == (False, True)
    second = page(long_kontist, first=50, after=first["endCursor"])["pageInfo"]
    assert (second["hasPreviousPage"], second["hasNextPage"]) == (True, True)
    third = page(long_kontist, first=50, after=second["endCursor"])["pageInfo"]
    assert (third["hasPreviousPage"], third["hasNextPage"]) == (True, False)
    back = page(long_kontist, last=50, before=third["startCursor"])["pageInfo"]
    assert (back["hasPreviousPage"], back["hasNextPage"]) == (True, True)


def test_first_after_and_before_together_slice_strictly_between(long_kontist: Kontist) -> None:
    edges = page(long_kontist, first=50)["edges"]
    between = page(long_kontist, first=3, after=edges[10]["cursor"], before=edges[20]["cursor"])
    assert between["rows"] == rows(11, 12, 13)
    # What the SDK's previousPage() sends on a page that nextPage() reached.
    nothing = page(long_kontist, first=3, after=edges[10]["cursor"], before=edges[11]["cursor"])
    assert nothing["rows"] == []
    assert nothing["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": True,
        "startCursor": None,
        "endCursor": None,
    }


def test_a_cursor_survives_rows_that_arrive_or_vanish(long_kontist: Kontist) -> None:
    first = page(long_kontist, first=10)
    long_kontist.world.pay(long_kontist.account, make_movement(200, at=START + timedelta(seconds=1)))
    long_kontist.account.movements.remove(next(m for m in long_kontist.account.movements if m.text == "ROW 9"))
    long_kontist.advance(seconds=2)
    assert page(long_kontist, first=2, after=first["pageInfo"]["endCursor"])["rows"] == rows(10, 11)
    assert page(long_kontist, first=2)["rows"] == rows(200, 0)


def test_identical_twins_are_two_rows_on_either_side_of_a_page() -> None:
    at = START - timedelta(days=1)
    twins = [make_movement(n, at=at, text="TWIN") for n in (1, 2)]
    kontist = make_kontist(twins)
    first = page(kontist, first=1)
    second = page(kontist, first=1, after=first["pageInfo"]["endCursor"])
    assert first["rows"] == second["rows"] == ["TWIN"]
    assert first["edges"][0]["cursor"] != second["edges"][0]["cursor"]
    assert not second["pageInfo"]["hasNextPage"]


def test_an_empty_account_has_an_empty_page() -> None:
    found = page(make_kontist([]))
    assert found["edges"] == []
    assert found["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }


@pytest.mark.parametrize("arguments", ['after: "nonsense"', 'before: "bnVsbA=="', "first: -1", "last: -1"])
def test_bad_paging_arguments_are_errors(kontist: Kontist, arguments: str) -> None:
    answer = kontist.ask(f"{{viewer{{mainAccount{{transactions({arguments}){{edges{{cursor}}}}}}}}}}")
    assert answer["errors"][0]["extensions"]["status"] == 400


def test_root_transactions_are_those_of_the_account_by_public_id(kontist: Kontist) -> None:
    mine = kontist.read("{viewer{mainAccount{publicId}}}")["viewer"]["mainAccount"]["publicId"]
    query = "query($p:String){transactions(first:1,publicId:$p){edges{node{__typename purpose}}}}"
    row = {"transactions": {"edges": [{"node": {"__typename": "Transaction", "purpose": "ROW 1"}}]}}
    assert kontist.read(query) == kontist.read(query, p=mine) == row
    token = kontist.token(name="ben")
    assert kontist.ask(query, token, p=mine)["errors"][0]["extensions"]["status"] == 404


# -- Filters


@pytest.fixture
def mixed_kontist() -> Kontist:
    iban = "DE89370400440532013000"
    movements = [
        make_movement(1, "-10.00", counterparty="Santa Claus", text="Geschenke"),
        make_movement(2, "25.00", kind=Kind.TRANSFER, counterparty="Łukasz", text="Miete", counterparty_iban=iban),
        make_movement(3, "-30.00", kind=Kind.CASH, counterparty=None, text="Automat"),
        make_movement(4, "-10.00", booked_at=None, counterparty="Café Größe", text="Kaffee"),
    ]
    return make_kontist(movements)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("{}", [1, 2, 3, 4]),
        ("{amount_eq: -1000}", [1, 4]),
        ("{amount_ne: -1000}", [2, 3]),
        ("{amount_gt: -1000}", [2]),
        ("{amount_gte: -1000, amount_lt: 2500}", [1, 4]),
        ("{amount_lte: -1000}", [1, 3, 4]),
        ("{amount_in: [2500, -3000]}", [2, 3]),
        ('{name_like: "SaNtA"}', [1]),
        ('{name_like: "GRÖSSE"}', [4]),
        ('{name_likeAny: ["santa", "łukasz"]}', [1, 2]),
        ('{name_eq: "Łukasz"}', [2]),
        ('{name_ne: "Łukasz"}', [1, 4]),  # a row without a name equals nothing and differs from nothing
        ('{name_in: ["Santa Claus"]}', [1]),
        ('{iban_like: "de8937"}', [2]),
        ('{iban_eq: "DE89370400440532013000"}', [2]),
        ('{purpose_like: "miet"}', [2]),
        ('{purpose_likeAny: ["auto", "KAFFEE"]}', [3, 4]),
        ("{type_eq: ATM}", [3]),
        ('{source_eq: "SOLARIS"}', [1, 2, 3, 4]),
        ('{source_in: ["USER"]}', []),
        ('{bookingDate_gte: "2026-06-12T22:00:00.000Z"}', [1, 2]),
        ('{bookingDate_gt: "2026-06-13T00:00:00+02:00"}', [1]),
        ('{bookingDate_lt: "2026-06-12"}', [3, 4]),
        ('{bookingDate_eq: "2026-06-12T22:00:00Z"}', [2]),
        ('{valutaDate_lte: "2026-06-30"}', [1, 2, 3]),
        ("{amount_lt: 0, amount_eq: -3000}", [3]),
        ("{operator: OR, amount_eq: -3000, type_eq: SEPA_CREDIT_TRANSFER}", [2, 3]),
        ('{amount_eq: -1000, conditions: [{name_like: "claus"}]}', [1]),
        ('{operator: OR, amount_eq: 2500, conditions: [{amount_lt: 0, name_like: "claus"}]}', [1, 2]),
        (
            '{operator: AND, amount_lt: 0, conditions: [{operator: OR, amount_eq: -3000, purpose_like: "kaf"}]}',
            [3, 4],
        ),
        ("{operator: OR, conditions: [{amount_eq: 2500}, {amount_eq: -3000}]}", [2, 3]),
        ("{conditions: [{amount_eq: 2500}, {amount_eq: -3000}]}", []),
        ("{splits_exist: false, assets_exist: false, vatAssets_exist: false}", [1, 2, 3, 4]),
        ("{categoryCode_exist: true}", []),
        ("{amount_eq: null}", [1, 2, 3, 4]),
    ],
)
def test_filters(mixed_kontist: Kontist, wanted: str, expected: list[int]) -> None:
    assert ids(mixed_kontist, f"filter: {wanted}") == expected


def test_filters_take_variables_as_well(mixed_kontist: Kontist) -> None:
    query = "query($f:TransactionFilter){viewer{mainAccount{transactions(filter:$f){edges{node{purpose}}}}}}"
    wanted = {"bookingDate_gte": "2026-06-13T22:00:00.000Z", "operator": "AND"}
    found = mixed_kontist.read(query, f=wanted)["viewer"]["mainAccount"]["transactions"]["edges"]
    assert found == [{"node": {"purpose": "Geschenke"}}]


def test_pages_are_cut_after_filtering(long_kontist: Kontist) -> None:
    long_kontist.account.movements[:] = [make_movement(n, "-1.00" if n % 2 else "-2.00") for n in range(120)]
    long_kontist.advance(seconds=1)
    assert ids(long_kontist, "first: 3, filter: {amount_eq: -100}") == [1, 3, 5]


@pytest.mark.parametrize(
    "wanted", ['{from: "2026-01-01"}', '{bookingDate_gt: "yesterday"}', "{conditions: [{conditions: []}]}"]
)
def test_filters_that_the_schema_does_not_know_are_errors(kontist: Kontist, wanted: str) -> None:
    answer = kontist.ask(f"{{viewer{{mainAccount{{transactions(filter: {wanted}){{edges{{cursor}}}}}}}}}}")
    assert answer["errors"][0]["extensions"]["status"] == 400


def test_presets_are_offered_and_narrow_the_list(mixed_kontist: Kontist) -> None:
    query = (
        "{viewer{mainAccount{transactionFilterPresets{__typename value ... on MissingTaxAssetsFilterPreset{year}}}}}"
    )
    offered = mixed_kontist.read(query)["viewer"]["mainAccount"]["transactionFilterPresets"]
    assert offered == [
        {"__typename": "GenericFilterPreset", "value": "MISSING_TAX_TRANSACTIONS"},
        {"__typename": "MissingTaxAssetsFilterPreset", "value": "MISSING_TAX_ASSETS", "year": 2026},
    ]
    assert ids(mixed_kontist, 'preset: {value: "MISSING_TAX_ASSETS", year: 2026}') == [1, 3, 4]
    assert ids(mixed_kontist, 'preset: {value: "MISSING_TAX_ASSETS", year: 2025}') == []
    assert ids(mixed_kontist, 'preset: {value: "INSIGHTS", insightPresetType: INCOME}') == [2]


@pytest.mark.parametrize(
    "preset",
    [
        'value: "INSIGHTS", insightPresetType: EXPENSE',
        'value: "MISSING_TAX_ASSETS"',
        'value: "MISSING_TAX_TRANSACTIONS"',
    ],
)
def test_a_declined_payment_is_no_expense_and_lacks_nothing(kontist: Kontist, preset: str) -> None:
    card = kontist.control("GET", "/cards").json()[0]["id"]
    declined = kontist.control("POST", f"/cards/{card}/pay", {"amount": "5000.00"}).json()["id"]

    assert declined in {row["id"] for row in kontist.transactions()}
    assert declined not in {row["id"] for row in kontist.transactions(f"preset: {{{preset}}}")}


def test_csv_lists_the_period(mixed_kontist: Kontist) -> None:
    query = "query($f:DateTime,$t:DateTime){viewer{mainAccount{transactionsCSV(from:$f,to:$t)}}}"
    everything = mixed_kontist.read(query)["viewer"]["mainAccount"]["transactionsCSV"]
    table = list(csv.DictReader(io.StringIO(everything)))
    assert [row["amount"] for row in table] == ["-1000", "2500", "-3000", "-1000"]
    some = mixed_kontist.read(query, f="2026-06-11T22:00:00Z", t="2026-06-12T22:00:00Z")
    assert some["viewer"]["mainAccount"]["transactionsCSV"].count("\n") == 3


# -- Bookkeeping


def update(kontist: Kontist, arguments: str, fields: str) -> dict[str, Any]:
    row = world_id("movement", "1")
    return kontist.ask(f'mutation{{updateTransaction(id:"{row}",{arguments}){{{fields}}}}}')


def test_a_category_and_a_note_stay_until_they_are_cleared(kontist: Kontist) -> None:
    update(kontist, 'category: VAT_19, personalNote: "Essen", categoryCode: "1120"', "id")
    fields = "category personalNote categoryCode categorizationType"
    noted = {"category": "VAT_19", "personalNote": "Essen", "categoryCode": "1120", "categorizationType": "USER"}
    assert kontist.transactions("filter: {category_eq: VAT_19, categoryCode_exist: true}", fields) == [noted]
    update(kontist, "category: null", "id")
    assert kontist.transactions("first: 1", fields) == [noted | {"category": None}]


def test_an_own_booking_date_needs_a_tax_category(kontist: Kontist) -> None:
    day = 'userSelectedBookingDate: "2026-03-31T22:00:00.000Z"'
    refused = update(kontist, f"category: VAT_19, {day}", "id")
    assert refused["errors"][0]["extensions"]["status"] == 400
    accepted = update(kontist, f"category: TAX_PAYMENT, {day}", "category userSelectedBookingDate")
    assert accepted["data"]["updateTransaction"] == {
        "category": "TAX_PAYMENT",
        "userSelectedBookingDate": "2026-03-31T22:00:00.000Z",
    }


def test_notes_have_at_most_250_characters(kontist: Kontist) -> None:
    assert "errors" not in update(kontist, f'personalNote: "{"x" * 250}"', "id")
    assert update(kontist, f'personalNote: "{"x" * 251}"', "id")["errors"]


def test_splits_add_up_and_take_the_category_away(kontist: Kontist) -> None:
    update(kontist, "category: PRIVATE", "id")
    splits = "[{amount: -400, category: VAT_19}, {amount: -600, category: PRIVATE}]"
    row = world_id("movement", "1")
    fields = "category splits{id amount category}"
    query = f'mutation{{createTransactionSplits(transactionId:"{row}",splits:{splits}){{{fields}}}}}'
    made = kontist.read(query)["createTransactionSplits"]
    assert made["category"] is None
    assert [(s["amount"], s["category"]) for s in made["splits"]] == [(-400, "VAT_19"), (-600, "PRIVATE")]
    assert ids(kontist, "filter: {splits_exist: true}") == [1]
    gone = kontist.read(f'mutation{{deleteTransactionSplits(transactionId:"{row}"){{splits{{id}}}}}}')
    assert gone == {"deleteTransactionSplits": {"splits": []}}


@pytest.mark.parametrize("splits", ["[{amount: -400}]", "[{amount: -1100}, {amount: 100}]", "[{amount: -1000, id: 7}]"])
def test_splits_that_do_not_fit_are_refused(kontist: Kontist, splits: str) -> None:
    assert update(kontist, f"category: PRIVATE, splits: {splits}", "id")["errors"]
    assert kontist.transactions("first: 1", "category splits{id}") == [{"category": None, "splits": []}]


def test_another_persons_transaction_cannot_be_updated(kontist: Kontist) -> None:
    row = world_id("movement", "900")
    answer = kontist.ask(f'mutation{{updateTransaction(id:"{row}",personalNote:"mine"){{id}}}}')
    assert answer["errors"][0]["extensions"]["status"] == 404


def test_a_note_outlives_the_change_of_id_at_booking() -> None:
    movement: Movement = make_movement(1, booked_at=None)
    kontist = make_kontist([movement])
    kontist.dialect.switches.booking_changes_id = True
    update(kontist, 'personalNote: "Trinkgeld"', "id")
    kontist.world.book(movement)
    assert kontist.transactions("", "personalNote") == [{"personalNote": "Trinkgeld"}]
