"""Resolvers for Kontist's own plans."""

from __future__ import annotations

from typing import Any

from bankweave_sandbox.kontist.caller import Info, Resolvers
from bankweave_sandbox.kontist.person.plans import FREE


def _offer(_user: object, info: Info, *, couponCode: str | None = None) -> dict[str, Any]:  # noqa: N803
    return info.context.services.records.plans.offer(couponCode)


def _available(user: object, info: Info, **arguments: str | None) -> Any:
    return _offer(user, info, couponCode=arguments.get("couponCode"))["plans"]


def _purchases(_user: object, info: Info) -> list[dict[str, str]]:
    return info.context.services.records.plans.purchases(info.context.signed_in)


def _account_state(_user: object, info: Info) -> str | None:
    """Tell what the person pays for; null without an account."""
    person = info.context.signed_in
    if info.context.books.main_account(person) is None:
        return None
    return "FREE" if info.context.services.records.plans.current(person) == FREE else "PREMIUM"


def _subscribe(_root: object, info: Info, **arguments: Any) -> dict[str, str]:
    plans = info.context.services.records.plans
    return plans.subscribe(info.context.signed_in, arguments["type"], arguments.get("couponCode"))


def _change(_root: object, info: Info, **arguments: Any) -> dict[str, Any]:
    plans = info.context.services.records.plans
    return plans.change(info.context.signed_in, arguments["newPlan"], arguments.get("couponCode"))


RESOLVERS: Resolvers = {
    "User": {
        "subscriptionPlans": _offer,
        "availablePlans": _available,
        "subscriptions": _purchases,
        "accountState": _account_state,
    },
    "Mutation": {"subscribeToPlan": _subscribe, "updateSubscriptionPlan": _change},
}
