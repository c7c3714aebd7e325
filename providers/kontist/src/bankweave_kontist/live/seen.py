"""Which transactions were handed out already, so that none comes twice and none is missed."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bankweave_kontist.berlin import berlin_today

if TYPE_CHECKING:
    from bankweave_kontist.transactions.records import Transaction


@dataclass(slots=True)
class Seen:
    """Transactions by id, with what the bank said of them.

    One that comes again is news only if the bank says something else than before, such as a value date once a reservation is
    booked: whether that is pushed at all is undocumented. What the user does to it (category, note, splits) is no news.

    `floor` is the first booking day that is looked at: what is older, nobody has kept apart from what is new. It moves on
    with the last contact, and stays `reservation_days` behind it, because so long after its day a row may still change.
    """

    floor: date
    reservation_days: int
    _facts: dict[str, tuple[date, Hashable]] = field(default_factory=dict)

    def is_news(self, transaction: Transaction) -> bool:
        """Tell whether to hand it out, which is then taken for done."""
        facts = (transaction.booking_date, _facts(transaction))
        if self._facts.get(transaction.id) == facts:
            return False
        self._facts[transaction.id] = facts
        return True

    def had_contact(self, now: datetime) -> None:
        """Take everything until now for delivered, and forget what is too old to change."""
        floor = berlin_today(now) - timedelta(days=self.reservation_days)
        if floor <= self.floor:
            return
        self.floor = floor
        self._facts = {key: facts for key, facts in self._facts.items() if facts[0] >= floor}


def _facts(transaction: Transaction) -> Hashable:
    return (
        transaction.amount,
        transaction.type,
        transaction.name,
        transaction.iban,
        transaction.purpose,
        transaction.valuta_date,
    )
