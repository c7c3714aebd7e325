"""The seeded history is plausible, whole, the same every time, and awkward where real banks are."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.history import make_world
from bankweave_sandbox.iban import is_valid_iban, make_iban
from bankweave_sandbox.world import Account, AccountKind, Kind, Movement, World

START = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)
FIRST_DAY = date(2026, 5, 20)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(Clock(START))


@pytest.fixture(scope="module")
def lived_in(world: World) -> list[Account]:
    return [account for account in world.accounts if account.movements]


def seen(world: World, account: Account) -> list[Movement]:
    return [entry.movement for entry in world.entries(account)]


def monthly(accounts: list[Account]) -> list[Account]:
    """Leave out what moves only at the end of a term."""
    return [account for account in accounts if account.kind is not AccountKind.TERM_DEPOSIT]


def has_cards(account: Account) -> bool:
    return any(movement.kind is Kind.CARD for movement in account.movements)


def account_of(world: World, bank_id: str, username: str, kind: AccountKind = AccountKind.CURRENT) -> Account:
    bank = world.bank(bank_id)
    assert bank is not None
    person = world.person_at(bank, username)
    assert person is not None
    return next(a for a in world.accounts_of(person, bank) if a.kind is kind)


def test_the_same_seed_and_day_give_the_same_world(world: World) -> None:
    again = make_world(Clock(START + timedelta(hours=1)))

    assert again.accounts == world.accounts


def test_another_seed_gives_another_world_with_the_same_people(world: World) -> None:
    other = make_world(Clock(START), seed=2)

    assert other.people == world.people
    assert {a.id for a in other.accounts}.isdisjoint(a.id for a in world.accounts)
    assert seen(other, other.accounts[0])[5].amount != seen(world, world.accounts[0])[5].amount


def test_what_happened_in_a_past_month_does_not_depend_on_the_first_day(world: World) -> None:
    later = make_world(Clock(START + timedelta(days=45)))

    def a_march(of: World) -> list[Movement]:
        return [m for m in of.accounts[0].movements if m.occurred_at.strftime("%Y-%m") == "2026-03"]

    assert len(a_march(world)) > 40
    assert a_march(later) == a_march(world)


def test_history_goes_back_two_years_and_leaves_no_month_out(world: World, lived_in: list[Account]) -> None:
    months = {f"{2024 + (4 + n) // 12}-{(4 + n) % 12 + 1:02d}" for n in range(24)}  # 2024-05 to 2026-04
    for account in monthly(lived_in):
        assert months <= {m.occurred_at.strftime("%Y-%m") for m in seen(world, account)}


def test_history_goes_on_for_half_a_year(lived_in: list[Account]) -> None:
    for account in monthly(lived_in):
        assert account.movements[-1].occurred_at > START + timedelta(days=183)


def test_no_movement_is_booked_before_it_happens(lived_in: list[Account]) -> None:
    for account in lived_in:
        assert all(m.booked_at is not None and m.booked_at >= m.occurred_at for m in account.movements)


def test_nothing_happens_on_the_first_day_in_the_banks_own_zone(lived_in: list[Account]) -> None:
    for account in lived_in:
        first_day = START.astimezone(account.bank.zone).date()
        instants = {i for m in account.movements for i in (m.occurred_at, m.booked_at) if i is not None}
        assert first_day not in {instant.astimezone(account.bank.zone).date() for instant in instants}


@pytest.mark.parametrize(
    ("bank_id", "username", "least"),
    [
        ("kontist", "anna@kontist.example", 1400),
        ("kontist", "ben@kontist.example", 500),
        ("pl-kontobank", "test1", 1000),
        ("cz-kontobank", "test1", 800),
        ("au-hooli", "gavinBelson", 1000),
        ("au-piedpiper", "gavinBelson", 1000),
        ("au-hooli", "jared", 300),
    ],
)
def test_histories_are_long_enough_to_need_pages(world: World, bank_id: str, username: str, least: int) -> None:
    assert len(world.entries(account_of(world, bank_id, username))) >= least


def test_every_month_has_a_salary_and_a_rent(world: World) -> None:
    anna = account_of(world, "kontist", "anna@kontist.example")
    for kind in (Kind.SALARY, Kind.RENT, Kind.FEE, Kind.CARD_REFUND, Kind.CASH, Kind.DIRECT_DEBIT):
        months = {m.occurred_at.strftime("%Y-%m") for m in seen(world, anna) if m.kind is kind}
        assert len(months) >= 24, kind


def test_accounts_with_cards_have_identical_twins(world: World) -> None:
    carded = [a for a in world.accounts if has_cards(a)]
    assert len(carded) > 30
    for account in carded:
        alike = Counter(repr(replace(m, id="")) for m in seen(world, account) if m.occurred_at > START - timedelta(89))
        assert max(alike.values()) == 2


def test_card_payments_abroad_carry_what_they_cost_there(world: World) -> None:
    gavin = account_of(world, "au-hooli", "gavinBelson", AccountKind.CREDIT_CARD)
    abroad = [m for m in seen(world, gavin) if m.original_amount is not None]

    assert {m.original_currency for m in abroad} == {"NZD", "USD"}
    assert all(m.original_amount is not None and m.original_amount < 0 for m in abroad)


def test_transfers_between_own_accounts_show_on_both(world: World) -> None:
    current = account_of(world, "pl-kontobank", "test1")
    savings = account_of(world, "pl-kontobank", "test1", AccountKind.SAVINGS)

    sent = Counter(-m.amount for m in seen(world, current) if m.counterparty_iban == savings.iban)
    received = Counter(m.amount for m in seen(world, savings) if m.counterparty_iban == current.iban)

    assert sent.total() > 20
    assert sent == received


def test_banks_that_show_pending_rows_have_some_on_the_first_day(world: World) -> None:
    for account in (a for a in world.accounts if has_cards(a)):
        pending = [e for e in world.entries(account) if not e.booked]
        assert bool(pending) is account.bank.shows_pending
        assert all(START - e.movement.occurred_at < timedelta(days=7) for e in pending)
        assert all(e.booking_date is None and e.balance_after is None for e in pending)


def test_kontomatik_banks_book_some_card_payments_on_the_next_day(world: World) -> None:
    entries = [e for e in world.entries(account_of(world, "pl-kontobank", "test1")) if e.movement.kind is Kind.CARD]
    waits = Counter((e.booking_date - e.transaction_date).days for e in entries if e.booking_date is not None)

    assert set(waits) == {0, 1}
    assert min(waits.values()) > 100


def test_all_ibans_have_valid_check_digits(world: World) -> None:
    own = {a.iban for a in world.accounts if a.iban is not None}
    others = {m.counterparty_iban for a in world.accounts for m in a.movements if m.counterparty_iban is not None}

    assert len(own) == 8
    assert len(others) > 15
    assert all(is_valid_iban(iban) for iban in own | others)
    assert {iban[:2] for iban in own} == {"DE", "PL", "CZ"}
    assert all(iban[4:12] == "11010100" for iban in own if iban.startswith("DE"))


def test_check_digits_are_those_of_the_standard() -> None:
    assert make_iban("GB", "WEST12345698765432") == "GB82WEST12345698765432"
    assert not is_valid_iban("GB83WEST12345698765432")


def test_ids_and_account_numbers_are_unique(world: World) -> None:
    movements = [m.id for a in world.accounts for m in a.movements]

    assert len(set(movements)) == len(movements)
    assert len({a.id for a in world.accounts}) == len({a.number for a in world.accounts}) == len(world.accounts)


def test_texts_are_awkward_where_programs_break(world: World) -> None:
    for bank_id, username, awkward in [
        ("kontist", "anna@kontist.example", "ßŁ&<'🍕ü"),
        ("pl-kontobank", "test1", "łŻ&<'🍕ę"),
        ("cz-kontobank", "test1", "řŽ&<'🍕ů"),
        ("au-hooli", "gavinBelson", "&<'🍕"),
    ]:
        account = account_of(world, bank_id, username)
        texts = "".join(f"{m.text}{m.counterparty}" for m in seen(world, account))
        assert {c for c in awkward if c not in texts} == set()


def test_balances_stay_within_reason(world: World, lived_in: list[Account]) -> None:
    for account in lived_in:
        balances = [e.balance_after for e in world.entries(account) if e.balance_after is not None]
        if account.kind is AccountKind.CREDIT_CARD:
            assert account.credit_limit is not None
            assert max(balances) <= 0
            assert min(balances) > -account.credit_limit
        elif account.kind.is_borrowing:
            assert account.credit_limit is not None
            assert -account.credit_limit < min(balances) < max(balances) < 0
        else:
            assert min(balances) > Decimal(-500) * (25 if account.currency == "CZK" else 1)


def test_somebody_has_an_empty_account(world: World) -> None:
    empty = account_of(world, "pl-kontobank", "empty")

    assert world.entries(empty) == []
    assert world.booked_balance(empty) == world.available_balance(empty) == 0


def test_a_joint_account_has_two_holders(world: World) -> None:
    assert len(account_of(world, "pl-kontobank", "test1").holders) == 2
    assert len(account_of(world, "au-hooli", "Wentworth-Smith").holders) == 2


@pytest.mark.parametrize(
    ("username", "kinds"),
    [
        ("Wentworth-Smith", {AccountKind.CURRENT, AccountKind.MORTGAGE, AccountKind.LOAN}),
        ("gavinBelson", {AccountKind.CURRENT, AccountKind.CREDIT_CARD, AccountKind.LOAN}),
        ("jared", {AccountKind.CURRENT, AccountKind.TERM_DEPOSIT}),
    ],
)
def test_test_people_have_what_is_documented_at_every_bank(
    world: World, username: str, kinds: set[AccountKind]
) -> None:
    for bank in world.banks_of("basiq"):
        person = world.person_at(bank, username)
        assert person is not None
        assert kinds <= {account.kind for account in world.accounts_of(person, bank)}, bank.name


@pytest.mark.parametrize("username", ["bighead", "erlich", "jianYang"])
def test_people_who_exist_to_fail_are_known_and_have_nothing(world: World, username: str) -> None:
    for bank in world.banks_of("basiq"):
        person = world.person_at(bank, username)
        assert person is not None
        assert world.accounts_of(person, bank) == []
