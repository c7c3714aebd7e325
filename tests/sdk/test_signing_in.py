"""OAuth, push and device binding of the published SDK against the sandbox."""

from __future__ import annotations

from typing import Any

import pytest
from sandboxed import Control

from .conftest import CALLBACK, SCOPES, WAY, Anna, StartSdk, until, walk
from .sdk_process import SdkError, SdkProcess

VERIFIER = "Huag6ykQU7SaEYKtmNUeM8txt4HzEIfG"


def iban_read_by(sdk: SdkProcess) -> str:
    return str(sdk.call("models.account.get")["iban"])


def test_a_code_is_exchanged_and_the_token_is_refreshed(sdk: SdkProcess, anna: Anna) -> None:
    assert iban_read_by(sdk) == anna.account.iban
    before = sdk.call("auth.tokenManager.token")
    assert before["tokenType"] == "bearer"
    sdk.call("auth.tokenManager.refresh")
    after = sdk.call("auth.tokenManager.token")
    assert after["refreshToken"] == before["refreshToken"]  # kept, as the answer has none (section 2.2)
    assert iban_read_by(sdk) == anna.account.iban


def test_pkce_signs_in_without_a_secret(start_sdk: StartSdk, control: Control, anna: Anna) -> None:
    public = control.settings("kontist", "settings_pkce")["client_id"]
    sdk = start_sdk(clientId=public, redirectUri=CALLBACK, scopes=SCOPES, state="1", verifier=VERIFIER)
    uri = sdk.call("auth.tokenManager.getAuthUri")
    assert "code_challenge=xc3uY4-XMuobNWXzzfEqbYx3rUYBH69_zu4EFQIJH8w" in uri
    token = sdk.call("auth.tokenManager.fetchToken", walk(uri, anna))
    assert "refresh_token" not in token["data"]
    assert iban_read_by(sdk) == anna.account.iban


def test_a_refusal_reaches_the_application(start_sdk: StartSdk, confidential: dict[str, Any], anna: Anna) -> None:
    sdk = start_sdk(**confidential)
    way = (*WAY[:2], "Refuse")
    back = walk(sdk.call("auth.tokenManager.getAuthUri"), anna, way)
    with pytest.raises(SdkError, match="AccessDeniedError") as refused:
        sdk.call("auth.tokenManager.fetchToken", back)
    assert refused.value.code == "EAUTH"


def test_a_push_confirms_the_token_once_the_phone_does(password_sdk: SdkProcess, control: Control) -> None:
    transfer = {"recipient": "Ben", "iban": "DE35110101009876543210", "amount": 100}
    with pytest.raises(SdkError) as unconfirmed:
        password_sdk.call("models.transfer.createOne", transfer)
    assert unconfirmed.value.status == 403
    waiting = password_sdk.start("auth.push.getConfirmedToken")
    decide(control, "VERIFIED")
    assert waiting.result()["refreshToken"]
    assert password_sdk.call("models.transfer.createOne", transfer)


def test_a_device_confirms_the_token_with_its_signatures(password_sdk: SdkProcess, control: Control) -> None:
    sdk = password_sdk
    bound = bind(sdk, control)
    challenge = sdk.call("auth.device.createDeviceChallenge", bound["deviceId"])
    signature = sdk.call("keys.sign", challenge["stringToSign"])
    token = sdk.call("auth.device.verifyDeviceChallenge", bound["deviceId"], challenge["id"], {"signature": signature})
    assert token["refreshToken"]
    listed = sdk.call("graphQL.rawQuery", "{listBoundDevices{id name}}")["listBoundDevices"]
    assert listed == [{"id": bound["deviceId"], "name": "iPhone XS"}]
    transfer = {"recipient": "Ben", "iban": "DE35110101009876543210", "amount": 100}
    assert sdk.call("models.transfer.createOne", transfer)


def test_a_wrong_signature_binds_no_device(password_sdk: SdkProcess) -> None:
    sdk = password_sdk
    created = sdk.call("auth.device.createDevice", {"name": "Thief", "key": sdk.call("keys.publicKey")})
    wrong = {"challengeId": created["challengeId"], "signature": sdk.call("keys.sign", "000000")}
    with pytest.raises(SdkError) as refused:
        sdk.call("auth.device.verifyDevice", created["deviceId"], wrong)
    assert (refused.value.name, refused.value.status, refused.value.message) == ("KontistSDKError", 403, "Forbidden")


def bind(sdk: SdkProcess, control: Control) -> dict[str, str]:
    """Bind a device with the code that its SMS has."""
    created: dict[str, str] = sdk.call(
        "auth.device.createDevice", {"name": "iPhone XS", "key": sdk.call("keys.publicKey")}
    )
    code = control.client.get("/kontist/sms").json()[0]["code"]
    signed = {"challengeId": created["challengeId"], "signature": sdk.call("keys.sign", code)}
    assert sdk.call("auth.device.verifyDevice", created["deviceId"], signed) is None
    return created


def decide(control: Control, decision: str) -> None:
    """Play the phone, as soon as the push has reached it."""
    until(lambda: bool(control.client.get("/kontist/challenges").json()))
    control.decide_push(decision)
