"""The world shows what has happened, remembers who banks where, and tells its listeners."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.history import make_world
from bankweave_sandbox.world import Account, Kind, Movement, News, World

START = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return make_world(Clock(START))


@pytest.fixture
def account(world: World) -> Account:
    return world.accounts[0]


def coffee(world: World, amount: str = "-4.20", *, pending: bool = False) -> Movement:
    now = world.clock.now()
    return Movement("made-by-hand", Decimal(amount), Kind.CARD, now, None if pending else now, "Coffee")


def test_the_same_login_is_another_person_at_another_bank(world: World) -> None:
    polish, czech = world.bank("pl-kontobank"), world.bank("KontoBankApi_cz")
    assert polish is not None
    assert czech is not None

    pole, bohemian = world.person_at(polish, "TEST1"), world.person_at(czech, "test1")

    assert pole is not None
    assert bohemian is not None
    assert pole.name == "Zofia Przykładowa"
    assert bohemian.name == "Jiří Smyšlený"


def test_strangers_and_co_holders_without_a_login_cannot_be_found_by_username(world: World) -> None:
    for bank in world.banks:
        assert world.person_at(bank, "") is None
        assert world.person_at(bank, "mallory") is None


def test_banks_are_found_by_the_worlds_or_the_providers_id(world: World) -> None:
    assert world.bank("AU00002") is world.bank("au-piedpiper")
    assert world.bank("KontoBank") is world.bank("KontoBankApi")
    assert world.bank("nowhere") is None


def test_the_future_shows_only_when_the_clock_is_moved(world: World, account: Account) -> None:
    before = world.entries(account)
    assert len(before) < len(account.movements)

    world.advance(timedelta(days=30))

    after = world.entries(account)
    assert len(after) > len(before) + 20
    assert {e.movement.id for e in before} <= {e.movement.id for e in after}
    assert max(e.movement.occurred_at for e in after) <= world.clock.now()


def test_what_was_pending_is_booked_in_time(world: World, account: Account) -> None:
    pending = {e.movement.id for e in world.entries(account) if not e.booked}
    assert pending

    world.advance(timedelta(days=7))

    assert pending <= {e.movement.id for e in world.entries(account) if e.booked}


def test_entries_are_newest_first_with_running_balances(world: World, account: Account) -> None:
    entries = world.entries(account)
    booked = [e for e in entries if e.booked]

    assert entries[: len(entries) - len(booked)] == [e for e in entries if not e.booked]
    for newer, older in pairwise(booked):
        assert newer.booking_date is not None
        assert older.booking_date is not None
        assert newer.booking_date >= older.booking_date
        assert newer.balance_after == (older.balance_after or 0) + newer.movement.amount
    assert booked[0].balance_after == world.booked_balance(account)


def test_what_a_caller_does_to_its_entries_does_not_reach_the_next(world: World, account: Account) -> None:
    world.entries(account).clear()

    assert len(world.entries(account)) > 1000


def test_a_pending_payment_lowers_what_is_available_only(world: World, account: Account) -> None:
    balance, available = world.booked_balance(account), world.available_balance(account)

    world.pay(account, coffee(world, pending=True))

    assert world.booked_balance(account) == balance
    assert world.available_balance(account) == available - Decimal("4.20")
    assert world.entries(account)[0].movement.text == "Coffee"


def test_booking_may_change_the_amount(world: World, account: Account) -> None:
    balance = world.booked_balance(account)
    payment = world.pay(account, coffee(world, pending=True))

    world.book(payment, Decimal("-5.00"), "Coffee and tip")

    newest = next(e for e in world.entries(account) if e.booked)
    assert newest.movement.text == "Coffee and tip"
    assert newest.balance_after == world.booked_balance(account) == balance - 5


def test_what_is_booked_by_hand_does_not_reach_another_world_of_the_same_seed(world: World, account: Account) -> None:
    other = make_world(Clock(START))
    pending = next(e.movement for e in world.entries(account) if not e.booked)

    world.book(pending, Decimal("-1.00"))
    world.pay(account, coffee(world))

    assert other.entries(other.accounts[0]) == make_world(Clock(START)).entries(other.accounts[0])
    assert pending.id in {e.movement.id for e in other.entries(other.accounts[0]) if not e.booked}


def test_a_payment_that_lapses_is_gone(world: World, account: Account) -> None:
    before = world.entries(account)
    payment = world.pay(account, coffee(world, pending=True))

    world.lapse(account, payment)

    assert world.entries(account) == before


def test_a_payment_by_hand_shows_at_once_and_nothing_else_with_it(world: World, account: Account) -> None:
    before = world.entries(account)
    world.clock.advance(timedelta(days=3))  # as if three days of real time had passed

    world.pay(account, coffee(world))

    assert {e.movement.id for e in world.entries(account)} - {e.movement.id for e in before} == {"made-by-hand"}


def test_listeners_hear_of_what_happens_by_hand(world: World, account: Account) -> None:
    heard: list[News] = []
    world.subscribe(heard.append)

    payment = world.pay(account, coffee(world, pending=True))
    world.book(payment)
    reservation = world.pay(account, coffee(world, pending=True))
    world.lapse(account, reservation)

    assert [news.what for news in heard] == ["appeared", "booked", "appeared", "lapsed"]
    assert {news.account.id for news in heard} == {account.id}


def test_listeners_hear_each_movement_that_the_clock_reveals_once(world: World) -> None:
    before = {e.movement.id for a in world.accounts for e in world.entries(a)}
    heard: list[News] = []
    world.subscribe(heard.append)

    world.advance(timedelta(days=3))
    world.advance(timedelta(days=3))

    now_seen = {e.movement.id for a in world.accounts for e in world.entries(a)}
    appeared = [news.movement.id for news in heard if news.what == "appeared"]
    assert len(appeared) > 50
    assert sorted(appeared) == sorted(now_seen - before)
    assert before & {news.movement.id for news in heard if news.what == "booked"}


def test_banks_without_pending_rows_show_a_payment_when_it_is_booked(world: World) -> None:
    bank = world.bank("pl-kontobank")
    assert bank is not None
    for hours in (20, 40, 60):
        world.advance(timedelta(hours=hours))
        shown = [e for a in world.accounts if a.bank is bank for e in world.entries(a)]
        assert all(e.booked for e in shown)


def test_what_is_scheduled_happens_at_its_instant_while_the_clock_moves_past_it(world: World) -> None:
    start, done = world.clock.now(), []
    for name, days in (("second", 3), ("first", 1), ("far", 30)):
        at = start + timedelta(days=days)
        world.schedule(at, lambda name=name, at=at: done.append((name, abs(world.clock.now() - at))))  # type: ignore[misc] # mypy cannot infer lambdas with defaults

    world.advance(timedelta(days=5))

    assert [name for name, _ in done] == ["first", "second"]
    assert max(late for _, late in done) < timedelta(minutes=1)
    assert world.clock.now() - start < timedelta(days=5, minutes=1)


def test_what_is_scheduled_may_schedule_more(world: World) -> None:
    done: list[datetime] = []

    def repeat() -> None:
        done.append(world.clock.now())
        world.schedule(START + timedelta(days=len(done) + 1), repeat)

    world.schedule(START + timedelta(days=1), repeat)
    world.advance(timedelta(days=4))

    assert [at.date().day for at in done] == [21, 22, 23, 24]


def test_a_move_back_does_nothing_that_is_scheduled(world: World) -> None:
    done: list[str] = []
    world.schedule(START - timedelta(days=1), lambda: done.append("late"))

    with pytest.raises(ValueError, match="only moves forward"):
        world.advance(-timedelta(days=2))

    assert done == []
    world.advance(timedelta(0))
    assert done == ["late"]
