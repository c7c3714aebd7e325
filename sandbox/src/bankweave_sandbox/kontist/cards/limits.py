"""What a card may spend: limits per day and month, and Kontist's older settings (providers/kontist.md section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bankweave_sandbox.kontist.problems import Problem


@dataclass(frozen=True, slots=True)
class Limit:
    max_amount_cents: float
    max_transactions: float

    def body(self) -> dict[str, float]:
        return {"maxAmountCents": self.max_amount_cents, "maxTransactions": self.max_transactions}


@dataclass(frozen=True, slots=True)
class Limits:
    daily: Limit
    monthly: Limit

    def body(self) -> dict[str, Any]:
        return {"daily": self.daily.body(), "monthly": self.monthly.body()}


# The highest that the bank underneath allows, and what it gives a new card, as Kontist's mock of it has them.
_HIGHEST = Limits(Limit(800_000, 20), Limit(6_000_000, 620))
_PRESENT = Limits(Limit(450_000, 15), Limit(2_500_000, 465))
_NOT_PRESENT = Limits(Limit(150_000, 20), Limit(1_000_000, 620))
_FIELDS = {
    "atmLimits": "atm",
    "purchaseLimits": "purchase",
    "cardPresentLimits": "present",
    "cardNotPresentLimits": "not_present",
}


@dataclass(frozen=True, slots=True)
class CardSettings:
    atm: Limits = _NOT_PRESENT  # undocumented; the lower of the two
    purchase: Limits = _PRESENT
    # The older settings, by place. A client of today's API does not see them: they bind only once one has set them.
    present: Limits | None = None
    not_present: Limits | None = None
    contactless: bool = True

    def for_purchase(self, *, online: bool) -> tuple[Limits, Limits | None]:
        """Name the limit of all purchases, and that of the place, if there is one."""
        return self.purchase, self.not_present if online else self.present

    def changed_by(self, wanted: Mapping[str, Any]) -> CardSettings:
        """Apply a `CardSettingsInput`: what is absent or null stays."""
        known = {"atm": self.atm, "purchase": self.purchase, "present": self._present, "not_present": self._not_present}
        limits = {field: _merged(known[field], wanted[name]) for name, field in _FIELDS.items() if wanted.get(name)}
        contactless = wanted.get("contactlessEnabled")
        return replace(self, **limits, contactless=self.contactless if contactless is None else contactless)

    def body(self) -> dict[str, Any]:
        return {
            "cardSpendingLimits": {"atm": self.atm.body(), "purchase": self.purchase.body()},
            "contactlessEnabled": self.contactless,
            "cardPresentLimits": self._present.body(),
            "cardNotPresentLimits": self._not_present.body(),
        }

    @property
    def _present(self) -> Limits:
        return self.present or _PRESENT

    @property
    def _not_present(self) -> Limits:
        return self.not_present or _NOT_PRESENT


def _merged(limits: Limits, wanted: Mapping[str, Any]) -> Limits:
    merged = Limits(
        _changed(limits.daily, wanted.get("daily") or {}), _changed(limits.monthly, wanted.get("monthly") or {})
    )
    _check(merged.daily, _HIGHEST.daily, "daily")
    _check(merged.monthly, _HIGHEST.monthly, "monthly")
    return merged


def _changed(limit: Limit, wanted: Mapping[str, float | None]) -> Limit:
    cents, count = wanted.get("maxAmountCents"), wanted.get("maxTransactions")
    return Limit(
        limit.max_amount_cents if cents is None else cents,
        limit.max_transactions if count is None else count,
    )


def _check(limit: Limit, highest: Limit, period: str) -> None:
    if limit.max_amount_cents < 0 or limit.max_transactions < 0:
        raise Problem(400, f"The {period} limits cannot be negative")
    if limit.max_amount_cents > highest.max_amount_cents or limit.max_transactions > highest.max_transactions:
        raise Problem(
            400,
            f"The {period} limits are too high; at most {highest.max_amount_cents} cents "
            f"and {highest.max_transactions} transactions",
        )
