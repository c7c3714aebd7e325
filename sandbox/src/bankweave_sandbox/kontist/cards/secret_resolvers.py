"""What needs a second factor with a card: its PIN, its number, a place in a phone's wallet (section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bankweave_sandbox.kontist.caller import Info, Resolvers
from bankweave_sandbox.kontist.cards.card import Card
from bankweave_sandbox.kontist.cards.resolvers import own_card, render_card
from bankweave_sandbox.kontist.cards.secrets import check_pin, decrypt_pin, encrypt_details, string_of_jwk
from bankweave_sandbox.kontist.cards.wallets import add_google_token, check_wallet, delete_google_token, provision
from bankweave_sandbox.kontist.devices.confirmations import CHANGE_REQUEST
from bankweave_sandbox.kontist.problems import Problem

_Wallet = Mapping[str, Any] | None


def _change_pin(_root: object, info: Info, *, id: str, pin: str) -> dict[str, str | None]:  # noqa: A002
    card = _with_changeable_pin(info, id)
    new_pin, purpose = check_pin(pin), f"new PIN of the card {card.masked_pan}"
    confirmations = info.context.services.confirmations
    return confirmations.ask(card.person, _pin_kind(id), purpose, lambda: _set_pin(card, new_pin)).body()


def _confirm_pin(_root: object, info: Info, *, id: str, confirmationId: str, authorizationToken: str) -> dict[str, str]:  # noqa: A002, N803
    card = own_card(info, id)
    confirmations = info.context.services.confirmations
    confirmations.confirm(card.person, confirmationId, _pin_kind(id), token=authorizationToken)
    return {"status": "COMPLETED"}


def _change_pin_encrypted(_root: object, info: Info, *, id: str, payload: Mapping[str, str]) -> dict[str, Any]:  # noqa: A002
    """Change the PIN at once: a device has signed it. What it signs is undocumented: the encrypted PIN (13.15)."""
    card = _with_changeable_pin(info, id)
    if info.context.switches.encrypted_pin_is_signed:
        _check_signature(info, payload["deviceId"], payload["encryptedPin"], payload["signature"])
    _set_pin(card, decrypt_pin(payload["encryptedPin"], payload["keyId"]))
    return render_card(card)


def _change_pin_later(_root: object, info: Info, *, id: str, payload: Mapping[str, str]) -> dict[str, str | None]:  # noqa: A002
    """Open a change request whose id is the confirmation's, as the notes presume (section 7.4)."""
    card = _with_changeable_pin(info, id)
    new_pin = decrypt_pin(payload["encryptedPin"], payload["keyId"])
    purpose = f"new PIN of the card {card.masked_pan}"
    confirmations = info.context.services.confirmations
    return confirmations.open(card.person, CHANGE_REQUEST, purpose, lambda: _set_pin(card, new_pin)).body()


def _details(_root: object, info: Info, *, id: str, args: Mapping[str, Any]) -> str:  # noqa: A002
    card = own_card(info, id)
    card.require("INACTIVE", "ACTIVE", "BLOCKED")
    if info.context.switches.card_details_are_signed:
        _check_signature(info, args["deviceId"], string_of_jwk(args["jwk"]), args["signature"])
    return encrypt_details(card, args["jwk"], args["jwe"])


def _add_token(_root: object, info: Info, *, id: str, walletId: str, tokenRefId: str) -> dict[str, str]:  # noqa: A002, N803
    return add_google_token(own_card(info, id), walletId, tokenRefId)


def _delete_token(_root: object, info: Info, *, id: str, walletId: str, tokenRefId: str) -> dict[str, str]:  # noqa: A002, N803
    return delete_google_token(own_card(info, id), walletId, tokenRefId)


def _request_provisioning(
    _root: object,
    info: Info,
    *,
    cardId: str,  # noqa: N803 - the schema's argument
    deviceId: str,  # noqa: N803 - the schema's argument
    ios: _Wallet = None,
    android: _Wallet = None,
) -> dict[str, str | None]:
    card = own_card(info, cardId)
    check_wallet(card, ios, android)
    request = info.context.services.confirmations.ask(
        card.person,
        _wallet_kind(cardId),
        "a card in a phone's wallet",
        lambda: provision(card, ios),
        delivery="DEVICE_SIGNING",
        device_id=deviceId,
    )
    return {"changeRequestId": request.id, "stringToSign": request.string_to_sign}


def _confirm_provisioning(_root: object, info: Info, *, cardId: str, payload: Mapping[str, Any]) -> Any:  # noqa: N803
    card = own_card(info, cardId)
    return info.context.services.confirmations.confirm(
        card.person,
        payload["changeRequestId"],
        _wallet_kind(cardId),
        token=payload.get("authorizationToken"),
        device_id=payload["deviceId"],
        signature=payload.get("signature"),
    )


def _provision(
    _root: object,
    info: Info,
    *,
    cardId: str,  # noqa: N803 - the schema's argument
    ios: _Wallet = None,
    android: _Wallet = None,
) -> dict[str, str]:
    """Provision at once, as before there was a change request for it."""
    card = own_card(info, cardId)
    check_wallet(card, ios, android)
    return provision(card, ios)


def _with_changeable_pin(info: Info, card_id: str) -> Card:
    card = own_card(info, card_id)
    card.require("INACTIVE", "ACTIVE")
    return card


def _set_pin(card: Card, pin: str) -> None:
    card.require("INACTIVE", "ACTIVE")  # it may have been blocked or closed meanwhile
    card.pin = pin


def _check_signature(info: Info, device_id: str, text: str, signature: str) -> None:
    devices = info.context.services.devices
    if not devices.is_signed(devices.own(info.context.signed_in, device_id), text, signature):
        raise Problem(403, "Invalid signature")


def _pin_kind(card_id: str) -> str:
    return f"card-pin/{card_id}"


def _wallet_kind(card_id: str) -> str:
    return f"card-wallet/{card_id}"


RESOLVERS: Resolvers = {
    "Mutation": {
        "changeCardPIN": _change_pin,
        "confirmChangeCardPIN": _confirm_pin,
        "changeCardPINEncrypted": _change_pin_encrypted,
        "changeCardPINWithChangeRequest": _change_pin_later,
        "virtualCardDetails": _details,
        "addGooglePayCardToken": _add_token,
        "deleteGooglePayCardToken": _delete_token,
        "requestCardPushProvisioning": _request_provisioning,
        "confirmCardPushProvisioning": _confirm_provisioning,
        "cardPushProvisioning": _provision,
    }
}
