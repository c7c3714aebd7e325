"""Kontist's own plans: the offer, purchases, changes."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox.tests.kontist.callers import Kontist

_PLANS = (
    "query ($coupon: String) {viewer{subscriptionPlans(couponCode: $coupon)"
    "{couponCode couponValidFor plans{type fee{amount fullAmount discountAmount discountPercentage}}}}}"
)
_BUY = (
    "mutation ($type: PurchaseType!, $coupon: String) {subscribeToPlan(type: $type, couponCode: $coupon) {type state}}"
)
_CHANGE = (
    "mutation ($plan: PurchaseType!) {updateSubscriptionPlan(newPlan: $plan)"
    "{newPlan previousPlans updateActiveAt hasCanceledDowngrade hasOrderedPhysicalCard couponCode}}"
)


@pytest.fixture
def token(kontist: Kontist) -> str:
    kontist.dialect.switches.access_seconds = 400 * 86_400  # these tests move the clock far
    return kontist.token("subscriptions users")


def purchases(kontist: Kontist, token: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = kontist.read("{viewer{subscriptions{type state}}}", token)["viewer"]["subscriptions"]
    return found


def state(kontist: Kontist, token: str) -> str:
    return str(kontist.read("{viewer{accountState}}", token)["viewer"]["accountState"])


def test_a_coupon_halves_the_fees_and_an_unknown_one_changes_nothing(kontist: Kontist, token: str) -> None:
    full = kontist.read(_PLANS, token)["viewer"]["subscriptionPlans"]
    halved = kontist.read(_PLANS, token, coupon="SANDBOX50")["viewer"]["subscriptionPlans"]
    assert kontist.read(_PLANS, token, coupon="NOPE")["viewer"]["subscriptionPlans"] == full
    assert (full["couponCode"], halved["couponCode"]) == (None, "SANDBOX50")
    fees = [
        (plan["fee"]["amount"], half["fee"]["amount"])
        for plan, half in zip(full["plans"], halved["plans"], strict=True)
    ]
    assert all(half * 2 == fee for fee, half in fees)
    assert set(halved["couponValidFor"]) == {plan["type"] for plan in full["plans"] if plan["fee"]["amount"]}


def test_a_purchase_is_pending_and_then_processed(kontist: Kontist, token: str) -> None:
    assert purchases(kontist, token) == []
    bought = kontist.read(_BUY, token, type="PREMIUM")["subscribeToPlan"]
    assert bought == {"type": "PREMIUM", "state": "PENDING"}
    assert state(kontist, token) == "FREE"
    kontist.advance(minutes=2)
    assert purchases(kontist, token) == [{"type": "PREMIUM", "state": "PROCESSED"}]
    assert state(kontist, token) == "PREMIUM"
    assert "errors" in kontist.ask(_BUY, token, type="PREMIUM")


def test_a_dearer_plan_begins_at_once_and_a_cheaper_one_with_the_next_month(kontist: Kontist, token: str) -> None:
    up = kontist.read(_CHANGE, token, plan="PREMIUM")["updateSubscriptionPlan"]
    assert (up["newPlan"], up["previousPlans"], state(kontist, token)) == ("PREMIUM", ["FREE"], "PREMIUM")
    down = kontist.read(_CHANGE, token, plan="FREE")["updateSubscriptionPlan"]
    assert down["updateActiveAt"] == "2026-06-30T22:00:00.000Z"
    assert state(kontist, token) == "PREMIUM"
    kontist.advance(days=20)
    assert state(kontist, token) == "FREE"


def test_a_downgrade_can_be_taken_back(kontist: Kontist, token: str) -> None:
    kontist.read(_CHANGE, token, plan="PREMIUM")
    kontist.read(_CHANGE, token, plan="FREE")
    assert kontist.read(_CHANGE, token, plan="PREMIUM")["updateSubscriptionPlan"]["hasCanceledDowngrade"] is True
    kontist.advance(days=20)
    assert state(kontist, token) == "PREMIUM"
    assert "errors" in kontist.ask(_CHANGE, token, plan="PREMIUM")


def test_what_is_not_on_offer_cannot_be_bought(kontist: Kontist, token: str) -> None:
    assert "errors" in kontist.ask(_BUY, token, type="LEXOFFICE")
    assert "errors" in kontist.ask(_BUY, token, type="PREMIUM", coupon="NOPE")
    assert purchases(kontist, token) == []


def test_plans_need_their_scope(kontist: Kontist) -> None:
    assert kontist.ask(_PLANS, kontist.token("users"))["errors"][0]["extensions"]["status"] == 403
