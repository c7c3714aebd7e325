"""Kontist's own plans: what is on offer and what people subscribed to (providers/kontist.md section 9).

The offer, its prices and the coupon are the sandbox's: the documents name the types only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.kontist.timestamps import berlin_day, berlin_midnight, format_instant, next_month
from bankweave_sandbox.world import Person

COUPON = "SANDBOX50"
_DISCOUNT_PERCENT = 50


@dataclass(frozen=True, slots=True)
class Plan:
    type: str
    title: str
    subtitle: str
    fee: int  # cents a month
    features: tuple[str, ...]


FREE = Plan("FREE", "Free", "An account", 0, ("An account with a German IBAN",))
OFFER = (
    FREE,
    Plan("PREMIUM", "Premium", "An account with more", 1100, (*FREE.features, "Sub-accounts", "A card")),
    Plan("KONTAX", "Tax", "An account with a tax adviser", 21300, (*FREE.features, "VAT declarations")),
)
_BY_TYPE = {plan.type: plan for plan in OFFER}


@dataclass(frozen=True, slots=True)
class Purchase:
    plan: Plan
    processed_at: datetime
    is_downgrade: bool = False


class Plans:
    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._purchases: dict[str, list[Purchase]] = {}

    def offer(self, coupon: str | None) -> dict[str, Any]:
        """Render what can be bought. An unknown coupon changes nothing and is not repeated (undocumented)."""
        is_valid = coupon == COUPON
        return {
            "couponCode": coupon if is_valid else None,
            "couponValidFor": [plan.type for plan in OFFER if plan.fee] if is_valid else None,
            "plans": [_render(plan, discounted=is_valid) for plan in OFFER],
        }

    def purchases(self, person: Person) -> list[dict[str, str]]:
        return [self._render_purchase(purchase) for purchase in self._purchases.get(person.id, [])]

    def current(self, person: Person) -> Plan:
        """The plan in force now: the purchase that was processed last, else the free one."""
        processed = [p for p in self._purchases.get(person.id, []) if p.processed_at <= self._clock.now()]
        return max(processed, key=lambda p: p.processed_at).plan if processed else FREE

    def subscribe(self, person: Person, plan_type: str, coupon: str | None) -> dict[str, str]:
        """Buy a plan; it is PENDING until `purchase_seconds` have passed."""
        plan = _offered(plan_type, coupon)
        if plan == self.current(person):
            raise Problem(400, "This plan is active already")
        processed_at = self._clock.now() + timedelta(seconds=self._switches.purchase_seconds)
        return self._render_purchase(self._add(person, Purchase(plan, processed_at)))

    def change(self, person: Person, plan_type: str, coupon: str | None) -> dict[str, Any]:
        """Change the plan: to a dearer one at once, to a cheaper one with the next month (undocumented).

        Choosing the current plan takes back a downgrade that has not happened yet.
        """
        plan, current, now = _offered(plan_type, coupon), self.current(person), self._clock.now()
        taken_back = self._take_back_downgrade(person)
        if plan == current and not taken_back:
            raise Problem(400, "This plan is active already")
        is_downgrade = plan.fee < current.fee
        active_at = self._next_month() if is_downgrade else now
        if plan != current:
            self._add(person, Purchase(plan, active_at, is_downgrade))
        return {
            "newPlan": plan.type,
            "previousPlans": [current.type],
            "updateActiveAt": format_instant(active_at),
            "hasCanceledDowngrade": taken_back and plan == current,
            "hasOrderedPhysicalCard": False,
            "couponCode": coupon,
        }

    def _add(self, person: Person, purchase: Purchase) -> Purchase:
        self._purchases.setdefault(person.id, []).append(purchase)
        return purchase

    def _take_back_downgrade(self, person: Person) -> bool:
        purchases = self._purchases.get(person.id, [])
        kept = [p for p in purchases if not (p.is_downgrade and p.processed_at > self._clock.now())]
        self._purchases[person.id] = kept
        return len(kept) < len(purchases)

    def _next_month(self) -> datetime:
        return berlin_midnight(next_month(berlin_day(self._clock.now())))

    def _render_purchase(self, purchase: Purchase) -> dict[str, str]:
        is_processed = purchase.processed_at <= self._clock.now()
        return {"type": purchase.plan.type, "state": "PROCESSED" if is_processed else "PENDING"}


def _offered(plan_type: str, coupon: str | None) -> Plan:
    if plan_type not in _BY_TYPE:
        raise Problem(400, "This plan is not on offer; see subscriptionPlans")
    if coupon is not None and coupon != COUPON:
        raise Problem(400, "Invalid coupon code")
    return _BY_TYPE[plan_type]


def _render(plan: Plan, *, discounted: bool) -> dict[str, Any]:
    discount = plan.fee * _DISCOUNT_PERCENT // 100 if discounted else 0
    return {
        "type": plan.type,
        "title": plan.title,
        "subtitle": plan.subtitle,
        "featureGroups": [{"features": [{"title": title} for title in plan.features]}],
        "fee": {
            "amount": plan.fee - discount,
            "discountAmount": discount,
            "discountPercentage": _DISCOUNT_PERCENT if discount else None,
            "fullAmount": plan.fee,
        },
    }
