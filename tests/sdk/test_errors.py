"""Every error of the published SDK that a server can cause (providers/kontist.md section 10), caused by the sandbox."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from sandboxed import Control

from .conftest import CALLBACK, Anna, StartSdk, until, walk
from .sdk_process import Call, SdkError, SdkProcess, callback
from .test_signing_in import decide


def thrown_by(call: Call) -> SdkError:
    with pytest.raises(SdkError) as thrown:
        call.result()
    assert "KontistSDKError" in thrown.value.classes or thrown.value.code, thrown.value.name
    return thrown.value


def test_a_denied_push_is_a_denied_challenge(password_sdk: SdkProcess, control: Control) -> None:
    password_sdk.call("own.hurry")
    waiting = password_sdk.start("auth.push.getConfirmedToken")
    decide(control, "DENIED")
    error = thrown_by(waiting)
    assert (error.name, error.message) == ("ChallengeDeniedError", "Challenge denied")


def test_a_push_that_nobody_answers_expires(password_sdk: SdkProcess, control: Control) -> None:
    control.switch("kontist", challenge_seconds=0)
    error = thrown_by(password_sdk.start("auth.push.getConfirmedToken"))
    assert (error.name, error.message) == ("ChallengeExpiredError", "Challenge expired")


def test_a_push_can_be_cancelled_while_it_waits(password_sdk: SdkProcess) -> None:
    waiting = password_sdk.start("auth.push.getConfirmedToken")

    def cancelled() -> bool:
        password_sdk.call("auth.push.cancelConfirmation")  # without effect until it waits between two polls
        return waiting.answers.qsize() > 0

    until(cancelled)
    error = thrown_by(waiting)
    assert (error.name, error.message) == ("MFAConfirmationCanceledError", "MFA confirmation canceled")


def test_no_token_is_no_request(start_sdk: StartSdk, confidential: dict[str, Any], control: Control) -> None:
    error = thrown_by(start_sdk(**confidential).start("models.account.get"))
    assert (error.name, error.status) == ("UserUnauthorizedError", 401)
    assert control.requests("kontist", "/api/graphql") == []


def test_a_refresh_that_is_refused_is_a_failed_renewal(sdk: SdkProcess) -> None:
    sdk.call("auth.tokenManager.setToken", "access", "no refresh token of anybody's")
    assert thrown_by(sdk.start("auth.tokenManager.refresh")).name == "RenewTokenError"


def test_a_refresh_that_is_not_answered_in_time_is_a_failed_renewal(sdk: SdkProcess, control: Control) -> None:
    control.spoil("kontist", "/api/oauth/token", delay=30)
    error = thrown_by(sdk.start("auth.tokenManager.refresh", 100))
    assert error.name == "RenewTokenError"
    assert error.message == "Server did not respond with a new auth token, aborting."
    control.mend()


def test_a_query_that_does_not_validate_is_a_graphql_error_with_a_status(sdk: SdkProcess) -> None:
    error = thrown_by(sdk.start("graphQL.rawQuery", "{viewer{noSuchField}}"))
    assert (error.name, error.status) == ("GraphQLError", 400)
    assert error.type == "http://www.iana.org/assignments/http-status-codes#400"


def test_a_refused_query_has_the_problem_of_its_first_error(sdk: SdkProcess) -> None:
    error = thrown_by(sdk.start("models.document.delete", "no-such-document"))
    assert (error.name, error.status, error.message) == ("GraphQLError", 404, "Document not found")


@pytest.mark.parametrize("way", ["http_401", "graphql_200"])
def test_an_expired_token_is_a_graphql_error_either_way(sdk: SdkProcess, control: Control, way: str) -> None:
    control.switch("kontist", unauthorized=way)
    control.elapse(hours=2)
    error = thrown_by(sdk.start("models.account.get"))
    assert (error.name, error.message, error.status) == ("GraphQLError", "Unauthorized", 401)


def test_an_answer_that_is_no_json_is_a_graphql_error_without_a_status(sdk: SdkProcess, control: Control) -> None:
    control.spoil("kontist", "/api/graphql", status=502, body="<html>Bad gateway</html>")
    error = thrown_by(sdk.start("models.account.get"))
    assert (error.name, error.status) == ("GraphQLError", None)
    assert error.message == "An error occurred while processing the GraphQL query"


def test_a_refused_rest_call_is_an_sdk_error_with_the_reason(sdk: SdkProcess) -> None:
    error = thrown_by(sdk.start("auth.device.createDeviceChallenge", "no-such-device"))
    assert (error.name, error.status, error.message) == ("KontistSDKError", 404, "Not Found")


def test_a_server_that_is_away_is_an_sdk_error_without_a_status(
    start_sdk: StartSdk, confidential: dict[str, Any]
) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        away = start_sdk(**confidential, baseUrl=f"http://127.0.0.1:{bound.getsockname()[1]}")
        away.call("auth.tokenManager.setToken", "access", "refresh")
        assert thrown_by(away.start("auth.push.getConfirmedToken")).status is None
        assert thrown_by(away.start("models.account.get")).name == "GraphQLError"
        login = {"username": "anna", "password": "x"}
        assert thrown_by(away.start("auth.tokenManager.fetchTokenFromCredentials", login)).code == "EUNAVAILABLE"


def test_a_wrong_password_is_an_oauth_error(start_sdk: StartSdk, confidential: dict[str, Any], anna: Anna) -> None:
    login = {"username": anna.person.username, "password": "wrong"}
    sdk = start_sdk(**confidential)
    assert thrown_by(sdk.start("auth.tokenManager.fetchTokenFromCredentials", login)).code == "EAUTH"


def test_a_token_endpoint_that_fails_is_an_oauth_error_with_its_status(
    start_sdk: StartSdk, confidential: dict[str, Any], control: Control
) -> None:
    control.spoil("kontist", "/api/oauth/token", status=503, body="{}")
    sdk = start_sdk(**confidential)
    error = thrown_by(sdk.start("auth.tokenManager.fetchToken", f"{CALLBACK}?code=1&state=a%20state"))
    assert (error.code, error.message) == ("ESTATUS", "HTTP status 503")


def test_a_code_that_was_used_is_refused(start_sdk: StartSdk, confidential: dict[str, Any], anna: Anna) -> None:
    sdk = start_sdk(**confidential)
    back = walk(sdk.call("auth.tokenManager.getAuthUri"), anna)
    sdk.call("auth.tokenManager.fetchToken", back)
    assert thrown_by(sdk.start("auth.tokenManager.fetchToken", back)).code == "EAUTH"


@pytest.mark.parametrize("code", [1011, 4401])
def test_a_subscription_hears_of_a_fatal_close_and_goes_on(
    sdk: SdkProcess, control: Control, anna: Anna, code: int
) -> None:
    sdk.call("models.transaction.subscribe", callback("transaction"), callback("failure"))
    wait_for_subscription(control)
    control.client.post("/kontist/sockets/close", json={"code": code}).raise_for_status()
    assert sdk.next_event("failure") is not None
    wait_for_subscription(control)
    paid = control.pay(str(anna.account.iban), "5.00", "After the break")
    assert sdk.next_event("transaction")["id"] == paid


def wait_for_subscription(control: Control) -> None:
    until(lambda: any(shown["subscriptions"] for shown in control.client.get("/kontist/sockets").json()))
