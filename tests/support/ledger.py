"""A store of one account in a dictionary: just enough to apply what reconciling decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from bankweave.engine.identity import observe
from bankweave.engine.reconcile import Reading
from bankweave.model import ChangeKind, ObservedTransaction, TransactionStatus
from bankweave.store.base import Known, Write

ACCOUNT = "account-1"
DAY = date(2026, 11, 20)


@dataclass
class Ledger:
    rows: dict[str, tuple[Known, ObservedTransaction]] = field(default_factory=dict)

    def read(self, *pages: Sequence[ObservedTransaction], whole: bool = True) -> list[Write]:
        """Read pages in one pass and apply what follows; returns all writes."""
        reading = Reading(ACCOUNT, self.expected(), whole=whole)
        writes: list[Write] = []
        for page in pages:
            writes += self.apply(self.take(reading, page))
        return writes + self.apply(reading.finish())

    def take(self, reading: Reading, page: Sequence[ObservedTransaction]) -> list[Write]:
        seen = observe(page)
        wanted = reading.unknown(seen)
        return reading.page(seen, [known for known, _ in self.rows.values() if known.identity in wanted])

    def expected(self) -> list[Known]:
        return [known for known, _ in self.rows.values() if not known.removed]

    def apply(self, writes: list[Write]) -> list[Write]:
        for write in writes:
            if write.row is None:
                known, row = self.rows[write.id]
                self.rows[write.id] = replace(known, removed=True), row
            else:
                self.rows[write.id] = _known(write, write.row), write.row
        return writes

    @property
    def live(self) -> list[ObservedTransaction]:
        return sorted((row for known, row in self.rows.values() if not known.removed), key=repr)


def _known(write: Write, row: ObservedTransaction) -> Known:
    return Known(
        id=write.id,
        identity=write.identity,
        ordinal=write.ordinal,
        digest=write.digest,
        status=row.status,
        date=row.date,
        amount=row.amount,
        currency=row.currency,
        removed=False,
    )


def kinds(writes: Sequence[Write]) -> list[tuple[ChangeKind, str]]:
    return [(write.kind, write.reason) for write in writes]


def booked(amount: str = "-4.20", *, day: date = DAY, **more: object) -> ObservedTransaction:
    row = ObservedTransaction(
        status=TransactionStatus.BOOKED,
        amount=Decimal(amount),
        currency="EUR",
        booking_date=day,
        remittance_information=("coffee",),
    )
    return replace(row, **more)  # type: ignore[arg-type]  # the tests name fields of the row


def pending(amount: str = "-4.20", *, day: date = DAY, **more: object) -> ObservedTransaction:
    made = {"status": TransactionStatus.PENDING, "booking_date": None, "transaction_date": day, **more}
    return booked(amount, **made)  # type: ignore[arg-type]  # the tests name fields of the row


def history(count: int) -> list[ObservedTransaction]:
    """Booked rows with ids, the newest first, one on each day."""
    return [booked(f"-{n}.00", provider_id=f"tx-{n}", day=DAY - timedelta(days=n)) for n in range(1, count + 1)]
