"""What a client asks for with `createTransfer`, checked, and the kind that follows from it (section 7.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any, Literal, TypeAlias, cast

from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.kontist.timestamps import berlin_day
from bankweave_sandbox.kontist.transactions.bookkeeping import Annotation, check_annotation
from bankweave_sandbox.kontist.transfers.ibans import read_iban

TransferType: TypeAlias = Literal["SEPA_TRANSFER", "INSTANT_CREDIT_TRANSFER", "TIMED_ORDER", "STANDING_ORDER"]

_PURPOSE_LENGTH = 140
_WHEN_DUE = time(12, tzinfo=UTC)  # `executeAt` was normalised so in the old REST samples (section 7.2)


@dataclass(frozen=True, slots=True)
class TransferInput:
    type: TransferType
    recipient: str
    iban: str
    amount: int  # EUR cents, positive
    purpose: str | None = None
    e2e_id: str | None = None
    reference: str | None = None
    execute_at: datetime | None = None
    last_execution_date: datetime | None = None
    reoccurrence: str | None = None
    note: Annotation = field(default_factory=Annotation)  # what the transaction will carry


def read_transfer(fields: Mapping[str, Any], now: datetime, switches: Switches) -> TransferInput:
    """Read `CreateTransferInput` or `CreateSepaTransferInput`, or raise a 400 problem."""
    wanted = TransferInput(
        type=_kind(fields, switches),
        recipient=_recipient(fields["recipient"]),
        iban=read_iban(fields["iban"]),
        amount=read_amount(fields["amount"]),
        purpose=read_purpose(fields.get("purpose")),
        e2e_id=fields.get("e2eId") or None,
        reference=fields.get("reference"),
        execute_at=read_day(fields.get("executeAt")),
        last_execution_date=read_day(fields.get("lastExecutionDate")),
        reoccurrence=fields.get("reoccurrence"),
        note=read_note(fields),
    )
    _check_dates(wanted, now)
    return wanted


def read_amount(amount: int) -> int:
    """Take a positive amount. The message is the one that was seen live for 0 (section 11.12)."""
    if amount <= 0:
        raise Problem(400, "Error when creating wire transfer")
    return amount


def read_purpose(purpose: str | None) -> str | None:
    if purpose and len(purpose) > _PURPOSE_LENGTH:
        raise Problem(400, f"purpose is longer than {_PURPOSE_LENGTH} characters")
    return purpose


def read_note(fields: Mapping[str, Any]) -> Annotation:
    note = Annotation(
        category=fields.get("category"),
        user_selected_booking_date=fields.get("userSelectedBookingDate"),
        personal_note=fields.get("personalNote"),
    )
    check_annotation(note)
    return note


def read_day(instant: datetime | None) -> datetime | None:
    """Put an instant at noon UTC of its German day. Old REST samples keep the day; whose day is undocumented."""
    if instant is None:
        return None
    try:
        return datetime.combine(berlin_day(instant), _WHEN_DUE)
    except OverflowError:  # the last hours of the year 9999 are in the year 10000 in Berlin
        raise Problem(400, "The date is out of range") from None


def _recipient(name: str) -> str:
    if not name.strip():
        raise Problem(400, "recipient is empty")
    return name


def _kind(fields: Mapping[str, Any], switches: Switches) -> TransferType:
    """Derive the kind. An explicit type has to agree with it, save INSTANT_CREDIT_TRANSFER (section 13.13)."""
    given, derived = fields.get("type"), _derived_kind(fields)
    if given in {None, derived}:
        return derived
    fits = given == "INSTANT_CREDIT_TRANSFER" and derived == "SEPA_TRANSFER"
    if switches.transfer_type_must_agree and not fits:
        raise Problem(400, f"type {given} does not agree with the other fields, which make a {derived}")
    return cast("TransferType", given)


def _derived_kind(fields: Mapping[str, Any]) -> TransferType:
    if fields.get("reoccurrence"):
        return "STANDING_ORDER"
    return "TIMED_ORDER" if fields.get("executeAt") else "SEPA_TRANSFER"


def _check_dates(wanted: TransferInput, now: datetime) -> None:
    if wanted.type in {"TIMED_ORDER", "STANDING_ORDER"} and wanted.execute_at is None:
        raise Problem(400, "executeAt is needed")
    if wanted.type == "STANDING_ORDER" and wanted.reoccurrence is None:
        raise Problem(400, "reoccurrence is needed")
    if wanted.last_execution_date and wanted.type != "STANDING_ORDER":
        raise Problem(400, "lastExecutionDate is for standing orders")
    today = berlin_day(now)
    if wanted.execute_at and wanted.execute_at.date() < today:
        raise Problem(400, "executeAt lies in the past")
    if wanted.execute_at and wanted.last_execution_date and wanted.last_execution_date < wanted.execute_at:
        raise Problem(400, "lastExecutionDate lies before executeAt")
