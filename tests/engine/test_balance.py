"""What the balances prove, whatever the order of the rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankweave.engine.balance import BalanceProof, Finding
from bankweave.model import ObservedTransaction, TransactionStatus

DAY = date(2026, 11, 1)


def a_row(amount: Decimal, after: Decimal | None, day: date) -> ObservedTransaction:
    return ObservedTransaction(
        status=TransactionStatus.BOOKED, amount=amount, currency="EUR", booking_date=day, balance_after=after
    )


def statement(movements: list[tuple[int, int]]) -> list[ObservedTransaction]:
    """Oldest first: amounts in cents, and days after the one before."""
    balance, day, rows = Decimal(1000), DAY, []
    for cents, days in movements:
        balance += Decimal(cents) / 100
        day += timedelta(days=days)
        rows.append(a_row(Decimal(cents) / 100, balance, day))
    return rows


def found(rows: list[ObservedTransaction], booked: Decimal | None = None) -> list[Finding]:
    proof = BalanceProof()
    proof.take(rows)
    return proof.finish(booked)


movements = st.lists(st.tuples(st.integers(-5000, 5000).filter(bool), st.integers(0, 2)), min_size=1, max_size=20)


@given(movements, st.randoms(use_true_random=False))
def test_a_whole_statement_adds_up_in_either_direction_and_any_order_within_a_day(
    moved: list[tuple[int, int]], random: Random
) -> None:
    rows = statement(moved)
    balance = rows[-1].balance_after
    random.shuffle(rows)
    oldest_first = sorted(rows, key=lambda row: row.booking_date or DAY)

    assert found(oldest_first, balance) == []
    assert found(oldest_first[::-1], balance) == []


@given(movements.filter(lambda moved: len(moved) > 2), st.data())
def test_a_row_that_is_left_out_is_found(moved: list[tuple[int, int]], data: st.DataObject) -> None:
    days_apart = [(cents, 1) for cents, _ in moved]
    rows = statement(days_apart)
    place = data.draw(st.integers(1, len(rows) - 1))  # the oldest row's absence cannot be told
    balance = rows[-1].balance_after
    left_out = rows.pop(place)

    for shown in (rows, rows[::-1]):
        (finding,) = found(shown, balance)
        assert (finding.kind, finding.amount) == ("balance_gap", left_out.amount)
        assert finding.day == rows[place - 1].booking_date


def test_a_row_left_out_in_the_middle_of_a_day_is_found() -> None:
    rows = statement([(-100, 0), (-200, 0), (-300, 0), (-400, 0)])
    del rows[1]
    (finding,) = found(rows)
    assert (finding.day, finding.amount) == (DAY, None)


def test_a_row_that_is_shown_twice_is_found() -> None:
    rows = statement([(-100, 1), (-200, 1), (-300, 1)])
    assert len(found([rows[0], rows[1], rows[1], rows[2]])) >= 1


def test_a_statement_that_ends_before_the_account_s_balance_lacks_the_newest_row() -> None:
    rows = statement([(-100, 1), (-200, 1)])
    (finding,) = found(rows, (rows[-1].balance_after or Decimal(0)) - 5)
    assert finding.amount == -5


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rows: [rows[0], replace(rows[1], balance_after=None), rows[3]],
        lambda rows: [rows[1], rows[0], rows[3]],
        lambda rows: [rows[0], replace(rows[1], booking_date=None), rows[3]],
        lambda _rows: [],
    ],
    ids=["a balance is missing", "no order", "no day", "nothing"],
)
def test_what_proves_nothing_finds_nothing(spoil: object) -> None:
    rows = statement([(-100, 1), (-200, 1), (-300, 1), (-400, 1)])
    assert found(spoil(rows), Decimal(0)) == []  # type: ignore[operator]


def test_pending_rows_are_not_part_of_it() -> None:
    rows = statement([(-100, 1), (-200, 1)])
    waiting = replace(rows[0], status=TransactionStatus.PENDING, amount=Decimal(-7), balance_after=None)
    assert found([rows[0], waiting, rows[1]]) == []
