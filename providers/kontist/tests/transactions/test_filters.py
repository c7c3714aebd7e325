from __future__ import annotations

import re
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bankweave.errors import InvalidOrder
from bankweave_kontist.transactions.categories import TransactionCategory
from bankweave_kontist.transactions.filters import Condition, Filter, all_of, any_of

SCHEMA = Path(__file__).resolve().parents[5] / "shared/specs/kontist.schema.graphql"
SAMPLES: dict[str, Any] = {
    "Int": Decimal("1.25"),
    "[Int!]": (Decimal("1.25"),),
    "DateTime": date(2026, 7, 1),
    "String": "kiosk",
    "[String!]": ("kiosk",),
    "Boolean": True,
    "TransactionCategory": TransactionCategory.PRIVATE,
    "[TransactionCategory!]": (TransactionCategory.PRIVATE,),
    "TransactionProjectionType": "ATM",
}


def inputs(name: str) -> dict[str, str]:
    if not SCHEMA.exists():
        pytest.skip(f"the reconstructed schema of Kontist is not beside the checkout: {SCHEMA.name}")
    found = re.search(rf"^input {name} \{{(.*?)^\}}", SCHEMA.read_text(), re.DOTALL | re.MULTILINE)
    assert found is not None
    return dict(re.findall(r"^  (\w+): (\S+)", found[1], re.MULTILINE))


@pytest.mark.parametrize(("kind", "schema"), [(Condition, "TransactionCondition"), (Filter, "TransactionFilter")])
def test_every_operator_of_the_schema_can_be_written_and_no_other(kind: type[Condition], schema: str) -> None:
    known = inputs(schema)
    written: set[str] = set()
    for each in fields(kind):
        if each.name in {"operator", "conditions"}:
            continue
        for sample in SAMPLES.values():
            try:
                written |= set(kind(**{each.name: sample}).variable())
            except InvalidOrder:
                continue
    assert written - {"operator"} == set(known) - {"operator", "conditions"}


@pytest.mark.parametrize(
    ("given", "wire"),
    [
        (Filter(amount_gte=Decimal("12.34")), {"amount_gte": 1234}),
        (Filter(amount_lt=Decimal(-10)), {"amount_lt": -1000}),
        (Filter(amount_in=(Decimal("1.50"), Decimal(-2))), {"amount_in": [150, -200]}),
        (Filter(booking_date_gte=date(2026, 7, 1)), {"bookingDate_gte": "2026-06-30T22:00:00.000Z"}),
        (Filter(booking_date_eq=date(2026, 11, 1)), {"bookingDate_eq": "2026-10-31T23:00:00.000Z"}),
        (
            Filter(valuta_date_lte=datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))),
            {"valutaDate_lte": "2026-07-01T10:00:00.000Z"},
        ),
        (Filter(name_like_any=("a", "b")), {"name_likeAny": ["a", "b"]}),
        (Filter(iban_in=("DE1",)), {"iban_in": ["DE1"]}),
        (Filter(category_in=(TransactionCategory.VAT_19,)), {"category_in": ["VAT_19"]}),
        (Filter(vat_category_code_exist=False), {"vatCategoryCode_exist": False}),
        (Filter(assets_exist=True), {"assets_exist": True}),
    ],
)
def test_a_predicate_goes_in_kontists_words_and_units(given: Filter, wire: dict[str, Any]) -> None:
    assert given.variable() == wire | {"operator": "AND"}


def test_an_empty_filter_wants_everything() -> None:
    assert Filter().variable() == {}


def test_conditions_are_combined_by_the_operator_around_them() -> None:
    where = Filter(
        type_eq="ATM",
        conditions=(Condition(name_like="a", purpose_like="a", operator="OR"), Condition(amount_lt=Decimal(0))),
    )
    assert where.variable() == {
        "type_eq": "ATM",
        "operator": "AND",
        "conditions": [
            {"name_like": "a", "purpose_like": "a", "operator": "OR"},
            {"amount_lt": 0, "operator": "AND"},
        ],
    }


def test_filters_can_be_joined() -> None:
    one, other = Filter(name_like="a"), Condition(amount_gt=Decimal(1), amount_lt=Decimal(2))
    assert any_of(one, other).variable() == {
        "operator": "OR",
        "conditions": [
            {"name_like": "a", "operator": "AND"},
            {"amount_gt": 100, "amount_lt": 200, "operator": "AND"},
        ],
    }
    assert all_of(one, other).variable()["operator"] == "AND"


def test_conditions_nest_only_once() -> None:
    with pytest.raises(InvalidOrder):
        any_of(all_of(Condition(name_like="a")))


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (Filter(amount_eq=Decimal("0.001")), "amount_eq"),
        (Filter(amount_eq=Decimal("NaN")), "amount_eq"),
        (Filter(amount_in=(Decimal("1E30"),)), "amount_in"),
        (Filter(name_in=()), "name_in"),
        (Filter(booking_date_gt=datetime(2026, 1, 1)), "booking_date_gt"),  # noqa: DTZ001  that is what is refused
        (Filter(conditions=(Condition(),)), "filter"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_named(bad: Filter, field: str) -> None:
    with pytest.raises(InvalidOrder) as raised:
        bad.variable()
    assert raised.value.code == field


def test_an_instant_goes_as_utc() -> None:
    wire = Filter(booking_date_lt=datetime(2026, 1, 1, 23, 59, 59, 999_000, tzinfo=UTC)).variable()
    assert wire["bookingDate_lt"] == "2026-01-01T23:59:59.999Z"
