"""Rules of cards that are checked before anything is sent (section 8). Pure."""

from __future__ import annotations

from bankweave.errors import InvalidOrder
from bankweave.payment import CardAction, CardStatus
from bankweave_kontist.cards.records import LimitChange, LimitsChange
from bankweave_kontist.money import to_cents

ACTIONS = {CardAction.BLOCK: "BLOCK", CardAction.UNBLOCK: "UNBLOCK", CardAction.CLOSE: "CLOSE"}
TARGETS = {
    CardAction.ACTIVATE: CardStatus.ACTIVE,
    CardAction.BLOCK: CardStatus.BLOCKED,
    CardAction.UNBLOCK: CardStatus.ACTIVE,
    CardAction.CLOSE: CardStatus.CLOSED,
}
_PRINTED_PART = 6  # of the code on the card, so many characters are asked for


def activation_code(printed: str | None) -> str | None:
    """Cut the code that is printed on a card to what Kontist asks for. Virtual cards have none."""
    if printed is None:
        return None
    code = printed.strip()
    if len(code) < _PRINTED_PART or not (code.isascii() and code.isalnum()):
        raise InvalidOrder("code is not the one on the card, which begins like 29AIAF; nothing was sent", code="code")
    return code[:_PRINTED_PART]


def limits_input(atm: LimitsChange | None, purchase: LimitsChange | None) -> dict[str, object]:
    """Write limits as Kontist takes them: cents, and only what is to change."""
    wanted = {"atmLimits": _limits(atm, "atm"), "purchaseLimits": _limits(purchase, "purchase")}
    given: dict[str, object] = {name: limits for name, limits in wanted.items() if limits}
    if not given:
        raise InvalidOrder("no limit is given; nothing was sent", code="limits")
    return given


def _limits(change: LimitsChange | None, field: str) -> dict[str, dict[str, int]]:
    if change is None:
        return {}
    wanted = {"daily": _limit(change.daily, field), "monthly": _limit(change.monthly, field)}
    return {name: limit for name, limit in wanted.items() if limit}


def _limit(change: LimitChange | None, field: str) -> dict[str, int]:
    if change is None:
        return {}
    cents = None if change.max_amount is None else to_cents(change.max_amount, field)
    wanted = {"maxAmountCents": cents, "maxTransactions": change.max_transactions}
    given = {name: value for name, value in wanted.items() if value is not None}
    if any(value < 0 for value in given.values()):
        raise InvalidOrder(f"a limit of {field} is negative; nothing was sent", code=field)
    return given


def no_card() -> InvalidOrder:
    return InvalidOrder("this account has no card of that id; nothing was changed", code="card")
