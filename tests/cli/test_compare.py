"""The demo's comparison: it must be able to find every kind of difference."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from bankweave.cli.demo.compare import Comparison, Held, compare
from bankweave.model import TransactionStatus

from .conftest import CommandLine
from .fakebank import Script, booked


def true_transaction(amount: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "status": "booked",
        "amount": amount,
        "currency": "EUR",
        "booking_date": "2026-11-20",
        "transaction_date": "2026-11-19",
        "counterparty": "Kaffeehaus",
        "text": text,
        **more,
    }


@pytest.fixture
def truth(script: Script) -> dict[str, Any]:
    """What is true of the account that the bank shows: a twin row and a pending one among it."""
    pending = booked(
        "-3.30", "bakery", status=TransactionStatus.PENDING, booking_date=None, transaction_date=date(2026, 11, 21)
    )
    twin = booked("-4.20", "coffee")
    script.rows = [pending, twin, booked("-4.20", "coffee", provider_id="another"), booked("10", "two  words")]
    return {
        "account": "DE02 1203 0000 0000 2020 51",
        "balance": "1234.50",
        "available": "1234.50",
        "transactions": [
            true_transaction("-3.30", "bakery", status="pending", booking_date=None, transaction_date="2026-11-21"),
            true_transaction("-4.20", "coffee"),
            true_transaction("-4.20", "coffee"),
            true_transaction("10.00", "two words"),
        ],
    }


def compared(run: CommandLine, *accounts: dict[str, Any], days: int | None = None) -> Comparison:
    connection_id = run.connect()
    with run.bank() as bank:
        bank.sync()
        (connection,) = [one for one in bank.connections() if one.id == connection_id]
        return compare(bank, [Held(connection, accounts, days)])


# Fakebank tells no available balance.
_NO_AVAILABLE = "available of DE02120300000000202051: the bank has 1234.50, the store None"


def test_equal_histories_have_no_differences_but_what_the_bank_leaves_out(
    run: CommandLine, truth: dict[str, Any]
) -> None:
    assert compared(run, truth) == Comparison(accounts=1, rows=4, too_old=0, differences=(_NO_AVAILABLE,))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "-4.21"),
        ("status", "pending"),
        ("currency", "USD"),
        ("booking_date", "2026-11-19"),
        ("counterparty", "Teehaus"),
        ("text", "tea"),
    ],
)
def test_a_row_that_differs_in_anything_is_found_on_both_sides(
    run: CommandLine, truth: dict[str, Any], field: str, value: str
) -> None:
    other = deepcopy(truth)
    other["transactions"][1][field] = value
    lost, found, available = sorted(
        compared(run, other).differences, key=lambda one: ("missing" not in one, "only" not in one)
    )
    assert "missing in the store" in lost
    assert "in the store only" in found
    assert available == _NO_AVAILABLE


def test_a_twin_that_is_lost_is_found(run: CommandLine, truth: dict[str, Any]) -> None:
    truth["transactions"].append(true_transaction("-4.20", "coffee"))
    assert any("missing in the store" in one and "coffee" in one for one in compared(run, truth).differences)


def test_a_balance_that_differs_is_found(run: CommandLine, truth: dict[str, Any]) -> None:
    truth["balance"] = "1234.51"
    assert any("the bank has 1234.51, the store 1234.50" in one for one in compared(run, truth).differences)


def test_an_account_too_many_or_too_few_is_found(run: CommandLine, truth: dict[str, Any]) -> None:
    other = {**truth, "account": "DE99"}
    differences = compared(run, other).differences
    assert "account is missing in the store: DE99" in differences
    assert "account is in the store only: DE02120300000000202051" in differences


def test_rows_beyond_the_reach_of_the_provider_are_counted_and_not_missed(
    run: CommandLine, truth: dict[str, Any]
) -> None:
    truth["transactions"].append(true_transaction("1", "long ago", transaction_date="2001-01-01"))
    result = compared(run, truth, days=730)
    assert result.too_old == 1
    assert result.differences == (_NO_AVAILABLE,)
