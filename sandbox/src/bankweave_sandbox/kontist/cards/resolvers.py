"""Cards in GraphQL: listed, ordered, activated, blocked, closed, limited (providers/kontist.md section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bankweave_sandbox.kontist.caller import Info, Resolver, Resolvers
from bankweave_sandbox.kontist.cards.card import Card
from bankweave_sandbox.kontist.cards.names import spell_for_card
from bankweave_sandbox.kontist.cards.secrets import pin_key
from bankweave_sandbox.kontist.cards.wallets import render_token
from bankweave_sandbox.kontist.problems import Problem


def own_card(info: Info, card_id: str) -> Card:
    return info.context.services.cards.own(info.context.signed_in, card_id)


def render_card(card: Card) -> dict[str, Any]:
    return {
        "id": card.id,
        "type": card.type,
        "status": card.status,
        "holder": card.holder,
        "formattedExpirationDate": card.formatted_expiration,
        "maskedPan": card.masked_pan,
        "pinSet": card.pin is not None,
        "pinKey": lambda _info: pin_key(),  # made only when somebody asks for it
        "settings": card.settings.body(),
        "addedToApplePay": card.is_in_apple_pay,
        "googlePayTokens": [render_token(*token) for token in card.google_tokens],
        "newCardOrdered": card.successor is not None,
    }


def _cards(parent: dict[str, Any], info: Info) -> list[dict[str, Any]]:
    return [render_card(card) for card in _of_account(parent, info)]


def _card(parent: dict[str, Any], info: Info, filter: Mapping[str, Any] | None = None) -> dict[str, Any] | None:  # noqa: A002
    """Find the first card that the filter describes; without one, the first of all."""
    wanted = {name: value for name, value in (filter or {}).items() if value is not None}
    found = (c for c in _of_account(parent, info) if all(getattr(c, name) == value for name, value in wanted.items()))
    card = next(found, None)
    return None if card is None else render_card(card)


def _of_account(parent: dict[str, Any], info: Info) -> list[Card]:
    cards = info.context.services.cards
    return [c for c in cards.listed(info.context.signed_in) if cards.account_of(c).id == parent["account"].id]


def _create(_root: object, info: Info, *, type: str, cardHolderRepresentation: str | None = None) -> dict[str, Any]:  # noqa: A002, N803
    return render_card(info.context.services.cards.order(info.context.signed_in, type, cardHolderRepresentation))


def _activate(_root: object, info: Info, *, id: str, verificationToken: str | None = None) -> dict[str, Any]:  # noqa: A002, N803
    return render_card(info.context.services.cards.activate(info.context.signed_in, id, verificationToken))


def _change_status(_root: object, info: Info, *, id: str, action: str) -> dict[str, Any]:  # noqa: A002
    card = own_card(info, id)
    match action:
        case "BLOCK":
            card.block()
        case "UNBLOCK":
            card.unblock()
        case _:
            card.close()
    return render_card(card)


def _replace(_root: object, info: Info, *, id: str) -> dict[str, Any]:  # noqa: A002
    return render_card(info.context.services.cards.replace(info.context.signed_in, id))


def _reorder(_root: object, info: Info, *, id: str) -> dict[str, Any]:  # noqa: A002
    return render_card(info.context.services.cards.reorder(info.context.signed_in, id))


def _update_settings(_root: object, info: Info, *, id: str, settings: Mapping[str, Any]) -> dict[str, Any]:  # noqa: A002
    card = own_card(info, id)
    card.settings = card.settings.changed_by(settings)
    return card.settings.body()


def _holder(_parent: object, info: Info) -> str:
    return info.context.services.cards.holder(info.context.signed_in)


def _holders(_parent: object, info: Info) -> list[str]:
    return [spell_for_card(info.context.signed_in)]


def _choose_holder(_root: object, info: Info, *, cardHolderRepresentation: str) -> str:  # noqa: N803
    return info.context.services.cards.choose_holder(info.context.signed_in, cardHolderRepresentation)


def _has_fraud_case(_parent: object, info: Info) -> bool:
    return info.context.services.fraud_cases.pending(info.context.signed_in) is not None


def _whitelist(_root: object, info: Info) -> dict[str, str]:
    return info.context.services.fraud_cases.whitelist(info.context.signed_in)


def _confirm_fraud(_root: object, info: Info) -> dict[str, str]:
    return info.context.services.fraud_cases.confirm(info.context.signed_in)


def _pending_verification(_parent: object, info: Info) -> dict[str, str]:
    waiting = info.context.services.card_payments.waiting(info.context.signed_in)
    if waiting is None:
        raise Problem(404, "No card payment waits for its verification")
    return waiting.body()


_NAMES: dict[str, Resolver] = {"cardHolderRepresentation": _holder, "cardHolderRepresentations": _holders}
RESOLVERS: Resolvers = {
    "User": _NAMES,
    "Account": {
        "cards": _cards,
        "card": _card,
        "hasPendingCardFraudCase": _has_fraud_case,
        "pendingTransactionVerification": _pending_verification,
        **_NAMES,
    },
    "Mutation": {
        "createCard": _create,
        "activateCard": _activate,
        "changeCardStatus": _change_status,
        "replaceCard": _replace,
        "reorderCard": _reorder,
        "updateCardSettings": _update_settings,
        "setCardHolderRepresentation": _choose_holder,
        "whitelistCard": _whitelist,
        "confirmFraud": _confirm_fraud,
    },
}
