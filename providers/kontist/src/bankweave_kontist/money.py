"""Amounts: `Decimal` euros here, integer cents at Kontist. Nothing is rounded."""

from __future__ import annotations

from decimal import Decimal

from bankweave.errors import InvalidOrder

_LARGEST = Decimal(2**53) / 100  # what a JSON number carries exactly


def euros(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def to_cents(euros: Decimal, field: str) -> int:
    """Write an amount as cents. Raises `InvalidOrder`, which names the field, for what is no number of cents."""
    if not euros.is_finite() or abs(euros) > _LARGEST:
        raise InvalidOrder(f"{field} is not an amount; nothing was sent", code=field)
    cents = euros.scaleb(2)
    if cents != cents.to_integral_value():
        raise InvalidOrder(f"{field} has fractions of a cent; nothing was sent", code=field)
    return int(cents)
