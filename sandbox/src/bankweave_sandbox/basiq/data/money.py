"""Amounts of money on the wire: decimal texts (providers/basiq.md, section 5.1)."""

from __future__ import annotations

from decimal import Decimal


def money(amount: Decimal) -> str:
    return f"{amount:z.2f}"  # never -0.00
