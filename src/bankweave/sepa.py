"""What SEPA allows in a credit transfer, checked before anything is sent. Pure.

Lengths are those of the EPC's rulebook for credit transfers; the letters are its Latin set, which every bank must take.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from bankweave.errors import InvalidOrder
from bankweave.payment import TransferOrder

LONGEST_NAME = 70
LONGEST_REMITTANCE = 140
LONGEST_END_TO_END_ID = 35
LARGEST_AMOUNT = Decimal("999999999.99")
_ALLOWED = re.compile(r"[A-Za-z0-9 /\-?:().,'+]*")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_OPTIONAL = frozenset({"remittance_information", "end_to_end_id"})
_WRITTEN_OUT = {
    "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "&": "+",
}  # fmt: skip


def check_order(order: TransferOrder) -> None:
    """Raise `InvalidOrder`, which names the field and what is wrong with it, for what no SEPA bank would take."""
    _check_kinds(order)
    _check_amount(order)
    if not is_iban(order.creditor_iban):
        raise _invalid("creditor_iban", "is not an IBAN: its check digits or its length are wrong")
    if not order.creditor_name.strip():
        raise _invalid("creditor_name", "is empty")
    _check_text("creditor_name", order.creditor_name, LONGEST_NAME)
    _check_text("remittance_information", order.remittance_information or "", LONGEST_REMITTANCE)
    _check_text("end_to_end_id", order.end_to_end_id or "", LONGEST_END_TO_END_ID)
    _check_days(order)


def as_sent(order: TransferOrder) -> TransferOrder:
    """A checked order as it goes to the bank: its IBAN plain, its amount in euros and cents."""
    amount = order.amount.quantize(Decimal("0.01"))
    return replace(order, creditor_iban=plain_iban(order.creditor_iban), amount=amount)


def is_iban(text: str) -> bool:
    """Whether a text is an IBAN, blanks and letter case aside: ISO 13616 form and check digits."""
    iban = plain_iban(text)
    if not _IBAN.fullmatch(iban):
        return False
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


def plain_iban(text: str) -> str:
    """An IBAN as it goes over the wire: without blanks, in capitals."""
    return "".join(text.split()).upper()


def written_out(text: str) -> str:
    """Spell what SEPA's letters lack: umlauts as two letters, other accents dropped, anything else as a dot."""
    from unicodedata import normalize

    plain = normalize("NFKD", "".join(_WRITTEN_OUT.get(sign, sign) for sign in normalize("NFC", text)))
    letters = (sign for sign in plain if not 0x300 <= ord(sign) <= 0x36F)
    return "".join(sign if _ALLOWED.fullmatch(sign) else "." for sign in letters)


def _check_kinds(order: TransferOrder) -> None:
    """Say to a program without a type checker what would break far from here, or be sent as something else."""
    for name in ("creditor_name", "creditor_iban", "remittance_information", "end_to_end_id"):
        value: object = getattr(order, name)
        if not isinstance(value, str) and not (value is None and name in _OPTIONAL):
            raise _invalid(name, "is no text")
    for name in ("requested_execution_date", "end_date"):
        day: object = getattr(order, name)
        if day is not None and (not isinstance(day, date) or isinstance(day, datetime)):
            raise _invalid(name, "is no day: write date(2027, 1, 1)")


def _check_amount(order: TransferOrder) -> None:
    amount = order.amount
    if order.currency != "EUR":
        raise _invalid("currency", "is not EUR, the only one of SEPA")
    if not isinstance(amount, Decimal):
        raise _invalid("amount", 'is no Decimal: write Decimal("12.50"), as other numbers are not exact')
    if not amount.is_finite() or not 0 < amount <= LARGEST_AMOUNT:
        raise _invalid("amount", f"must be above 0 and at most {LARGEST_AMOUNT}")
    if amount != amount.quantize(Decimal("0.01")):
        raise _invalid("amount", "has fractions of a cent")


def _check_text(field: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise _invalid(field, f"is longer than {longest} characters")
    if not _ALLOWED.fullmatch(text):
        raise _invalid(field, "has letters that SEPA does not know; bankweave.sepa.written_out() spells them")


def _check_days(order: TransferOrder) -> None:
    first = order.requested_execution_date
    if order.instant and (first is not None or order.frequency is not None):
        raise _invalid("instant", "is for transfers of this moment, not for scheduled or repeated ones")
    if order.frequency is not None and first is None:
        raise _invalid("requested_execution_date", "is missing: a standing order needs its first day")
    if order.end_date is not None and (order.frequency is None or first is None or order.end_date < first):
        raise _invalid("end_date", "is for standing orders, and not before their first day")


def _invalid(field: str, problem: str) -> InvalidOrder:
    return InvalidOrder(f"the transfer's {field} {problem}; nothing was sent", code=field)
