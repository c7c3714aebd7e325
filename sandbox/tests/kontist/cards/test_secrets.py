"""PINs, card numbers and phone wallets (providers/kontist.md section 8)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import RSAKey
from sandbox.tests.kontist.callers import Kontist
from sandbox.tests.kontist.cardholders import CardHolder
from sandbox.tests.kontist.payers import CODE

CHANGE = "mutation ($id: String!, $pin: String!) {changeCardPIN(id: $id, pin: $pin) {confirmationId stringToSign}}"
CONFIRM = """mutation ($id: String!, $confirmation: String!, $code: String!) {
    confirmChangeCardPIN(id: $id, confirmationId: $confirmation, authorizationToken: $code) {status}
}"""
ENCRYPTED = """mutation ($id: String!, $payload: ChangeCardPINEncryptedInput!) {
    changeCardPINEncrypted(id: $id, payload: $payload) {id pinSet}
}"""
LATER = """mutation ($id: String!, $payload: ChangeCardPINWithChangeRequestInput!) {
    changeCardPINWithChangeRequest(id: $id, payload: $payload) {confirmationId}
}"""
DETAILS = "mutation ($id: String!, $args: VirtualCardDetailsArgs!) {virtualCardDetails(id: $id, args: $args)}"
REQUEST_WALLET = """mutation ($id: String!, $device: String!, $ios: PushProvisioningIosInput) {
    requestCardPushProvisioning(cardId: $id, deviceId: $device, ios: $ios) {changeRequestId stringToSign}
}"""
CONFIRM_WALLET = """mutation ($id: String!, $payload: ConfirmChangeRequestArgs!) {
    confirmCardPushProvisioning(cardId: $id, payload: $payload) {
        activationData encryptedPassData ephemeralPublicKey walletPayload
    }
}"""
IOS = {"certificates": ["a", "b"], "nonce": "n", "nonceSignature": "s"}
JWE = {"alg": "RSA-OAEP-256", "enc": "A256CBC-HS512"}


@pytest.fixture
def anna(kontist: Kontist) -> CardHolder:
    return CardHolder(kontist)


def pin_of(anna: CardHolder) -> str | None:
    pin = anna.printed(anna.first)["pin"]
    return None if pin is None else str(pin)


def encrypted(anna: CardHolder, plain: str, wrapping: str = "RSA-OAEP", enc: str = "A128CBC-HS256") -> dict[str, str]:
    """Encrypt a PIN under the card's key as a client does."""
    key = anna.card(anna.first, "pinKey {kid kty use alg n e}")["pinKey"]
    assert (key["kty"], key["use"], key["alg"], key["e"]) == ("RSA", "enc", "RS256", "AQAB")
    public = RSAKey.import_key({"kty": "RSA", "n": key["n"], "e": key["e"]})
    token = jwe.encrypt_compact({"alg": wrapping, "enc": enc}, plain, public, algorithms=[wrapping, enc])
    return {"encryptedPin": token, "keyId": key["kid"]}


def test_a_pin_is_changed_by_the_code_of_an_sms(anna: CardHolder) -> None:
    asked = anna.read(CHANGE, id=anna.first, pin="1593")["changeCardPIN"]
    assert pin_of(anna) != "1593"

    answer = anna.read(CONFIRM, id=anna.first, confirmation=asked["confirmationId"], code=CODE)

    assert answer == {"confirmChangeCardPIN": {"status": "COMPLETED"}}
    assert pin_of(anna) == "1593"
    assert anna.kontist.control("GET", "/sms").json()[0]["code"] == CODE


def test_a_wrong_code_is_403_and_an_unknown_card_404(anna: CardHolder) -> None:
    asked = anna.read(CHANGE, id=anna.first, pin="1593")["changeCardPIN"]["confirmationId"]

    assert anna.refused(CONFIRM, id="nonsense", confirmation=asked, code=CODE) == 404
    assert anna.refused(CONFIRM, id=anna.first, confirmation=asked, code="000000") == 403
    assert anna.refused(CHANGE, id="nonsense", pin="1593") == 404
    assert pin_of(anna) != "1593"


def test_a_confirmation_is_good_for_its_own_card_only(anna: CardHolder) -> None:
    other = anna.order()["id"]
    asked = anna.read(CHANGE, id=anna.first, pin="1593")["changeCardPIN"]["confirmationId"]

    assert anna.refused(CONFIRM, id=other, confirmation=asked, code=CODE) == 422


@pytest.mark.parametrize("pin", ["1234", "9876", "1122", "1111", "123", "12345", "12a4", "１５９３"])
def test_bad_pins_are_refused(anna: CardHolder, pin: str) -> None:
    assert anna.refused(CHANGE, id=anna.first, pin=pin) == 400


def test_a_blocked_card_keeps_its_pin(anna: CardHolder) -> None:
    asked = anna.read(CHANGE, id=anna.first, pin="1593")["changeCardPIN"]["confirmationId"]
    anna.change(anna.first, "BLOCK")

    assert anna.refused(CHANGE, id=anna.first, pin="1593") == 400
    assert anna.refused(CONFIRM, id=anna.first, confirmation=asked, code=CODE) == 400
    assert pin_of(anna) != "1593"


@pytest.mark.parametrize("plain", ["1593", '{"pin": "1593"}'])
def test_an_encrypted_pin_is_changed_by_a_signature(anna: CardHolder, plain: str) -> None:
    pin, device = encrypted(anna, plain), anna.bind_phone()
    payload = pin | {"deviceId": device, "signature": anna.phone.sign(pin["encryptedPin"])}

    answer = anna.read(ENCRYPTED, id=anna.first, payload=payload)["changeCardPINEncrypted"]

    assert answer == {"id": anna.first, "pinSet": True}
    assert pin_of(anna) == "1593"


def test_an_encrypted_pin_needs_the_right_signature_device_and_key(anna: CardHolder) -> None:
    pin, device = encrypted(anna, "1593"), anna.bind_phone()
    good = pin | {"deviceId": device, "signature": anna.phone.sign(pin["encryptedPin"])}

    assert anna.refused(ENCRYPTED, id=anna.first, payload=good | {"signature": anna.phone.sign("else")}) == 403
    assert anna.refused(ENCRYPTED, id=anna.first, payload=good | {"deviceId": "nonsense"}) == 404
    assert anna.refused(ENCRYPTED, id=anna.first, payload=good | {"keyId": "nonsense"}) == 400
    assert pin_of(anna) != "1593"


@pytest.mark.parametrize("text", ["nonsense", "a.b.c.d.e", ""])
def test_what_is_not_encrypted_is_refused(anna: CardHolder, text: str) -> None:
    payload = encrypted(anna, "1593") | {"encryptedPin": text}

    assert anna.refused(LATER, id=anna.first, payload=payload) == 400


def test_the_signature_of_an_encrypted_pin_can_be_switched_off(anna: CardHolder) -> None:
    anna.kontist.control("PATCH", "/switches", {"encrypted_pin_is_signed": False})
    payload = encrypted(anna, "1593", *JWE.values()) | {"deviceId": "any", "signature": "00"}

    anna.read(ENCRYPTED, id=anna.first, payload=payload)

    assert pin_of(anna) == "1593"


def test_card_details_are_readable_by_the_asker_only(anna: CardHolder) -> None:
    key, arguments = asked_details(anna)

    token = anna.read(DETAILS, id=anna.first, args=arguments)["virtualCardDetails"]

    shown = json.loads(jwe.decrypt_compact(token, key, algorithms=list(JWE.values())).plaintext or b"")
    printed = anna.printed(anna.first)
    assert shown == {
        "cardholder": "ANNA/MUSTER",
        "pan": printed["pan"],
        "cvv": printed["cvv"],
        "exp": printed["expires"],
    }
    assert has_right_check_digit(shown["pan"])


def test_card_details_need_a_signature_and_a_key(anna: CardHolder) -> None:
    _, arguments = asked_details(anna)

    assert anna.refused(DETAILS, id=anna.first, args=arguments | {"signature": anna.phone.sign("else")}) == 403
    assert anna.refused(DETAILS, id=anna.first, args=arguments | {"jwe": JWE | {"alg": "dir"}}) == 400
    anna.kontist.control("PATCH", "/switches", {"card_details_are_signed": False})
    assert anna.refused(DETAILS, id=anna.first, args=arguments | {"jwk": {"kty": "RSA", "n": "!", "e": "AQAB"}}) == 400


def test_google_tokens_come_and_go(anna: CardHolder) -> None:
    both = "(id: $id, walletId: $wallet, tokenRefId: $ref) {walletId tokenRefId}}"
    head = "mutation ($id: String!, $wallet: String!, $ref: String!) {"
    token = {"walletId": "w1", "tokenRefId": "t1"}
    values = {"id": anna.first, "wallet": "w1", "ref": "t1"}

    assert anna.read(f"{head}addGooglePayCardToken{both}", **values) == {"addGooglePayCardToken": token}
    assert anna.read(f"{head}addGooglePayCardToken{both}", **values) == {"addGooglePayCardToken": token}
    assert anna.card(anna.first)["googlePayTokens"] == [token]
    assert anna.read(f"{head}deleteGooglePayCardToken{both}", **values) == {"deleteGooglePayCardToken": token}
    assert anna.card(anna.first)["googlePayTokens"] == []
    assert anna.refused(f"{head}deleteGooglePayCardToken{both}", **values) == 404


def test_a_card_goes_into_apples_wallet_by_signature(anna: CardHolder) -> None:
    device = anna.bind_phone()
    asked = anna.read(REQUEST_WALLET, id=anna.first, device=device, ios=IOS)["requestCardPushProvisioning"]
    signature = anna.phone.sign(asked["stringToSign"])
    payload = {"changeRequestId": asked["changeRequestId"], "deviceId": device, "signature": signature}

    given = anna.read(CONFIRM_WALLET, id=anna.first, payload=payload)["confirmCardPushProvisioning"]

    assert [name for name, value in given.items() if value is None] == ["walletPayload"]
    assert anna.card(anna.first)["addedToApplePay"] is True


def test_a_wallet_is_one_of_two_and_complete(anna: CardHolder) -> None:
    device = anna.bind_phone()

    assert anna.refused(REQUEST_WALLET, id=anna.first, device=device) == 400
    assert anna.refused(REQUEST_WALLET, id=anna.first, device=device, ios={"nonce": "n"}) == 400


def asked_details(anna: CardHolder) -> tuple[RSAKey, dict[str, Any]]:
    """Make a key and what asks for card details under it."""
    key, device = RSAKey.generate_key(2048), anna.bind_phone()
    jwk = {name: key.as_dict(private=False)[name] for name in ("kty", "n", "e")}
    signature = anna.phone.sign(f"e={jwk['e']}&kty=RSA&n={jwk['n']}")
    return key, {"deviceId": device, "jwk": jwk, "jwe": JWE, "signature": signature}


def has_right_check_digit(pan: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(pan))]
    return len(pan) == 16 and sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
