from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bankweave.errors import InvalidOrder
from bankweave_kontist.transactions.filters import Condition, Filter
from bankweave_kontist.transactions.search import search_filter

OR = {"operator": "OR"}
AND = {"operator": "AND"}


def wire(text: str, within: Filter | None = None) -> dict[str, Any]:
    found = search_filter(text, within)
    assert found is not None
    return found.variable()


def words(*given: str) -> dict[str, Any]:
    return {"name_likeAny": list(given), "purpose_likeAny": list(given)}


def test_words_may_stand_in_the_name_or_in_the_purpose() -> None:
    assert wire("  santa   claus ") == words("santa", "claus") | OR


@pytest.mark.parametrize("text", ["12.34", "12,34", "-12,34"])
def test_an_amount_with_decimals_is_found_paid_or_received(text: str) -> None:
    assert wire(text) == words(text) | {"amount_in": [1234, -1234]} | OR


def test_one_decimal_is_tens_of_cents() -> None:
    assert wire("12,5")["amount_in"] == [1250, -1250]


@pytest.mark.parametrize("text", ["12", "-12"])
def test_an_amount_without_decimals_finds_every_cent_of_it(text: str) -> None:
    assert wire(text) == words(text) | {"amount_in": [1200, -1200]} | OR | {
        "conditions": [
            {"amount_gte": 1200, "amount_lt": 1300} | AND,
            {"amount_gt": -1300, "amount_lte": -1200} | AND,
        ]
    }


@pytest.mark.parametrize("text", ["20000001", "20000000.01", "1.234", "12.", "1e5", "٣", "12€"])
def test_what_is_no_amount_is_only_a_word(text: str) -> None:
    assert wire(text) == words(text) | OR


def test_the_largest_amount_is_still_one() -> None:
    assert wire("20000000,00")["amount_in"] == [2_000_000_000, -2_000_000_000]


@pytest.mark.parametrize(("text", "is_iban"), [("DE12", True), ("de123456", True), ("GB33BUKB", True), ("D12", False),
                                               ("DE1", False), ("DEUTSCH12", False)])  # fmt: skip
def test_what_begins_like_an_iban_finds_ibans(text: str, is_iban: bool) -> None:  # noqa: FBT001  parametrized
    assert ("iban_likeAny" in wire(text)) is is_iban


def test_each_word_counts_for_itself() -> None:
    assert wire("rent DE12 9,99") == words("rent", "DE12", "9,99") | OR | {
        "amount_in": [999, -999],
        "iban_likeAny": ["DE12"],
    }


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert wire("a" * 250) == words("a" * 200) | OR


def test_a_search_for_nothing_is_no_filter() -> None:
    within = Filter(type_eq="ATM")
    assert search_filter("  ") is None
    assert search_filter("", within) is within


def test_a_filter_besides_must_hold_as_well() -> None:
    assert wire("kiosk", Filter(type_eq="ATM")) == {"type_eq": "ATM", "conditions": [words("kiosk") | OR]} | AND


def test_a_filter_of_alternatives_stays_one() -> None:
    within = Filter(type_eq="ATM", name_eq="x", operator="OR")
    assert wire("kiosk", within) == AND | {"conditions": [{"type_eq": "ATM", "name_eq": "x"} | OR, words("kiosk") | OR]}


def test_ranges_are_combined_with_a_filter_though_conditions_do_not_nest() -> None:
    assert wire("12", Filter(type_eq="ATM", amount_gte=Decimal("12.50"))) == OR | {
        "conditions": [
            {"type_eq": "ATM", "amount_gte": 1250, "amount_in": [1200, -1200]} | AND,
            {"type_eq": "ATM", "amount_gte": 1250, "name_likeAny": ["12"]} | AND,
            {"type_eq": "ATM", "amount_gte": 1250, "purpose_likeAny": ["12"]} | AND,
            {"type_eq": "ATM", "amount_gte": 1250, "amount_lt": 1300} | AND,
            {"type_eq": "ATM", "amount_gte": 1250, "amount_gt": -1300, "amount_lte": -1200} | AND,
        ]
    }


def test_an_alternative_that_cannot_be_is_left_out() -> None:
    found = wire("12", Filter(amount_in=(Decimal(99),)))["conditions"]
    assert [each for each in found if each.get("amount_in") == []] == []
    assert len(found) == 4


@pytest.mark.parametrize(
    "within",
    [
        Filter(type_eq="ATM", name_eq="x", operator="OR"),
        Filter(conditions=(Condition(name_eq="x"),)),
        Filter(name_like_any=("x",)),
    ],
)
def test_what_cannot_be_combined_is_refused(within: Filter) -> None:
    with pytest.raises(InvalidOrder):
        search_filter("12", within)
