"""Transactions between their neutral shape and the plain values of a row. The bulk paths go through here, field by field.

The order of the values is that of the columns in schema.py from `identity` on; a test holds the two together.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import sqlalchemy as sa

from bankweave.errors import StoreError
from bankweave.model import Change, ChangeKind, Transaction, TransactionStatus
from bankweave.store.base import Known, Write
from bankweave.store.columns import read_texts, read_word, texts_json
from bankweave.store.schema import transactions

Values: TypeAlias = tuple[Any, ...]

_columns = transactions.c
_status = read_word(TransactionStatus)
_kind = read_word(ChangeKind)

WRITTEN: tuple[sa.Column[Any], ...] = tuple(
    column for column in _columns if column.name not in {"number", "id", "account_id"}
)
LISTED: tuple[sa.Column[Any], ...] = tuple(
    column for column in _columns if column.name not in {"number", "identity", "ordinal", "digest", "removed"}
)
KNOWN: tuple[sa.Column[Any], ...] = (
    *(_columns.id, _columns.identity, _columns.ordinal, _columns.digest, _columns.status),
    *(_columns.day, _columns.amount, _columns.currency, _columns.removed),
)


def written_values(write: Write) -> Values:
    """The values of `WRITTEN`. A row that is written was seen, so it is live, whatever it was before."""
    row = write.row
    if row is None:
        raise StoreError("a row was to be written without its content; nothing was written")
    day, booked, valued, paid = row.date, row.booking_date, row.value_date, row.transaction_date
    after, instructed, charges = row.balance_after, row.instructed_amount, row.charges
    return (
        write.identity,
        write.ordinal,
        write.digest,
        0,
        day.isoformat() if day else "",
        str(row.status),
        str(row.amount),
        row.currency,
        booked.isoformat() if booked else None,
        valued.isoformat() if valued else None,
        paid.isoformat() if paid else None,
        row.provider_id,
        row.counterparty_name,
        row.counterparty_iban,
        texts_json(row.remittance_information),
        row.end_to_end_id,
        row.mandate_id,
        row.merchant_category_code,
        row.provider_type,
        row.category,
        str(after) if after is not None else None,
        str(instructed) if instructed is not None else None,
        row.instructed_currency,
        row.bank_transaction_code,
        row.payment_method,
        str(charges) if charges is not None else None,
        texts_json(row.labels) if row.labels else None,
    )


def read_transaction(values: Values) -> Transaction:
    """Read the values of `LISTED`."""
    return Transaction(
        id=values[0],
        account_id=values[1],
        status=_status(values[3]),
        amount=Decimal(values[4]),
        currency=values[5],
        booking_date=_day(values[6]),
        value_date=_day(values[7]),
        transaction_date=_day(values[8]),
        provider_id=values[9],
        counterparty_name=values[10],
        counterparty_iban=values[11],
        remittance_information=read_texts(values[12]),
        end_to_end_id=values[13],
        mandate_id=values[14],
        merchant_category_code=values[15],
        provider_type=values[16],
        category=values[17],
        balance_after=_money(values[18]),
        instructed_amount=_money(values[19]),
        instructed_currency=values[20],
        bank_transaction_code=values[21],
        payment_method=values[22],
        charges=_money(values[23]),
        labels=read_texts(values[24]) if values[24] else (),
    )


def read_known(values: Values) -> Known:
    """Read the values of `KNOWN`."""
    return Known(
        id=values[0],
        identity=values[1],
        ordinal=values[2],
        digest=values[3],
        status=_status(values[4]),
        date=_day(values[5]),
        amount=Decimal(values[6]),
        currency=values[7],
        removed=bool(values[8]),
    )


def read_change(values: Values) -> Change:
    """Read the values of an entry of the stream, followed by those of `LISTED`."""
    return Change(
        cursor=values[0],
        kind=_kind(values[1]),
        reason=values[2],
        connection_id=values[3],
        at=datetime.fromisoformat(values[4]),
        transaction=read_transaction(values[5:]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
