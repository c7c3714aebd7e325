"""The bulk rows are made by a constructor of our own, and must differ by it in nothing from other frozen dataclasses."""

from __future__ import annotations

import copy
import inspect
from dataclasses import FrozenInstanceError, dataclass, fields, make_dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, get_type_hints

import pytest

from bankweave.constructor import fast_constructor
from bankweave.model import ObservedTransaction, Transaction, TransactionStatus

GIVEN: dict[str, Any] = {
    "status": TransactionStatus.BOOKED,
    "amount": Decimal("-1.20"),
    "currency": "PLN",
    "transaction_date": date(2026, 1, 31),
    "remittance_information": ("one", "two"),
}
SEEN = ObservedTransaction(**GIVEN)
STORED = Transaction(id="t-1", account_id="a-1", **GIVEN)
KINDS = pytest.mark.parametrize("kind", [ObservedTransaction, Transaction])
ROWS = pytest.mark.parametrize("row", [SEEN, STORED], ids=lambda row: type(row).__name__)


def plain(kind: type[Any]) -> type[Any]:
    """The same dataclass with the constructor that it would have had."""
    columns = [(column.name, column.type, column) for column in fields(kind)]
    return make_dataclass(kind.__name__, columns, frozen=True, slots=True, kw_only=True)


@ROWS
def test_a_row_holds_what_was_given_and_the_defaults_of_the_rest(row: ObservedTransaction) -> None:
    given = {**GIVEN, "id": "t-1", "account_id": "a-1"}
    defaults = {"remittance_information": (), "labels": ()}
    for column in fields(row):
        assert getattr(row, column.name) == given.get(column.name, defaults.get(column.name))


def test_a_row_is_of_the_class_that_was_called_and_of_no_other() -> None:
    assert (type(SEEN), type(STORED)) == (ObservedTransaction, Transaction)


@ROWS
def test_nothing_of_a_row_can_be_changed(row: ObservedTransaction) -> None:
    for column in fields(row):
        with pytest.raises(FrozenInstanceError):
            setattr(row, column.name, None)
        with pytest.raises(FrozenInstanceError):
            delattr(row, column.name)
    assert not hasattr(row, "__dict__")


@KINDS
def test_the_signature_is_that_of_the_dataclass(kind: type[Any]) -> None:
    assert inspect.signature(kind) == inspect.signature(plain(kind))
    assert get_type_hints(kind.__init__)["amount"] is Decimal


@KINDS
@pytest.mark.parametrize("wrong", [{"amount": 1}, {"unheard_of": 1, **GIVEN, "id": "", "account_id": ""}])
def test_what_is_missing_or_unknown_is_named_as_a_dataclass_names_it(kind: type[Any], wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError) as ours:
        kind(**wrong)
    with pytest.raises(TypeError) as theirs:
        plain(kind)(**wrong)
    assert str(ours.value).split("__init__")[1] == str(theirs.value).split("__init__")[1]


@ROWS
def test_copies_are_equal_and_as_locked(row: ObservedTransaction) -> None:
    for twin in (copy.copy(row), copy.deepcopy(row), replace(row)):
        assert (twin, hash(twin), repr(twin), type(twin)) == (row, hash(row), repr(row), type(row))
        with pytest.raises(FrozenInstanceError):
            twin.currency = "EUR"  # type: ignore[misc]
    assert replace(row, currency="EUR") != row


def test_a_subclass_without_the_constructor_is_refused_and_not_made_wrong() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Base:
        a: int

    class Sub(fast_constructor(Base)):  # type: ignore[misc]
        pass

    with pytest.raises(TypeError, match="layout differs"):
        Sub(a=1)
