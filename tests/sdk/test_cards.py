"""Cards and change requests of the published SDK against the sandbox."""

from __future__ import annotations

from typing import Any

import pytest
from sandboxed import Control

from .conftest import Anna
from .sdk_process import SdkError, SdkProcess
from .test_signing_in import bind
from .test_transfers import code_sent

UNTIL_IT_IS_MADE = 120.0  # seconds


def shown(control: Control, card_id: str) -> dict[str, Any]:
    """What is printed on a card, and its PIN."""
    cards: list[dict[str, Any]] = control.client.get("/kontist/cards").json()
    return next(card for card in cards if card["id"] == card_id)


def created(sdk: SdkProcess, anna: Anna) -> str:
    card = sdk.call("models.card.create", {"type": "VISA_BUSINESS_DEBIT"})
    assert card["status"] == "PROCESSING"
    anna.sandbox.advance(UNTIL_IT_IS_MADE)
    return str(card["id"])


def active(sdk: SdkProcess, control: Control, anna: Anna) -> str:
    card_id = created(sdk, anna)
    token = shown(control, card_id)["verification_token"]
    assert sdk.call("models.card.activate", {"id": card_id, "verificationToken": token})["status"] == "ACTIVE"
    return card_id


def test_a_card_is_ordered_activated_and_found(sdk: SdkProcess, control: Control, anna: Anna) -> None:
    card_id = active(sdk, control, anna)
    one = sdk.call("models.card.get", {"id": card_id})
    assert (one["id"], one["status"], one["type"]) == (card_id, "ACTIVE", "VISA_BUSINESS_DEBIT")
    assert one["maskedPan"][-4:] == shown(control, card_id)["pan"][-4:]
    assert card_id in {card["id"] for card in sdk.call("models.card.fetch")["items"]}


def test_a_card_is_not_activated_with_a_wrong_code(sdk: SdkProcess, anna: Anna) -> None:
    with pytest.raises(SdkError) as refused:
        sdk.call("models.card.activate", {"id": created(sdk, anna), "verificationToken": "WRONG!"})
    assert (refused.value.status, refused.value.message) == (400, "Invalid verification token")


def test_a_blocked_card_pays_nothing_until_it_is_unblocked(sdk: SdkProcess, control: Control, anna: Anna) -> None:
    card_id = active(sdk, control, anna)
    pay = f"/kontist/cards/{card_id}/pay"
    for action, status, outcome in (("BLOCK", "BLOCKED", "declined"), ("UNBLOCK", "ACTIVE", "pending")):
        assert sdk.call("models.card.changeStatus", {"id": card_id, "action": action})["status"] == status
        assert control.client.post(pay, json={"amount": "1.00"}).json()["status"] == outcome
    newest = sdk.call("models.transaction.fetch", {"first": 2})["items"]
    assert {row["type"] for row in newest} == {"FAILED_CARD_USAGE", "CARD_USAGE"}


def test_limits_are_set_and_read_and_kept(sdk: SdkProcess, control: Control, anna: Anna) -> None:
    card_id = active(sdk, control, anna)
    limits = {"daily": {"maxAmountCents": 100, "maxTransactions": 2}, "monthly": {"maxAmountCents": 5000}}
    sdk.call("models.card.updateSettings", {"id": card_id, "contactlessEnabled": False, "cardPresentLimits": limits})
    read = sdk.call("models.card.getLimits", {"id": card_id})["cardPresentLimits"]
    assert read["daily"] == {"maxAmountCents": 100, "maxTransactions": 2}
    assert read["monthly"]["maxAmountCents"] == 5000


def test_the_pin_is_changed_with_the_code_of_an_sms(sdk: SdkProcess, control: Control, anna: Anna) -> None:
    card_id = active(sdk, control, anna)
    confirmation = sdk.call("models.card.changePIN", {"id": card_id, "pin": "7295"})
    assert shown(control, card_id)["pin"] != "7295"
    confirm = {"id": card_id, "confirmationId": confirmation, "authorizationToken": code_sent(control)}
    assert sdk.call("models.card.confirmChangePIN", confirm) == "COMPLETED"
    assert shown(control, card_id)["pin"] == "7295"


def test_a_lost_card_is_replaced_and_a_damaged_one_reordered(sdk: SdkProcess, control: Control, anna: Anna) -> None:
    card_id = active(sdk, control, anna)
    another = sdk.call("models.card.replace", {"id": card_id})
    assert another["type"] == "VISA_BUSINESS_DEBIT"
    assert sdk.call("models.card.reorder", {"id": active(sdk, control, anna)})["type"] == "VISA_BUSINESS_DEBIT"


def test_the_rest_of_the_card_calls_keep_what_they_are_told(sdk: SdkProcess, control: Control, anna: Anna) -> None:
    card_id, wallet = active(sdk, control, anna), {"walletId": "w", "tokenRefId": "t"}
    name = sdk.call("models.account.get")["cardHolderRepresentations"][-1]
    assert sdk.call("models.card.setCardHolderRepresentation", name) == name
    assert sdk.call("models.card.addGooglePayCardToken", {"id": card_id, **wallet}) == wallet
    assert sdk.call("models.card.get", {"id": card_id})["googlePayTokens"] == [wallet]
    assert sdk.call("models.card.deleteGooglePayCardToken", {"id": card_id, **wallet}) == wallet
    for call, resolution in (("whitelistCard", "WHITELISTED"), ("confirmFraud", "CONFIRMED")):
        control.client.post(f"/kontist/cards/{card_id}/suspect").raise_for_status()
        assert sdk.call(f"models.card.{call}")["resolution"] == resolution


def test_a_payment_on_the_internet_is_approved_by_a_device(sdk: SdkProcess, control: Control, anna: Anna) -> None:
    card_id, device = active(sdk, control, anna), bind(sdk, control)["deviceId"]
    control.client.post(f"/kontist/cards/{card_id}/verify", json={"amount": "49.90"}).raise_for_status()
    query = "{viewer{mainAccount{pendingTransactionVerification{authenticateChangeRequestId}}}}"
    pending = sdk.call("graphQL.rawQuery", query)["viewer"]["mainAccount"]["pendingTransactionVerification"]
    request = {"deviceId": device, "changeRequestId": pending["authenticateChangeRequestId"]}
    text = sdk.call("models.changeRequest.authorize", request)["stringToSign"]
    signed = request | {"signature": sdk.call("keys.sign", text)}
    assert sdk.call("models.changeRequest.confirm", signed) == {"success": True}
    assert sdk.call("models.transaction.fetch", {"first": 1})["items"][0]["amount"] == -4990
