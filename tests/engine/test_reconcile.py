"""What reconciling decides, row by row and for any split of the data into pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger import ACCOUNT, DAY, Ledger, booked, kinds, pending

from bankweave.engine.identity import observe
from bankweave.engine.reconcile import Reading
from bankweave.model import ChangeKind, ObservedTransaction, TransactionStatus

ADDED = (ChangeKind.ADDED, "new")
BOOKED = (ChangeKind.MODIFIED, "booked")
GONE = (ChangeKind.REMOVED, "gone")


def test_the_same_rows_again_change_nothing() -> None:
    ledger = Ledger()
    rows = [booked(provider_id="a"), booked("-1", provider_id="b")]

    assert kinds(ledger.read(rows)) == [ADDED, ADDED]
    assert ledger.read(rows) == []


def test_identical_twins_without_ids_both_survive_and_stay_two() -> None:
    ledger = Ledger()

    assert kinds(ledger.read([booked(), booked()])) == [ADDED, ADDED]
    assert ledger.read([booked()], [booked()]) == []
    assert len(ledger.live) == 2


def test_a_third_twin_that_comes_later_is_the_only_change() -> None:
    ledger = Ledger()
    ledger.read([booked(balance_after=Decimal(96)), booked(balance_after=Decimal(100))])

    writes = ledger.read(
        [
            booked(balance_after=Decimal(92)),
            booked(balance_after=Decimal(96)),
            booked(balance_after=Decimal(100)),
        ]
    )

    assert kinds(writes) == [ADDED]
    assert len(ledger.live) == 3


def test_a_twin_that_the_bank_takes_back_leaves_one() -> None:
    ledger = Ledger()
    ledger.read([booked(), booked()])

    assert kinds(ledger.read([booked()])) == [GONE]
    assert len(ledger.live) == 1


def test_spacing_and_case_of_a_text_do_not_make_another_row() -> None:
    ledger = Ledger()
    ledger.read([booked(remittance_information=("ZAKUPY  ŻABKA\nWARSZAWA",))])

    writes = ledger.read([booked(remittance_information=("Zakupy Żabka Warszawa",))])

    assert kinds(writes) == [(ChangeKind.MODIFIED, "content")]
    assert len(ledger.live) == 1


def test_a_pending_row_booked_under_its_id_keeps_ours() -> None:
    ledger = Ledger()
    (added,) = ledger.read([pending(provider_id="a")])

    (write,) = ledger.read([booked("-4.50", provider_id="a", day=DAY + timedelta(days=2))])

    assert (write.kind, write.reason) == BOOKED
    assert write.id == added.id


def test_a_pending_row_booked_under_a_new_id_is_linked_when_it_is_the_only_candidate() -> None:
    ledger = Ledger()
    (added,) = ledger.read([pending()])

    (write,) = ledger.read([booked(provider_id="posted-1", day=DAY + timedelta(days=3))])

    assert (write.kind, write.reason) == BOOKED
    assert write.id == added.id
    assert ledger.read([booked(provider_id="posted-1", day=DAY + timedelta(days=3))]) == []


def test_a_booking_that_could_be_of_two_pending_rows_is_linked_to_neither() -> None:
    ledger = Ledger()
    ledger.read([pending(remittance_information=("one",)), pending(remittance_information=("two",))])

    writes = ledger.read([booked(provider_id="posted-1")])

    assert sorted(kinds(writes)) == sorted([ADDED, GONE, GONE])


def test_a_payment_like_one_that_was_booked_since_is_another_row() -> None:
    ledger = Ledger()
    (first,) = ledger.read([pending()])
    ledger.read([booked(provider_id="1")])
    (second,) = ledger.read([booked(provider_id="1"), pending()])

    assert (second.kind, second.id != first.id) == (ChangeKind.ADDED, True)
    assert ledger.read([booked(provider_id="1"), pending()]) == []
    assert len(ledger.live) == 2


def test_a_row_like_one_whose_text_was_completed_since_is_another_row() -> None:
    rent, completed = booked(remittance_information=("rent",)), booked(remittance_information=("rent REF",))
    ledger = Ledger()
    ledger.read([rent, rent])
    ledger.read([rent, completed])
    (third,) = ledger.read([rent, completed, rent])

    assert third.kind is ChangeKind.ADDED
    assert ledger.read([rent, rent, completed]) == []
    assert len(ledger.live) == 3


def test_ids_of_one_account_begin_alike_and_those_of_another_do_not() -> None:
    rows = observe([booked(provider_id=name) for name in "abc"])
    here, there = (Reading(account).page(rows, []) for account in (ACCOUNT, "account-2"))

    assert len({write.id for write in here}) == 3
    assert len({write.id[:8] for write in here}) == 1
    assert {write.id[:8] for write in here}.isdisjoint(write.id[:8] for write in there)


@pytest.mark.parametrize("row", [booked(), booked(provider_id="a")])
def test_a_row_keeps_an_id_that_was_made_another_way(row: ObservedTransaction) -> None:
    ledger = Ledger()
    ledger.read([row])
    ((known, _),) = ledger.rows.values()
    ledger.rows = {"made-otherwise": (replace(known, id="made-otherwise"), row)}

    (write,) = ledger.read([replace(row, category="food")])

    assert (write.kind, write.id) == (ChangeKind.MODIFIED, "made-otherwise")


@pytest.mark.parametrize("status", [TransactionStatus.PENDING, TransactionStatus.UNKNOWN])
def test_a_row_without_an_id_keeps_ours_when_it_is_booked(status: TransactionStatus) -> None:
    ledger = Ledger()
    (added,) = ledger.read([pending(status=status, remittance_information=("card payment",))])

    (write,) = ledger.read([booked(day=DAY + timedelta(days=2), remittance_information=("CARD PAYMENT 4711 BERLIN",))])

    assert (write.kind, write.reason) == BOOKED
    assert write.id == added.id


def test_a_text_that_the_bank_completes_later_changes_the_row_and_makes_no_other() -> None:
    ledger = Ledger()
    (added, _) = ledger.read([booked(remittance_information=("rent",)), booked("-1")])

    completed = [booked(remittance_information=("rent REF 4711",)), booked("-1")]
    (write,) = ledger.read(completed)

    assert (write.kind, write.reason, write.id) == (ChangeKind.MODIFIED, "content", added.id)
    assert ledger.read(completed) == []


def test_two_rows_that_could_be_the_same_completed_one_are_not_guessed_at() -> None:
    ledger = Ledger()
    ledger.read([booked(remittance_information=("one",)), booked(remittance_information=("two",))])

    writes = ledger.read([booked(remittance_information=("one",)), booked(remittance_information=("three",))])
    assert kinds(writes) == [(ChangeKind.MODIFIED, "content")]  # one was shown again, so it can only be the other

    writes = ledger.read([booked(remittance_information=("x",)), booked(remittance_information=("y",))])
    assert sorted(kinds(writes)) == sorted([ADDED, ADDED, GONE, GONE])


def test_a_row_of_another_day_is_another_row() -> None:
    ledger = Ledger()
    ledger.read([booked(remittance_information=("rent",))])

    writes = ledger.read([booked(day=DAY + timedelta(days=1), remittance_information=("rent again",))])

    assert sorted(kinds(writes)) == sorted([ADDED, GONE])


def test_a_booking_of_the_same_amount_is_new_while_the_pending_row_is_still_shown() -> None:
    ledger = Ledger()
    ledger.read([pending()])

    writes = ledger.read([booked(provider_id="posted-1")], [pending()])

    assert kinds(writes) == [ADDED]
    assert len(ledger.live) == 2


def test_a_booking_long_after_the_payment_is_not_its_booking() -> None:
    ledger = Ledger()
    ledger.read([pending()])

    writes = ledger.read([booked(provider_id="posted-1", day=DAY + timedelta(days=15))])

    assert sorted(kinds(writes)) == sorted([ADDED, GONE])


def test_a_row_that_comes_back_is_added_again_under_the_same_id() -> None:
    ledger = Ledger()
    (first,) = ledger.read([booked(provider_id="a")])
    ledger.read([])

    (again,) = ledger.read([booked(provider_id="a")])

    assert (again.kind, again.reason) == (ChangeKind.ADDED, "reappeared")
    assert again.id == first.id


def test_a_reading_that_went_on_from_a_cursor_removes_nothing() -> None:
    ledger = Ledger()
    ledger.read([booked(provider_id="a"), pending()])

    assert kinds(ledger.read([booked("-9", provider_id="b")], whole=False)) == [ADDED]


def test_a_row_that_is_shown_twice_in_one_reading_is_stored_once() -> None:
    ledger = Ledger()
    row = booked(provider_id="a")

    assert kinds(ledger.read([row, row], [row])) == [ADDED]
    assert ledger.read([row, row], [row]) == []


def test_a_tombstone_is_looked_up_although_other_rows_are_expected() -> None:
    ledger = Ledger()
    rows = [booked(provider_id="a"), booked("-1", provider_id="b")]
    (first, _) = ledger.read(rows)
    ledger.read(rows[1:])

    (again,) = ledger.read(rows)

    assert (again.kind, again.reason, again.id) == (ChangeKind.ADDED, "reappeared", first.id)


def test_a_reading_cannot_be_resumed_past_a_row_without_an_id_of_the_provider() -> None:
    reading = Reading(ACCOUNT)
    ledger = Ledger()

    ledger.take(reading, [booked(provider_id="a")])
    assert reading.can_resume
    ledger.take(reading, [booked()])
    assert not reading.can_resume


_amounts = st.sampled_from(["-4.20", "-1.00", "2500.00"])
_days = st.integers(0, 3).map(lambda days: DAY - timedelta(days=days))
_texts = st.sampled_from([("coffee",), ("rent",)])
_anonymous = st.builds(lambda a, d, t: booked(a, day=d, remittance_information=t), _amounts, _days, _texts)
_named = st.builds(lambda a, d, n: booked(a, day=d, provider_id=f"id-{n}"), _amounts, _days, st.integers(0, 5))
_pending = st.builds(lambda a, d, t: pending(a, day=d, remittance_information=t), _amounts, _days, _texts)
_rows = st.lists(_anonymous | _named | _pending, max_size=12)


def _unique(rows: Sequence[ObservedTransaction]) -> list[ObservedTransaction]:
    """A provider shows an id once."""
    named: dict[object, ObservedTransaction] = {}
    for number, row in enumerate(rows):
        named.setdefault(row.provider_id or number, row)
    return list(named.values())


_histories = _rows.map(_unique)


def _split(rows: list[ObservedTransaction], cuts: list[int]) -> list[list[ObservedTransaction]]:
    edges = sorted({0, len(rows), *(cut % (len(rows) + 1) for cut in cuts)})
    return [rows[start:end] for start, end in pairwise(edges)]


_cuts = st.lists(st.integers(0, 20), max_size=4)


@given(before=_histories, after=_histories, cuts=_cuts, other_cuts=_cuts)
def test_any_split_into_pages_gives_the_same_store(
    before: list[ObservedTransaction], after: list[ObservedTransaction], cuts: list[int], other_cuts: list[int]
) -> None:
    one, other = Ledger(), Ledger()
    for rows in (before, after):
        one.read(*_split(rows, cuts))
        other.read(*_split(rows, other_cuts))

    assert one.rows == other.rows


@given(before=_histories, after=_histories, cuts=_cuts)
def test_the_store_shows_what_the_bank_showed_last(
    before: list[ObservedTransaction], after: list[ObservedTransaction], cuts: list[int]
) -> None:
    ledger = Ledger()
    ledger.read(*_split(before, cuts))
    ledger.read(*_split(after, cuts))

    assert ledger.live == sorted(after, key=repr)
    assert ledger.read(*_split(after, cuts)) == []


@given(rows=_histories, cuts=_cuts, at=st.integers(0, 20))
def test_a_page_that_is_applied_twice_changes_nothing(
    rows: list[ObservedTransaction], cuts: list[int], at: int
) -> None:
    """A crash after a commit repeats that page, or, where rows have no ids, the whole reading."""
    pages = _split(rows, cuts)
    done = pages[: at % (len(pages) + 1)]
    ledger = Ledger()
    interrupted = Reading(ACCOUNT)
    for page in done:
        ledger.apply(ledger.take(interrupted, page))

    resumed = interrupted.can_resume and bool(done)
    ledger.read(*(pages[len(done) - 1 :] if resumed else pages), whole=not resumed)

    undisturbed = Ledger()
    undisturbed.read(*pages)
    assert ledger.rows == undisturbed.rows
