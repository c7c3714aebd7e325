"""Kontist's shapes of transfers (section 7)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bankweave_kontist.records import Day, Euros, Instant, Record
from bankweave_kontist.wire import Key

Text = Annotated[str, Field(min_length=1, max_length=4_096)]


class KontistTransfer(Record):
    """A transfer as Kontist shows it. Its kind is in what was asked for, and not in the row (section 7.2)."""

    id: Key
    recipient: str = Field(repr=False)
    iban: str = Field(repr=False)
    amount: Euros  # positive; it leaves the account
    status: str | None = None  # Kontist's word, e.g. SCHEDULED
    # the day alone means something: the hour is rounded to noon (section 7.2)
    execution_day: Day | None = Field(default=None, alias="executeAt")
    last_execution_date: Day | None = None
    next_occurrence: Day | None = None
    purpose: str | None = Field(default=None, repr=False)
    end_to_end_id: str | None = Field(default=None, alias="e2eId")
    reoccurrence: str | None = None  # Kontist's word, e.g. MONTHLY
    category: str | None = None
    user_selected_booking_date: Day | None = None
    personal_note: str | None = Field(default=None, repr=False)
    reference: str | None = None


class Batch(Record):
    """Transfers that were confirmed together."""

    id: str
    status: str  # ACCEPTED, SUCCESSFUL, FAILED ...
    transfers: list[KontistTransfer]


class ConfirmationRequest(Record):
    confirmation_id: Text
    string_to_sign: Text | None = None


class TransferCreated(Record):
    create_transfer: ConfirmationRequest


class TransferConfirmed(Record):
    confirm_transfer: KontistTransfer


class BatchCreated(Record):
    create_transfers: ConfirmationRequest


class BatchConfirmed(Record):
    confirm_transfers: Batch


class TransferUpdated(Record):
    update_transfer: ConfirmationRequest | KontistTransfer


class TransferCancelled(Record):
    cancel_transfer: ConfirmationRequest | KontistTransfer


class CancellationConfirmed(Record):
    confirm_cancel_transfer: KontistTransfer


class TransferEdge(Record):
    node: KontistTransfer


class PageEnd(Record):
    has_next_page: bool
    end_cursor: str | None = None


class TransferPage(Record):
    edges: list[TransferEdge]
    page_info: PageEnd


class TransferPages(Record):
    public_id: Key
    transfers: TransferPage


class TransferFound(Record):
    transfer: KontistTransfer | None = None


class PayingAccount(Record):
    public_id: Key


class TransferSuggestion(Record):
    """Somebody who was paid before."""

    name: str = Field(repr=False)
    iban: str = Field(repr=False)


class TransferSuggestions(Record):
    transfer_suggestions: list[TransferSuggestion] | None = None


class UnfinishedTransfer(Record):
    """A transfer that was begun in the Kontist app and not finished."""

    amount: Euros
    recipient: str = Field(repr=False)
    iban: str = Field(repr=False)
    purpose: str = Field(repr=False)


class UnfinishedTransfers(Record):
    unfinished_transfers: list[UnfinishedTransfer]


class WireOwnTransfer(Record):
    """Its amount is a Float whose unit is undocumented (section 7.1)."""

    id: str
    amount: float
    created_at: Instant
    recipient_iban: str
    reference: str
    description: str | None = None


class BetweenOwn(Record):
    create_intra_customer_transfer: WireOwnTransfer
