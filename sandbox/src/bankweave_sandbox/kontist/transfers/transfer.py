"""One transfer through its life (providers/kontist.md section 7.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from bankweave_sandbox.kontist.transfers.input import TransferInput
from bankweave_sandbox.world import Account, Person

TransferStatus: TypeAlias = Literal[
    "CONFIRMATION_REQUIRED",
    "CONFIRMED",
    "BOOKED",
    "SCHEDULED",
    "EXECUTED",
    "ACTIVE",
    "INACTIVE",
    "CANCELED",
    "FAILED",
]


@dataclass(slots=True)
class Transfer:
    id: str
    uuid: str
    person: Person
    account: Account
    order: TransferInput
    created_at: datetime
    number: int  # breaks ties between transfers of one instant
    status: TransferStatus = "CONFIRMATION_REQUIRED"
    first_occurrence: datetime | None = None  # of a standing order: what its rhythm counts from
    occurrences: int = 0  # that have come since, declined ones as well
    next_occurrence: datetime | None = None

    @property
    def sort_key(self) -> tuple[str, ...]:
        return self.created_at.isoformat(), f"{self.number:09d}"


def render_transfer(transfer: Transfer) -> dict[str, Any]:
    order = transfer.order
    return {
        "__typename": "Transfer",
        "id": transfer.id,
        "uuid": transfer.uuid,
        "recipient": order.recipient,
        "iban": order.iban,
        "amount": order.amount,
        "status": transfer.status,
        "executeAt": order.execute_at,
        "lastExecutionDate": order.last_execution_date,
        "nextOccurrence": transfer.next_occurrence,
        "reoccurrence": order.reoccurrence,
        "purpose": order.purpose,
        "e2eId": order.e2e_id,
        "reference": order.reference,
        "category": order.note.category,
        "userSelectedBookingDate": order.note.user_selected_booking_date,
        "personalNote": order.note.personal_note,
        "assets": [],  # nothing attaches a file to a transfer
    }
