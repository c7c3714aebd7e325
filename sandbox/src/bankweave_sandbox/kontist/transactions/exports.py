"""transactionsCSV. Its columns are undocumented (section 6.4): these are ours, with the API's field names."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bankweave_sandbox.kontist.timestamps import format_instant
from bankweave_sandbox.kontist.transactions.rows import Row

_COLUMNS = ("id", "bookingDate", "valutaDate", "amount", "type", "name", "iban", "purpose", "e2eId", "category")


def write_csv(rows: Iterable[Row], since: datetime | None, until: datetime | None) -> str:
    """Write the rows booked from `since` to `until`, both included; no dates means everything."""
    kept = (row for row in rows if _is_between(row.booking_date, since, until))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(_cells(row) for row in kept)
    return text.getvalue()


def _is_between(instant: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or instant >= since) and (until is None or instant <= until)


def _cells(row: Row) -> tuple[Any, ...]:
    movement = row.movement
    valuta = format_instant(row.valuta_date) if row.valuta_date else None
    return (
        row.id,
        format_instant(row.booking_date),
        valuta,
        row.amount,
        row.type,
        movement.counterparty,
        row.iban,
        movement.text,
        movement.end_to_end_id,
        row.note.category,
    )
