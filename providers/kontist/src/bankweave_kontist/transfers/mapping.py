"""From Kontist's transfers to the neutral ones. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bankweave.payment import Frequency, Transfer, TransferKind, TransferStatus
from bankweave_kontist.mapping import EURO
from bankweave_kontist.transfers.orders import REOCCURRENCES
from bankweave_kontist.transfers.wire import Batch, KontistTransfer

# Section 7.2. INACTIVE is a standing order's alone: its last day has passed.
STATUSES: Mapping[str, TransferStatus] = {
    "CREATED": TransferStatus.RECEIVED,
    "AUTHORIZATION_REQUIRED": TransferStatus.RECEIVED,
    "CONFIRMATION_REQUIRED": TransferStatus.RECEIVED,
    "AUTHORIZED": TransferStatus.ACCEPTED,
    "CONFIRMED": TransferStatus.ACCEPTED,
    "SCHEDULED": TransferStatus.SCHEDULED,
    "ACTIVE": TransferStatus.ACTIVE,
    "BOOKED": TransferStatus.COMPLETED,
    "EXECUTED": TransferStatus.COMPLETED,
    "INACTIVE": TransferStatus.COMPLETED,
    "CANCELED": TransferStatus.CANCELLED,
    "FAILED": TransferStatus.REJECTED,
}
_FREQUENCIES: Mapping[str, Frequency] = {word: frequency for frequency, word in REOCCURRENCES.items()}


def neutral_transfer(row: KontistTransfer, account: str, kind: TransferKind) -> Transfer:
    """Map a row; its kind is that of the list or of the order that it came from."""
    return Transfer(
        id=row.id,
        account_provider_id=account,
        kind=kind,
        status=STATUSES.get(row.status or "", TransferStatus.UNKNOWN),
        provider_status=row.status,
        creditor_name=row.recipient or None,
        creditor_iban=row.iban or None,
        amount=row.amount,
        currency=EURO,
        remittance_information=row.purpose or None,
        end_to_end_id=row.end_to_end_id or None,
        requested_execution_date=row.execution_day,
        frequency=_FREQUENCIES.get(row.reoccurrence or ""),
        end_date=row.last_execution_date,
        next_execution_date=row.next_occurrence,
    )


def of_batch(batch: Batch) -> tuple[KontistTransfer, ...]:
    """The transfers of a batch. Their own statuses know no failure; where the batch has failed, all have."""
    if batch.status != "FAILED":
        return tuple(batch.transfers)
    return tuple(row.model_copy(update={"status": batch.status}) for row in batch.transfers)
