"""Change requests: 3-D Secure and PIN changes that a bound device signs (providers/kontist.md section 7.4)."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox.tests.kontist.callers import Kontist, make_kontist, make_movement
from sandbox.tests.kontist.cardholders import CardHolder
from sandbox.tests.kontist.cards.test_secrets import LATER, encrypted, pin_of

from bankweave_sandbox.world import Kind

AUTHORIZE = """mutation ($device: String!, $id: String!) {
    authorizeChangeRequest(deviceId: $device, changeRequestId: $id) {stringToSign changeRequestId}
}"""
CONFIRM = """mutation ($device: String!, $id: String!, $signature: String!) {
    confirmChangeRequest(deviceId: $device, changeRequestId: $id, signature: $signature) {success}
}"""
PENDING = """{viewer {mainAccount {pendingTransactionVerification {
    name amount expiresAt authenticateChangeRequestId declineChangeRequestId
}}}}"""

LIMIT_ONLINE = """mutation ($id: String!, $cents: Float!) {
    updateCardSettings(id: $id, settings: {cardNotPresentLimits: {daily: {maxAmountCents: $cents}}}) {contactlessEnabled}
}"""


@pytest.fixture
def anna(kontist: Kontist) -> CardHolder:
    return CardHolder(kontist)


def confirm(anna: CardHolder, device: str, request: str, signed: str | None = None) -> dict[str, Any]:
    text = anna.read(AUTHORIZE, device=device, id=request)["authorizeChangeRequest"]["stringToSign"]
    return dict(anna.read(CONFIRM, device=device, id=request, signature=anna.phone.sign(signed or text)))


def start_payment(anna: CardHolder, amount: str = "49.90") -> dict[str, Any]:
    """Start a payment on the Internet and read what the app shows of it."""
    body = {"amount": amount, "merchant": "Buchladen"}
    started = anna.kontist.control("POST", f"/cards/{anna.first}/verify", body)
    assert started.status_code == 201
    pending = anna.read(PENDING)["viewer"]["mainAccount"]["pendingTransactionVerification"]
    assert pending == started.json()
    return dict(pending)


def test_an_approved_payment_is_reserved(anna: CardHolder) -> None:
    pending = start_payment(anna)
    assert (pending["name"], pending["amount"]) == ("Buchladen", "49.90")

    answer = confirm(anna, anna.bind_phone(), pending["authenticateChangeRequestId"])

    assert answer == {"confirmChangeRequest": {"success": True}}
    newest = anna.newest()
    assert (newest["type"], newest["amount"], newest["name"]) == ("CARD_USAGE", -4990, "Buchladen")
    assert anna.refused(PENDING) == 404


def test_a_declined_payment_does_not_happen(anna: CardHolder) -> None:
    pending, before, device = start_payment(anna), anna.newest(), anna.bind_phone()

    confirm(anna, device, pending["declineChangeRequestId"])

    assert anna.newest() == before
    assert anna.refused(AUTHORIZE, device=device, id=pending["authenticateChangeRequestId"]) == 422


def test_the_older_limit_of_the_internet_declines_once_it_is_set(anna: CardHolder) -> None:
    device = anna.bind_phone()
    anna.read(LIMIT_ONLINE, id=anna.first, cents=9000)

    kinds = []
    for _ in range(2):
        anna.kontist.advance(seconds=1)  # two payments of one instant have no order
        confirm(anna, device, start_payment(anna)["authenticateChangeRequestId"])
        kinds.append(anna.newest()["type"])

    assert kinds == ["CARD_USAGE", "FAILED_CARD_USAGE"]
    assert anna.pay(anna.first, "90.01")["status"] == "pending"


def test_todays_limits_alone_count_where_no_older_one_was_set() -> None:
    rich = make_kontist([make_movement(1), make_movement(2, "5000.00", kind=Kind.TRANSFER)])
    anna = CardHolder(rich)

    pending = start_payment(anna, "1600.00")  # above what the older settings show for the Internet
    confirm(anna, anna.bind_phone(), pending["authenticateChangeRequestId"])

    assert anna.newest()["type"] == "CARD_USAGE"


def test_without_a_payment_that_waits_there_is_an_error(anna: CardHolder) -> None:
    assert anna.refused(PENDING) == 404


def test_a_payment_does_not_wait_for_ever(kontist: Kontist, anna: CardHolder) -> None:
    pending, device = start_payment(anna), anna.bind_phone()
    kontist.advance(minutes=5)

    assert anna.refused(PENDING) == 404
    assert anna.refused(AUTHORIZE, device=device, id=pending["authenticateChangeRequestId"]) == 403


def test_a_wrong_signature_ends_the_request(anna: CardHolder) -> None:
    request, device = start_payment(anna)["authenticateChangeRequestId"], anna.bind_phone()
    text = anna.read(AUTHORIZE, device=device, id=request)["authorizeChangeRequest"]["stringToSign"]

    wrong = anna.refused(CONFIRM, device=device, id=request, signature=anna.phone.sign("else"))

    assert wrong == 403
    assert anna.refused(CONFIRM, device=device, id=request, signature=anna.phone.sign(text)) == 422


def test_an_unknown_device_signs_nothing(anna: CardHolder) -> None:
    request = start_payment(anna)["authenticateChangeRequestId"]

    assert anna.refused(AUTHORIZE, device="nonsense", id=request) == 404


def test_a_pin_is_changed_by_a_change_request(anna: CardHolder) -> None:
    asked = anna.read(LATER, id=anna.first, payload=encrypted(anna, "1593"))["changeCardPINWithChangeRequest"]
    assert pin_of(anna) != "1593"

    confirm(anna, anna.bind_phone(), asked["confirmationId"])

    assert pin_of(anna) == "1593"


def test_change_requests_need_their_scope(kontist: Kontist, anna: CardHolder) -> None:
    answer = kontist.ask(AUTHORIZE, kontist.token(), device="any", id="any")

    assert "change_request" in answer["errors"][0]["message"]
    assert anna.refused(AUTHORIZE, device="any", id="any") == 422
