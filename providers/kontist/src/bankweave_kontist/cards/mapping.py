"""Cards in the neutral words. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING

from bankweave.payment import Card, CardStatus

if TYPE_CHECKING:
    from bankweave_kontist.cards.records import KontistCard

_STATUSES = {
    "PROCESSING": CardStatus.ORDERED,
    "INACTIVE": CardStatus.INACTIVE,
    "ACTIVE": CardStatus.ACTIVE,
    "BLOCKED": CardStatus.BLOCKED,
    "BLOCKED_BY_SOLARIS": CardStatus.BLOCKED,
    "ACTIVATION_BLOCKED_BY_SOLARIS": CardStatus.BLOCKED,
    "CLOSED": CardStatus.CLOSED,
    "CLOSED_BY_SOLARIS": CardStatus.CLOSED,
}
_EXPIRATION = re.compile(r"(0[1-9]|1[0-2])/([0-9]{2})")


def card_status(word: str) -> CardStatus:
    return _STATUSES.get(word, CardStatus.UNKNOWN)


def expires_on(formatted: str | None) -> date | None:
    """The last day of the month that is printed on a card, like 12/22; None for anything else."""
    found = _EXPIRATION.fullmatch((formatted or "").strip())
    if found is None:
        return None
    month, year = int(found[1]), 2000 + int(found[2])
    return date(year, month, monthrange(year, month)[1])


def neutral_card(card: KontistCard, account: str) -> Card:
    return Card(
        id=card.id,
        account_provider_id=account,
        status=card_status(card.status),
        provider_status=card.status,
        provider_type=card.type,
        holder_name=card.holder,
        masked_pan=card.masked_pan,
        expires_on=expires_on(card.formatted_expiration_date),
        virtual=card.type.startswith("VIRTUAL_"),
        pin_set=card.pin_set,
    )
