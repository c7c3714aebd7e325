"""Confirming by SMS code or by a device's signature, shown on transfers."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox.tests.kontist.callers import Kontist
from sandbox.tests.kontist.payers import CODE, CONFIRM, CREATE, SCOPES, Payer, Phone, bind, confirmed_token, transfer

CREATE_MANY = "mutation($t: [CreateSepaTransferInput!]!){createTransfers(transfers: $t){confirmationId}}"
CONFIRM_MANY = """mutation($id: String!, $code: String!) {
  confirmTransfers(confirmationId: $id, authorizationToken: $code) { id } }"""


@pytest.fixture
def anna(kontist: Kontist) -> Payer:
    return Payer(kontist)


def test_the_code_comes_by_sms_and_says_what_for(kontist: Kontist, anna: Payer) -> None:
    request = anna.request(amount=1234)
    assert request["confirmationId"]
    assert request["stringToSign"] is None
    (message,) = kontist.control("GET", "/sms").json()
    assert (message["code"], message["purpose"]) == (CODE, "sepa transfer of 12.34 EUR to Vermieter GmbH")


def test_messages_are_listed_newest_first(kontist: Kontist, anna: Payer) -> None:
    anna.request(recipient="First")
    kontist.advance(seconds=1)
    anna.request(recipient="Second")
    assert [m["purpose"].split()[-1] for m in kontist.control("GET", "/sms").json()] == ["Second", "First"]


def test_the_code_is_the_switchs(kontist: Kontist, anna: Payer) -> None:
    kontist.dialect.switches.sms_code = "001234"
    assert kontist.dialect.describe("http://x")["people"][0]["code"] == "001234"
    assert anna.confirm(anna.request()["confirmationId"], "001234")["status"] == "CONFIRMED"


def test_codes_may_be_random(kontist: Kontist, anna: Payer) -> None:
    kontist.dialect.switches.sms_random_codes = True
    requests = [anna.request()["confirmationId"] for _ in range(8)]
    codes = [m["code"] for m in kontist.control("GET", "/sms").json()]
    assert len(set(codes)) > 1
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert anna.confirm(requests[-1], codes[0])["status"] == "CONFIRMED"


def test_a_wrong_code_is_refused_and_destroys_the_request(anna: Payer) -> None:
    request = anna.request()["confirmationId"]
    assert anna.refused(CONFIRM, confirmationId=request, authorizationToken="999999") == (403, "Invalid TAN")
    assert anna.refused(CONFIRM, confirmationId=request, authorizationToken=CODE)[0] == 422
    assert anna.listed() == []
    assert anna.balances() == (97000, 97000)


def test_a_wrong_code_may_be_forgiven(kontist: Kontist, anna: Payer) -> None:
    kontist.dialect.switches.wrong_tan_destroys = False
    request = anna.request()["confirmationId"]
    assert anna.refused(CONFIRM, confirmationId=request, authorizationToken="999999")[0] == 403
    assert anna.confirm(request)["status"] == "CONFIRMED"


def test_a_request_is_confirmed_once(anna: Payer) -> None:
    request = anna.request()["confirmationId"]
    anna.confirm(request)
    assert anna.refused(CONFIRM, confirmationId=request, authorizationToken=CODE)[0] == 422
    assert len(anna.listed()) == 1


def test_a_request_dies_after_five_minutes(kontist: Kontist, anna: Payer) -> None:
    request = anna.request()["confirmationId"]
    kontist.advance(minutes=5)
    assert anna.refused(CONFIRM, confirmationId=request, authorizationToken=CODE)[0] == 403
    assert anna.refused(CONFIRM, confirmationId=request, authorizationToken=CODE)[0] == 422


def test_the_status_for_an_unknown_request_is_a_switch(kontist: Kontist, anna: Payer) -> None:
    kontist.dialect.switches.unknown_confirmation_status = 404
    assert anna.refused(CONFIRM, confirmationId="nothing", authorizationToken=CODE)[0] == 404


def test_another_persons_request_is_unknown_and_survives(kontist: Kontist, anna: Payer) -> None:
    request = anna.request()["confirmationId"]
    ben = Payer(kontist, "ben")
    assert ben.refused(CONFIRM, confirmationId=request, authorizationToken="999999")[0] == 422
    assert anna.confirm(request)["status"] == "CONFIRMED"


def test_a_request_is_confirmed_by_the_call_it_belongs_to(anna: Payer) -> None:
    plain = {"recipient": "A", "iban": transfer()["iban"], "amount": 1}
    batch = anna.read(CREATE_MANY, t=[plain])["createTransfers"]["confirmationId"]
    single = anna.request()["confirmationId"]
    assert anna.refused(CONFIRM, confirmationId=batch, authorizationToken=CODE)[0] == 422
    assert anna.refused(CONFIRM_MANY, id=single, code=CODE)[0] == 422
    assert anna.read(CONFIRM_MANY, id=batch, code=CODE)["confirmTransfers"]["id"]


def test_some_proof_is_needed(anna: Payer) -> None:
    request = anna.request()["confirmationId"]
    assert anna.refused(CONFIRM, confirmationId=request)[0] == 400
    assert anna.confirm(request)["status"] == "CONFIRMED"


def test_a_device_signs_instead(kontist: Kontist, anna: Payer) -> None:
    phone, device = bound_phone(kontist, anna)
    request = signed_request(anna, device)
    messages = kontist.control("GET", "/sms").json()
    assert [m["purpose"] for m in messages] == ["binding of the device Phone"]  # no SMS for the transfer
    signature = phone.sign(request["stringToSign"])
    answer = anna.read(CONFIRM, confirmationId=request["confirmationId"], deviceId=device, signature=signature)
    assert answer["confirmTransfer"]["status"] == "CONFIRMED"


def test_a_wrong_signature_destroys_the_request(kontist: Kontist, anna: Payer) -> None:
    phone, device = bound_phone(kontist, anna)
    request = signed_request(anna, device)
    proof: dict[str, Any] = {"confirmationId": request["confirmationId"], "deviceId": device}
    refused = anna.refused(CONFIRM, **proof, signature=Phone().sign(request["stringToSign"]))
    assert refused == (403, "Invalid signature")
    assert anna.refused(CONFIRM, **proof, signature=phone.sign(request["stringToSign"]))[0] == 422


def test_only_the_named_device_may_sign(kontist: Kontist, anna: Payer) -> None:
    phone, device = bound_phone(kontist, anna)
    other = bind(kontist, anna.token, phone)
    request = signed_request(anna, device)
    signature = phone.sign(request["stringToSign"])
    refused = anna.refused(CONFIRM, confirmationId=request["confirmationId"], deviceId=other, signature=signature)
    assert refused[0] == 403


def test_a_request_for_a_device_takes_no_code(kontist: Kontist, anna: Payer) -> None:
    _, device = bound_phone(kontist, anna)
    request = signed_request(anna, device)
    assert anna.refused(CONFIRM, confirmationId=request["confirmationId"], authorizationToken=CODE)[0] == 403


def test_a_device_id_alone_may_mean_signing(kontist: Kontist, anna: Payer) -> None:
    _, device = bound_phone(kontist, anna)
    assert anna.read(CREATE, transfer=transfer(), deviceId=device)["createTransfer"]["stringToSign"] is None
    kontist.dialect.switches.device_id_means_signing = True
    assert anna.read(CREATE, transfer=transfer(), deviceId=device)["createTransfer"]["stringToSign"]


def test_device_signing_needs_a_bound_device_of_ones_own(kontist: Kontist, anna: Payer) -> None:
    _, device = bound_phone(kontist, Payer(kontist, "ben"))
    for unknown in (None, device):
        refused = anna.refused(CREATE, transfer=transfer(), deviceId=unknown, deliveryMethod="DEVICE_SIGNING")
        assert refused == (404, "Unknown device")


def test_moving_money_needs_a_confirmed_token(kontist: Kontist) -> None:
    unconfirmed = kontist.token(SCOPES)
    refused = kontist.ask(CREATE, unconfirmed, transfer=transfer())["errors"][0]
    assert refused["extensions"]["status"] == 403
    kontist.read("{viewer{mainAccount{transfers(type: SEPA_TRANSFER){edges{cursor}}}}}", unconfirmed)
    kontist.dialect.switches.strict_mfa = "off"
    assert kontist.read(CREATE, unconfirmed, transfer=transfer())["createTransfer"]["confirmationId"]


def test_moving_money_needs_the_scope(kontist: Kontist) -> None:
    without = confirmed_token(kontist, scope="users accounts transactions")
    refused = kontist.ask(CREATE, without, transfer=transfer())["errors"][0]
    assert refused["extensions"]["status"] == 403
    assert "transfers" in refused["message"]
    alone = confirmed_token(kontist, scope="transfers")
    kontist.read("{viewer{unfinishedTransfers{iban} mainAccount{transferSuggestions{iban}}}}", alone)


def bound_phone(kontist: Kontist, payer: Payer) -> tuple[Phone, str]:
    phone = Phone()
    return phone, bind(kontist, payer.token, phone)


def signed_request(payer: Payer, device: str) -> dict[str, str]:
    answer = payer.read(CREATE, transfer=transfer(), deviceId=device, deliveryMethod="DEVICE_SIGNING")
    assert answer["createTransfer"]["stringToSign"]
    return dict(answer["createTransfer"])
