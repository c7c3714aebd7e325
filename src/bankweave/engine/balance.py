"""Proof by the balances: where a bank states the balance after each booking, a row that is missing shows as a step. Pure.

Rows come day by day, in either direction. Within a day banks order them as they like, so a day counts as a whole: of the
balances before and after its rows, all but the first and the last meet each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bankweave.model import ObservedTransaction, TransactionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that does not add up. The rows are stored all the same."""

    kind: str  # "balance_gap": the balances say that rows are missing, or that they were shown twice
    day: date  # the day on which, or after which, it does not add up
    amount: Decimal | None  # what the missing rows come to; None: more than one place, so nobody knows
    message: str


@dataclass(frozen=True, slots=True)
class _Day:
    """What the balances of one day leave open: where it began, and where it ended. One value each, if it adds up."""

    day: date
    openings: frozenset[Decimal]
    closings: frozenset[Decimal]
    has_gap: bool = False

    @classmethod
    def of(cls, day: date, rows: Sequence[tuple[Decimal, Decimal]]) -> _Day:
        after = Counter(balance for balance, _ in rows)
        before = Counter(balance - amount for balance, amount in rows)
        if after == before:  # it ended where it began, and nobody can tell where that was
            return cls(day, frozenset(before), frozenset(after))
        openings = before - after
        return cls(day, frozenset(openings), frozenset(after - before), has_gap=openings.total() > 1)


class BalanceProof:
    """Checks one account's rows as they are read, holding one day of them."""

    def __init__(self) -> None:
        self._rows: list[tuple[Decimal, Decimal]] = []
        self._day: date | None = None
        self._last: _Day | None = None
        self._newest: _Day | None = None
        self._descending: bool | None = None
        self._is_over = False
        self.findings: list[Finding] = []

    def take(self, rows: Iterable[ObservedTransaction]) -> None:
        for row in rows:
            if not self._is_over and row.status is TransactionStatus.BOOKED:
                self._take(row)

    def finish(self, booked_balance: Decimal | None) -> list[Finding]:
        """Check the last day, and that the newest one ended at the account's booked balance, where that is stated."""
        self._close_day()
        newest = None if self._is_over else self._newest
        if newest is not None and booked_balance is not None and booked_balance not in newest.closings:
            self._report(newest.day, _single(frozenset({booked_balance}), newest.closings))
        return self.findings

    def _take(self, row: ObservedTransaction) -> None:
        if row.balance_after is None or row.booking_date is None:
            self._give_up()
            return
        if row.booking_date != self._day:
            self._close_day()
            self._day = row.booking_date
        self._rows.append((row.balance_after, row.amount))

    def _give_up(self) -> None:
        """A row without a balance, or days in no order, prove nothing: neither that rows are missing nor that none are."""
        self._is_over = True
        self.findings = []

    def _close_day(self) -> None:
        if self._day is None or not self._rows:
            return
        closed = _Day.of(self._day, self._rows)
        self._rows = []
        if self._last is not None and not self._is_next(self._last, closed):
            self._give_up()
            return
        self._check(closed)
        self._last = closed
        if self._newest is None or closed.day > self._newest.day:
            self._newest = closed

    def _is_next(self, last: _Day, closed: _Day) -> bool:
        descending = closed.day < last.day
        if self._descending is None:
            self._descending = descending
        return descending is self._descending and closed.day != last.day

    def _check(self, closed: _Day) -> None:
        if closed.has_gap:
            self._report(closed.day, None)
        if self._last is None:
            return
        older, newer = (closed, self._last) if self._descending else (self._last, closed)
        if not older.closings & newer.openings:
            self._report(older.day, _single(newer.openings, older.closings))

    def _report(self, day: date, amount: Decimal | None) -> None:
        self.findings.append(Finding(kind="balance_gap", day=day, amount=amount, message=_said(day, amount)))


def _single(later: frozenset[Decimal], earlier: frozenset[Decimal]) -> Decimal | None:
    return _only(later) - _only(earlier) if len(later) == len(earlier) == 1 else None


def _only(values: frozenset[Decimal]) -> Decimal:
    (value,) = values
    return value


def _said(day: date, amount: Decimal | None) -> str:
    what = "the balances do not add up" if amount is None else f"by the balances, rows of {amount:+} in all are missing"
    return f"on or after {day} {what}; the bank may have left rows out, or shown them twice"
