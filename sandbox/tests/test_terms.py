"""What a loan costs and a term deposit earns, to the cent and to the day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bankweave_sandbox.terms import Deposit, Loan, months_after

LOAN = Loan(Decimal(10_000), Decimal("0.12"), date(2024, 11, 15), months=12)
DEPOSIT = Deposit(Decimal("0.05"), date(2024, 11, 15), months=6)


def test_an_instalment_is_the_annuity_in_whole_cents() -> None:
    assert LOAN.instalment == Decimal("888.49")


def test_the_first_instalment_pays_a_months_interest_and_the_rest_of_it_the_loan() -> None:
    assert LOAN.interest_on(LOAN.amount) == Decimal("100.00")
    assert LOAN.owed_after(1) == Decimal("9211.51")


def test_the_last_instalment_leaves_nothing_and_is_no_larger_than_the_others() -> None:
    last = LOAN.owed_after(11)
    assert LOAN.owed_after(12) == LOAN.owed_after(99) == 0
    assert Decimal("888.00") < last + LOAN.interest_on(last) <= LOAN.instalment


@pytest.mark.parametrize(
    ("day", "number", "following"),
    [
        (date(2024, 11, 1), 0, date(2024, 12, 15)),
        (date(2024, 12, 14), 0, date(2024, 12, 15)),
        (date(2024, 12, 15), 1, date(2025, 1, 15)),
        (date(2025, 11, 14), 11, date(2025, 11, 15)),
        (date(2025, 11, 15), 12, None),
        (date(2031, 1, 1), 12, None),
    ],
)
def test_instalments_are_due_a_month_apart_until_the_end(day: date, number: int, following: date | None) -> None:
    assert LOAN.ends == date(2025, 11, 15)
    assert (LOAN.instalments_until(day), LOAN.next_instalment(day)) == (number, following)


@pytest.mark.parametrize(
    ("day", "matures"),
    [
        (date(2024, 11, 15), date(2025, 5, 15)),
        (date(2025, 5, 14), date(2025, 5, 15)),
        (date(2025, 5, 15), date(2025, 11, 15)),
        (date(2026, 1, 31), date(2026, 5, 15)),
    ],
)
def test_a_deposit_is_locked_again_when_its_term_ends(day: date, matures: date) -> None:
    assert DEPOSIT.matures(day) == matures


def test_a_deposit_earns_its_rate_for_the_months_of_its_term() -> None:
    assert DEPOSIT.interest_on(Decimal("20000.50")) == Decimal("500.01")


def test_months_go_over_the_end_of_a_year() -> None:
    assert months_after(date(2024, 11, 15), 2) == date(2025, 1, 15)
    assert months_after(date(2024, 12, 15), 24) == date(2026, 12, 15)
