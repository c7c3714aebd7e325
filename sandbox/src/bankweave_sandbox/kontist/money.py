"""Amounts: the world has euros as decimals, Kontist integer cents."""

from __future__ import annotations

from decimal import Decimal


def cents(amount: Decimal) -> int:
    return int((amount * 100).to_integral_value())


def euros(amount: int) -> Decimal:
    return Decimal(amount).scaleb(-2)
