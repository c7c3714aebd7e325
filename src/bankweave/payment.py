"""The neutral words for paying: transfers, and the cards that pay.

Words are those of Berlin Group NextGenPSD2 in snake_case. Amounts are positive `Decimal`s with an ISO 4217 code: the
direction is in the word. A `date` is the bank's own calendar day. Transfers and cards are read live and never stored, so
their ids are the provider's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class TransferKind(StrEnum):
    CREDIT_TRANSFER = "credit_transfer"  # once, as soon as the bank gets to it
    INSTANT_TRANSFER = "instant_transfer"  # once, within seconds
    SCHEDULED_TRANSFER = "scheduled_transfer"  # once, on a day to come
    STANDING_ORDER = "standing_order"  # again and again


class TransferStatus(StrEnum):
    """How far a transfer has come; ISO 20022 payment statuses, spelled out, and two words for what repeats."""

    RECEIVED = "received"  # registered, not confirmed by the person: nothing will be executed
    ACCEPTED = "accepted"  # confirmed, not yet booked
    SCHEDULED = "scheduled"  # confirmed, to be executed on a day to come
    ACTIVE = "active"  # a standing order that goes on
    COMPLETED = "completed"  # booked; of a standing order, its last day has passed
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class Frequency(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    EVERY_TWO_WEEKS = "every_two_weeks"
    MONTHLY = "monthly"
    EVERY_TWO_MONTHS = "every_two_months"
    QUARTERLY = "quarterly"
    SEMI_ANNUAL = "semi_annual"
    ANNUAL = "annual"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOrder:
    """What is to be transferred. Nothing but its own fields decides its kind.

    `end_to_end_id` travels with the money and finds the transfer again; where none is given, the core makes one.
    """

    creditor_name: str
    creditor_iban: str
    amount: Decimal  # positive
    currency: str = "EUR"
    remittance_information: str | None = None
    end_to_end_id: str | None = None
    instant: bool = False
    requested_execution_date: date | None = None  # None: now. Of a standing order, its first day
    frequency: Frequency | None = None  # given: a standing order
    end_date: date | None = None  # a standing order's last day; None: until it is cancelled
    options: Mapping[str, str] = field(default_factory=dict)  # the provider's own, see its page

    @property
    def kind(self) -> TransferKind:
        if self.frequency is not None:
            return TransferKind.STANDING_ORDER
        if self.requested_execution_date is not None:
            return TransferKind.SCHEDULED_TRANSFER
        return TransferKind.INSTANT_TRANSFER if self.instant else TransferKind.CREDIT_TRANSFER


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer as the provider shows it. `amount` is positive and leaves the account."""

    id: str  # the provider's own
    account_provider_id: str
    kind: TransferKind
    status: TransferStatus
    provider_status: str | None = None
    creditor_name: str | None = None
    creditor_iban: str | None = None
    amount: Decimal
    currency: str
    remittance_information: str | None = None
    end_to_end_id: str | None = None
    requested_execution_date: date | None = None
    frequency: Frequency | None = None
    end_date: date | None = None
    next_execution_date: date | None = None


class CardStatus(StrEnum):
    ORDERED = "ordered"  # being made
    INACTIVE = "inactive"  # made, not yet activated by its holder
    ACTIVE = "active"
    BLOCKED = "blocked"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class CardAction(StrEnum):
    ACTIVATE = "activate"
    BLOCK = "block"
    UNBLOCK = "unblock"
    CLOSE = "close"  # for good


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card of an account."""

    id: str  # the provider's own
    account_provider_id: str
    status: CardStatus
    provider_status: str | None = None
    provider_type: str | None = None
    holder_name: str | None = None
    masked_pan: str | None = None
    expires_on: date | None = None  # the last day on which it is valid
    virtual: bool | None = None
    pin_set: bool | None = None
