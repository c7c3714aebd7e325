"""Device binding: four REST calls, and the devices over GraphQL."""

from __future__ import annotations

import json
from typing import Any

import pytest
from joserfc.jws import extract_compact
from sandbox.tests.kontist.callers import Kontist
from sandbox.tests.kontist.payers import (
    CODE,
    DEVICES,
    SCOPES,
    Payer,
    Phone,
    bind,
    confirmed_token,
    create_device,
    device_tokens,
)

BOUND = "{listBoundDevices{id name}}"
DELETE = "mutation($id: String!){deleteBoundDevice(deviceId: $id)}"
ASK = "mutation($name: String!){createDeviceBindingRequest(deviceName: $name){id deviceName confirmedAt rejectedAt}}"
READ = "query($id: String!){getDeviceBindingRequest(id: $id){id deviceName confirmedAt rejectedAt createdAt}}"
DECIDE = "mutation($id: String!, $yes: Boolean!){updateDeviceBindingRequest(id: $id, isConfirmation: $yes)}"
RESTRICTED = "query($id: String!){hasDeviceRestrictedKey(deviceId: $id)}"
ADD_KEY = """mutation($id: String!, $key: String!, $signature: String!) {
  addDeviceKey(deviceId: $id, key: $key, signature: $signature) }"""


@pytest.fixture
def token(kontist: Kontist) -> str:
    return kontist.token(SCOPES)


@pytest.fixture
def phone() -> Phone:
    return Phone()


def verify(kontist: Kontist, token: str, device: str, signature: str) -> int:
    body = {"challengeId": device, "signature": signature}
    return kontist.send("POST", f"{DEVICES}/{device}/verify", token, json=body).status_code


def test_a_new_device_has_one_id_for_itself_and_its_challenge(kontist: Kontist, token: str, phone: Phone) -> None:
    created = kontist.send("POST", DEVICES, token, json={"name": "iPhone XS", "key": phone.key})
    assert created.status_code == 201
    assert set(created.json()) == {"deviceId", "challengeId"}
    assert created.json()["deviceId"] == created.json()["challengeId"]


def test_the_undocumented_statuses_are_switches(kontist: Kontist, token: str, phone: Phone) -> None:
    kontist.dialect.switches.created_status = 202
    kontist.dialect.switches.exchanged_status = 201
    created = kontist.send("POST", DEVICES, token, json={"name": "x", "key": phone.key})
    assert created.status_code == 202
    device = created.json()["deviceId"]
    assert verify(kontist, token, device, phone.sign(CODE)) == 204  # this one is documented
    challenge = kontist.send("POST", f"{DEVICES}/{device}/challenges", token)
    assert challenge.status_code == 202
    assert answer(kontist, token, device, challenge.json(), phone.sign(challenge.json()["stringToSign"])) == 201


def test_the_otp_comes_by_sms_and_is_read_at_the_control_origin(kontist: Kontist, token: str, phone: Phone) -> None:
    create_device(kontist, token, phone)
    (message,) = kontist.control("GET", "/sms").json()
    assert message["person"] == "anna@kontist.example"
    assert message["mobile"] == "+4915550100001"
    assert message["code"] == CODE
    assert "Phone" in message["purpose"]
    assert message["sent_at"] == "2026-06-15T10:00:00.000+00:00"


def test_a_bound_device_confirms_tokens_for_itself(kontist: Kontist, token: str, phone: Phone) -> None:
    device = bind(kontist, token, phone)
    tokens = device_tokens(kontist, token, phone, device)
    assert set(tokens) == {"token", "refresh_token"}
    assert claims_of(tokens["token"])["cnf"] == {"kid": device}
    Payer(kontist, token=tokens["token"]).pay()


def test_later_tokens_need_no_mfa(kontist: Kontist, token: str, phone: Phone) -> None:
    tokens = device_tokens(kontist, token, phone, bind(kontist, token, phone))
    kontist.advance(days=30)
    refreshed = kontist.exchange(
        grant_type="refresh_token", refresh_token=tokens["refresh_token"], **kontist.client
    ).json()
    Payer(kontist, token=refreshed["access_token"]).pay()


def test_without_offline_a_device_gives_no_refresh_token(kontist: Kontist, phone: Phone) -> None:
    token = kontist.token("transfers")
    assert set(device_tokens(kontist, token, phone, bind(kontist, token, phone))) == {"token"}


def test_a_signature_of_another_code_or_key_does_not_bind(kontist: Kontist, token: str, phone: Phone) -> None:
    device = create_device(kontist, token, phone)
    assert verify(kontist, token, device, phone.sign("000000")) == 403
    assert verify(kontist, token, device, Phone().sign(CODE)) == 403
    assert kontist.read(BOUND, token) == {"listBoundDevices": []}
    assert verify(kontist, token, device, phone.sign(CODE)) == 204


def test_the_otp_is_good_for_five_minutes(kontist: Kontist, token: str, phone: Phone) -> None:
    device = create_device(kontist, token, phone)
    kontist.advance(minutes=5)
    assert verify(kontist, token, device, phone.sign(CODE)) == 404


def test_a_device_is_verified_once_and_by_its_owner(kontist: Kontist, token: str, phone: Phone) -> None:
    device = create_device(kontist, token, phone)
    assert verify(kontist, kontist.token(name="ben"), device, phone.sign(CODE)) == 404
    assert verify(kontist, token, device, phone.sign(CODE)) == 204
    assert verify(kontist, token, device, phone.sign(CODE)) == 404


@pytest.mark.parametrize("body", [None, [], {}, {"name": "x"}, {"name": "x", "key": "04ab"}, {"name": "x", "key": 4}])
def test_a_device_needs_a_name_and_a_key(kontist: Kontist, token: str, body: object) -> None:
    refused = kontist.send("POST", DEVICES, token, json=body)
    assert refused.status_code == 400
    assert refused.json()["title"] == "Bad Request"


def test_binding_needs_a_token(kontist: Kontist, phone: Phone) -> None:
    assert kontist.send("POST", DEVICES, json={"name": "x", "key": phone.key}).status_code == 401


def test_at_most_five_devices_are_bound(kontist: Kontist, token: str) -> None:
    for _ in range(5):
        bind(kontist, token, Phone())
    refused = kontist.send("POST", DEVICES, token, json={"name": "x", "key": Phone().key})
    assert refused.status_code == 400
    kontist.read(DELETE, token, id=kontist.read(BOUND, token)["listBoundDevices"][0]["id"])
    bind(kontist, token, Phone())


def test_a_challenge_is_used_once(kontist: Kontist, token: str, phone: Phone) -> None:
    device = bind(kontist, token, phone)
    challenge = challenge_of(kontist, token, device)
    answers = [answer(kontist, token, device, challenge, phone.sign(challenge["stringToSign"])) for _ in range(2)]
    assert answers == [200, 404]


def test_a_wrong_signature_leaves_the_challenge_open(kontist: Kontist, token: str, phone: Phone) -> None:
    device = bind(kontist, token, phone)
    challenge = challenge_of(kontist, token, device)
    assert answer(kontist, token, device, challenge, phone.sign("something else")) == 403
    assert answer(kontist, token, device, challenge, phone.sign(challenge["stringToSign"])) == 200


def test_challenges_expire_by_the_switch(kontist: Kontist, token: str, phone: Phone) -> None:
    kontist.dialect.switches.device_challenge_seconds = 60
    device = bind(kontist, token, phone)
    challenge = challenge_of(kontist, token, device)
    kontist.advance(seconds=60)
    assert answer(kontist, token, device, challenge, phone.sign(challenge["stringToSign"])) == 404


def test_a_device_that_is_not_verified_gets_no_challenge(kontist: Kontist, token: str, phone: Phone) -> None:
    device = create_device(kontist, token, phone)
    assert kontist.send("POST", f"{DEVICES}/{device}/challenges", token).status_code == 400
    assert kontist.send("POST", f"{DEVICES}/nothing/challenges", token).status_code == 404


def test_one_devices_challenge_is_not_anothers(kontist: Kontist, token: str, phone: Phone) -> None:
    device, other = bind(kontist, token, phone), bind(kontist, token, phone)
    challenge = challenge_of(kontist, token, device)
    assert answer(kontist, token, other, challenge, phone.sign(challenge["stringToSign"])) == 404


def test_raw_signatures_are_accepted_when_switched_on(kontist: Kontist, token: str, phone: Phone) -> None:
    device = create_device(kontist, token, phone)
    assert verify(kontist, token, device, phone.sign_raw(CODE)) == 403
    kontist.dialect.switches.accept_p1363_signatures = True
    assert verify(kontist, token, device, phone.sign_raw(CODE)) == 204


def test_a_bound_device_decides_pushes(kontist: Kontist, token: str, phone: Phone) -> None:
    device = bind(kontist, token, phone)
    on_phone = device_tokens(kontist, token, phone, device)["token"]
    push = "/api/user/mfa/challenges"
    challenge = kontist.send("POST", push, token).json()["id"]
    assert [c["id"] for c in kontist.send("GET", push, on_phone).json()] == [challenge]
    decided = kontist.send("PATCH", f"{push}/{challenge}", on_phone, json={"status": "VERIFIED"})
    assert decided.status_code == 204
    assert kontist.send("POST", f"{push}/{challenge}/token", token).status_code == 200


def test_devices_are_listed_and_deleted_by_their_owner(kontist: Kontist, token: str, phone: Phone) -> None:
    device = bind(kontist, token, phone)
    ben = kontist.token(name="ben")
    assert kontist.read(BOUND, token) == {"listBoundDevices": [{"id": device, "name": "Phone"}]}
    assert kontist.read(BOUND, ben) == {"listBoundDevices": []}
    assert kontist.ask(DELETE, ben, id=device)["errors"][0]["extensions"]["status"] == 404
    assert kontist.read(DELETE, token, id=device) == {"deleteBoundDevice": True}
    assert kontist.read(BOUND, token) == {"listBoundDevices": []}


@pytest.mark.parametrize(("ends", "status"), [(False, 200), (True, 401)])
def test_tokens_of_a_deleted_device_follow_the_switch(
    kontist: Kontist, token: str, phone: Phone, *, ends: bool, status: int
) -> None:
    kontist.dialect.switches.deleted_device_ends_tokens = ends
    device = bind(kontist, token, phone)
    confirmed = device_tokens(kontist, token, phone, device)["token"]
    kontist.read(DELETE, token, id=device)
    answered = kontist.send("POST", "/api/graphql", confirmed, json={"query": "{viewer{email}}"})
    assert answered.status_code == status


def test_a_restricted_key_signs_as_well(kontist: Kontist, token: str, phone: Phone) -> None:
    device, biometric = bind(kontist, token, phone), Phone()
    assert kontist.read(RESTRICTED, token, id=device) == {"hasDeviceRestrictedKey": False}
    wrong = kontist.ask(ADD_KEY, token, id=device, key=biometric.key, signature=biometric.sign(biometric.key))
    assert wrong["errors"][0]["extensions"]["status"] == 403
    added = kontist.read(ADD_KEY, token, id=device, key=biometric.key, signature=phone.sign(biometric.key))
    assert added["addDeviceKey"]
    assert kontist.read(RESTRICTED, token, id=device) == {"hasDeviceRestrictedKey": True}
    assert "token" in device_tokens(kontist, token, biometric, device)


def test_a_client_without_permission_binds_nothing(kontist: Kontist, token: str, phone: Phone) -> None:
    kontist.dialect.switches.device_binding_allowed = False
    refused = kontist.send("POST", DEVICES, token, json={"name": "x", "key": phone.key})
    assert refused.status_code == 403


def test_binding_may_need_a_confirmed_request(kontist: Kontist, token: str, phone: Phone) -> None:
    kontist.dialect.switches.device_binding_needs_request = True
    assert kontist.send("POST", DEVICES, token, json={"name": "x", "key": phone.key}).status_code == 403
    request = kontist.read(ASK, token, name="Tablet")["createDeviceBindingRequest"]
    assert (request["confirmedAt"], request["rejectedAt"]) == (None, None)
    by_mail = kontist.control("POST", f"/device-binding-requests/{request['id']}", {"status": "CONFIRMED"})
    assert by_mail.json()["status"] == "CONFIRMED"
    confirmed = kontist.read(READ, token, id=request["id"])["getDeviceBindingRequest"]
    assert confirmed["confirmedAt"] == "2026-06-15T10:00:00.000Z"
    device = create_device(kontist, token, phone)
    kontist.advance(minutes=3)
    assert verify(kontist, token, device, phone.sign(CODE)) == 403


def test_asking_to_bind_needs_no_confirmed_token_however_strict_banking_is(kontist: Kontist, token: str) -> None:
    kontist.dialect.switches.strict_mfa = "banking"

    assert kontist.read(ASK, token, name="Tablet")["createDeviceBindingRequest"]["id"]


def test_another_bound_device_decides_a_binding_request(kontist: Kontist, token: str, phone: Phone) -> None:
    request = kontist.read(ASK, token, name="Tablet")["createDeviceBindingRequest"]["id"]
    by_push = confirmed_token(kontist)
    assert kontist.ask(DECIDE, by_push, id=request, yes=True)["errors"][0]["extensions"]["status"] == 403
    on_phone = device_tokens(kontist, token, phone, bind(kontist, token, phone))["token"]
    assert kontist.read(DECIDE, on_phone, id=request, yes=False) == {"updateDeviceBindingRequest": True}
    assert kontist.read(DECIDE, on_phone, id=request, yes=True) == {"updateDeviceBindingRequest": False}
    assert kontist.read(READ, token, id=request)["getDeviceBindingRequest"]["rejectedAt"]
    assert kontist.read(READ, kontist.token(name="ben"), id=request) == {"getDeviceBindingRequest": None}


def test_the_control_origin_lists_everybodys_devices(kontist: Kontist, token: str, phone: Phone) -> None:
    device = bind(kontist, token, phone)
    waiting = create_device(kontist, kontist.token(name="ben"), phone)
    shown = kontist.control("GET", "/devices").json()
    assert [(d["id"], d["person"], d["is_verified"]) for d in shown] == [
        (device, "anna@kontist.example", True),
        (waiting, "ben@kontist.example", False),
    ]


@pytest.mark.parametrize(
    ("request_id", "body", "status"), [("nothing", {}, 404), (None, {}, 400), (None, {"status": "X"}, 400)]
)
def test_the_control_origin_says_what_it_expects(
    kontist: Kontist, token: str, request_id: str | None, body: dict[str, str], status: int
) -> None:
    known = kontist.read(ASK, token, name="Tablet")["createDeviceBindingRequest"]["id"]
    refused = kontist.control("POST", f"/device-binding-requests/{request_id or known}", body)
    assert refused.status_code == status
    assert refused.text


def challenge_of(kontist: Kontist, token: str, device: str) -> dict[str, str]:
    created = kontist.send("POST", f"{DEVICES}/{device}/challenges", token)
    assert created.status_code == 201
    assert set(created.json()) == {"id", "stringToSign"}
    return dict(created.json())


def answer(kontist: Kontist, token: str, device: str, challenge: dict[str, str], signature: str) -> int:
    path = f"{DEVICES}/{device}/challenges/{challenge['id']}/verify"
    return kontist.send("POST", path, token, json={"signature": signature}).status_code


def claims_of(token: str) -> dict[str, Any]:
    return dict(json.loads(extract_compact(token.encode()).payload))
