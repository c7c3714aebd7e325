"""Loans and term deposits live as they were agreed on, and end."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bankweave_sandbox import cast
from bankweave_sandbox.clock import Clock
from bankweave_sandbox.history import make_world
from bankweave_sandbox.household import Household, Life, live
from bankweave_sandbox.terms import Deposit, Loan, Terms
from bankweave_sandbox.world import Account, AccountKind, Kind, Movement, World

START = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)
FIRST_DAY = date(2026, 5, 20)


def account(kind: AccountKind, balance: str = "0", terms: Terms | None = None) -> Account:
    return Account(
        id=f"an-account-{kind}",
        bank=cast.HOOLI,
        holders=(cast.JARED,),
        kind=kind,
        name="Hooli Account",
        number=f"600-{kind}",
        currency="AUD",
        opened_on=date(2024, 1, 15),
        opening_balance=Decimal(balance),
        terms=terms,
    )


def lived(kind: AccountKind, terms: Terms, balance: str = "0") -> tuple[Account, Account]:
    """Let somebody live who has nothing else to do; returns the current account as well."""
    current, lent = account(AccountKind.CURRENT, "5000"), account(kind, balance, terms)
    live(Household(Life(transfers=0), current, lent=(lent,)), FIRST_DAY)
    return current, lent


def day_of(movement: Movement) -> date:
    return movement.occurred_at.astimezone(cast.HOOLI.zone).date()


def balances(of: Account) -> list[Decimal]:
    found, balance = [], of.opening_balance
    for movement in of.movements:
        balance += movement.amount
        found.append(balance)
    return found


def test_a_loan_begins_with_what_was_owed_when_the_history_begins() -> None:
    loan = Loan(Decimal(10_000), Decimal("0.12"), date(2024, 1, 15), months=60)
    _, lent = lived(AccountKind.LOAN, loan)

    before = loan.owed_after(3)  # February, March and April 2024
    assert lent.opening_balance == -(before + loan.interest_on(before))
    assert lent.movements[0].amount == loan.instalment


def test_what_is_owed_follows_the_plan_every_month() -> None:
    loan = Loan(Decimal(10_000), Decimal("0.12"), date(2024, 1, 15), months=60)
    _, lent = lived(AccountKind.LOAN, loan)

    repaid = [balance for movement, balance in zip(lent.movements, balances(lent), strict=True) if movement.amount > 0]
    assert repaid == [-loan.owed_after(number) for number in range(4, 4 + len(repaid))]
    assert len(repaid) == 31  # from May 2024 to November 2026


def test_every_instalment_leaves_the_current_account_on_the_day_it_reaches_the_loan() -> None:
    current, lent = lived(AccountKind.MORTGAGE, Loan(Decimal(10_000), Decimal("0.12"), date(2024, 1, 13), months=60))

    paid = {(day_of(m), -m.amount) for m in current.movements if m.category == "mortgage_repayment"}
    received = {(day_of(m), m.amount) for m in lent.movements if m.category == "mortgage_repayment"}
    assert len(paid) == 31
    assert paid == received


def test_a_loan_that_is_paid_back_owes_nothing_and_costs_nothing_any_more() -> None:
    loan = Loan(Decimal(10_000), Decimal("0.12"), date(2024, 1, 15), months=12)
    current, lent = lived(AccountKind.LOAN, loan)

    assert day_of(lent.movements[-1]) == date(2025, 1, 15)
    assert 0 < lent.movements[-1].amount <= loan.instalment
    assert balances(lent)[-1] == 0
    assert max(day_of(m) for m in current.movements if m.category == "loan_repayment") == loan.ends


def test_a_loan_that_was_over_before_the_history_begins_is_empty() -> None:
    _, lent = lived(AccountKind.LOAN, Loan(Decimal(10_000), Decimal("0.12"), date(2020, 1, 15), months=12))

    assert lent.opening_balance == 0
    assert not lent.movements


def test_a_deposit_earns_interest_on_interest_at_the_end_of_each_term_only() -> None:
    _, lent = lived(AccountKind.TERM_DEPOSIT, Deposit(Decimal("0.04"), date(2024, 1, 15), months=6), "20000")

    assert [day_of(m) for m in lent.movements] == [
        date(2024, 7, 15),
        date(2025, 1, 15),
        date(2025, 7, 15),
        date(2026, 1, 15),
        date(2026, 7, 15),
    ]
    assert [m.amount for m in lent.movements[:2]] == [Decimal("400.00"), Decimal("408.00")]
    assert {m.kind for m in lent.movements} == {Kind.INTEREST}


# The seeded world -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(Clock(START))


def accounts_of(world: World, username: str, bank_id: str = "au-hooli") -> dict[AccountKind, Account]:
    bank = world.bank(bank_id)
    assert bank is not None
    person = world.person_at(bank, username)
    assert person is not None
    return {account.kind: account for account in world.accounts_of(person, bank)}


@pytest.mark.parametrize(
    ("username", "kinds"),
    [
        ("Wentworth-Smith", {AccountKind.MORTGAGE, AccountKind.LOAN}),
        ("Whistler", set()),
        ("Gilfoyle", set()),
        ("gavinBelson", {AccountKind.LOAN}),
        ("jared", {AccountKind.TERM_DEPOSIT}),
        ("richard", set()),
        ("ashMann", set()),
        ("laurieBream", set()),
    ],
)
def test_everybody_owes_and_locks_what_is_documented_at_every_bank(
    world: World, username: str, kinds: set[AccountKind]
) -> None:
    for bank in cast.AU_BANKS:
        everyday = {AccountKind.CURRENT, AccountKind.SAVINGS, AccountKind.CREDIT_CARD}
        assert set(accounts_of(world, username, bank.id)) - everyday == kinds


def test_only_australian_banks_lend(world: World) -> None:
    assert {account.bank.provider for account in world.accounts if account.terms is not None} == {"basiq"}


def test_every_loan_of_the_world_stands_where_its_plan_says(world: World) -> None:
    loans = [(account, account.terms) for account in world.accounts if isinstance(account.terms, Loan)]
    assert len(loans) == 12
    for account, loan in loans:
        left = loan.owed_after(loan.instalments_until(FIRST_DAY))
        # Interest is charged at the end of a month; by the day of the instalment it is on the account as well.
        assert -world.booked_balance(account) in {left, left + loan.interest_on(left)}
        assert account.opened_on == loan.begins < date(2024, 5, 1)
        assert loan.ends > date(2026, 12, 31)


def test_a_locked_deposit_cannot_be_spent(world: World) -> None:
    deposit = accounts_of(world, "jared")[AccountKind.TERM_DEPOSIT]

    assert world.booked_balance(deposit) > 20_000
    assert world.available_balance(deposit) == 0


def test_what_a_loan_shows_as_available_is_what_was_paid_back(world: World) -> None:
    mortgage = accounts_of(world, "Wentworth-Smith")[AccountKind.MORTGAGE]

    assert isinstance(mortgage.terms, Loan)
    assert world.available_balance(mortgage) == mortgage.terms.amount + world.booked_balance(mortgage) > 0


@pytest.mark.parametrize(
    ("username", "category", "a_month"),
    [
        ("Gilfoyle", "unemployment_benefit", 2),
        ("Gilfoyle", "pay_later", 2),
        ("Whistler", "pay_later", 2),
        ("jared", "gig", 7),
        ("richard", "rental_income", 2),
        ("laurieBream", "business_income", 2),
        ("laurieBream", "wages", 2),
        ("laurieBream", "tax", 1),
    ],
)
def test_what_comes_and_goes_by_habit_does_so_every_month(
    world: World, username: str, category: str, a_month: int
) -> None:
    current = accounts_of(world, username)[AccountKind.CURRENT]
    rows = [entry for entry in world.entries(current) if entry.movement.category == category]
    february = [entry for entry in rows if f"{entry.transaction_date:%Y-%m}" == "2026-02"]
    assert len(february) == a_month
    assert len(rows) >= 24 * a_month


def test_who_lives_on_other_income_has_no_salary(world: World) -> None:
    for username in ("Gilfoyle", "jared", "laurieBream"):
        current = accounts_of(world, username)[AccountKind.CURRENT]
        assert all(movement.kind is not Kind.SALARY for movement in current.movements)


def test_a_gambler_loses_more_than_he_wins(world: World) -> None:
    bets = [m.amount for m in accounts_of(world, "ashMann")[AccountKind.CURRENT].movements if m.category == "gambling"]
    won, lost = (sum(amount for amount in bets if (amount > 0) is wins) for wins in (True, False))

    assert len(bets) > 100
    assert 0 < won < -lost / 2
