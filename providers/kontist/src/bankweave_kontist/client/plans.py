"""Kontist's own plans: what it costs to have the account (section 9). Scope subscriptions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bankweave_kontist.queries import profile as queries
from bankweave_kontist.records import Euros, Record
from bankweave_kontist.session import Session


class PlanFee(Record):
    """What a plan costs a month, in euros; `full_amount` is without the discount."""

    amount: Euros
    full_amount: Euros | None = None
    discount_amount: Euros
    discount_percentage: int | None = None


class Plan(Record):
    """A plan that can be had. `type` is Kontist's word, e.g. PREMIUM."""

    type: str
    subtitle: str | None = None
    fee: PlanFee


class PlanOffer(Record):
    """The plans, and for which of them a coupon counts."""

    coupon_code: str | None = None
    coupon_valid_for: tuple[str, ...] | None = None
    plans: tuple[Plan, ...]


class Purchase(Record):
    """What the user has bought: PENDING or PROCESSED."""

    type: str
    state: str


class PlanChange(Record):
    """What a change of plan brings about. `update_active_at` is as Kontist writes it: its form is undocumented."""

    new_plan: str
    previous_plans: tuple[str, ...]
    update_active_at: str
    has_ordered_physical_card: bool
    has_canceled_downgrade: bool
    coupon_code: str | None = None


class Plans:
    """Lists Kontist's plans and buys them. Buying costs money and is never repeated by itself."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def list(self, coupon: str | None = None) -> PlanOffer:
        """List the plans, and what a coupon does to them."""
        return (await self._session.viewer(queries.LIST_PLANS, _Offer, couponCode=coupon)).offer

    async def purchases(self) -> tuple[Purchase, ...]:
        """List what the user has bought."""
        return (await self._session.viewer(queries.LIST_PURCHASES, _Purchases)).subscriptions

    async def subscribe(self, plan: str, coupon: str | None = None) -> Purchase:
        """Buy a plan. Raises `OutcomeUnknown` when the answer was lost: look at `purchases` before you buy again."""
        query = queries.SUBSCRIBE_TO_PLAN
        return (await self._session.run(query, _Subscribed, type=plan, couponCode=coupon)).purchase

    async def change(self, plan: str, coupon: str | None = None) -> PlanChange:
        """Change to another plan, as `subscribe`."""
        return (await self._session.run(queries.CHANGE_PLAN, _Changed, newPlan=plan, couponCode=coupon)).change


class _Offer(Record):
    offer: Annotated[PlanOffer, Field(alias="subscriptionPlans")]


class _Purchases(Record):
    subscriptions: tuple[Purchase, ...]


class _Subscribed(Record):
    purchase: Annotated[Purchase, Field(alias="subscribeToPlan")]


class _Changed(Record):
    change: Annotated[PlanChange, Field(alias="updateSubscriptionPlan")]
