from __future__ import annotations

from datetime import UTC, datetime

import pytest
from providers.basiq.tests.conftest import refusal, reply

from bankweave.adapter import Response
from bankweave.errors import (
    AccessRevoked,
    BankweaveError,
    ConfigurationError,
    MalformedAnswer,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
)
from bankweave_basiq.protocol import read_accounts, read_connectors, read_token
from bankweave_basiq.refusals import refused, spell

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "parameter-not-valid", ProviderRefused),
        (401, "invalid-authorization-token", ProviderRefused),
        (401, "unauthorised-access", ProviderRefused),
        (403, "forbidden-access", ProviderRefused),
        (403, "Forbidden access", ProviderRefused),
        (403, "no-production-access", ConfigurationError),
        (403, "too-many-sandbox-connections", ConfigurationError),
        (403, "too-many-requests", RateLimited),
        (404, "resource-not-found", AccessRevoked),
        (400, "resource-not-found", AccessRevoked),
        (410, "resource-no-longer-available", ProviderRefused),
        (413, "request-not-valid", ProviderRefused),
        (415, "unsupported-content-type", ProviderRefused),
        (429, "too-many-requests", RateLimited),
        (500, "internal-server-error", ProviderUnavailable),
        (500, "parameter-not-valid", ProviderUnavailable),
        (503, "service-unavailable", ProviderUnavailable),
        (503, "Service unavailable", ProviderUnavailable),
    ],
)
def test_documented_refusal_is_told_by_what_can_be_done(status: int, code: str, error: type[BankweaveError]) -> None:
    with pytest.raises(BankweaveError) as caught:
        read_accounts(refusal(status, code), "user-1")
    assert type(caught.value) is error
    assert caught.value.correlation_id == "corr-1"
    assert caught.value.origin.operation == "list_accounts"
    assert caught.value.code == spell(code)
    assert "private" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "code", "parameter", "error"),
    [
        (404, "parameter-not-valid", "Authorization", ConfigurationError),
        (400, "parameter-not-valid", "Authorization", ConfigurationError),
        (403, "access-denied", None, ConfigurationError),
        (400, "parameter-not-supplied", "basiq-version", ProviderRefused),
        (400, "parameter-not-valid", "userId", ProviderRefused),
        (403, "request-not-valid", None, RateLimited),
        (403, "Invalid request", None, RateLimited),
        (429, "too-many-requests", None, RateLimited),
        (500, "internal-server-error", None, ProviderUnavailable),
    ],
)
def test_refused_token_names_the_setting_where_that_is_wrong(
    status: int, code: str, parameter: str | None, error: type[BankweaveError]
) -> None:
    with pytest.raises(BankweaveError) as caught:
        read_token(refusal(status, code, parameter=parameter), NOW)
    assert type(caught.value) is error
    if error is ConfigurationError:
        assert "basiq.api_key" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "error"), [(403, ProviderRefused), (404, AccessRevoked), (429, RateLimited), (502, ProviderUnavailable)]
)
@pytest.mark.parametrize(
    "body", [b"", b'{"message":"Missing Authentication Token"}', b"<html>", b'{"data":[]}', b"\xff"]
)
def test_gateways_own_answer_is_told_by_its_status(status: int, error: type[BankweaveError], body: bytes) -> None:
    with pytest.raises(error):
        read_accounts(Response(status=status, body=body), "user-1")


@pytest.mark.parametrize(
    ("code", "parameter", "said"),
    [
        ("parameter-not-valid", "filter", "(400, parameter-not-valid, about filter)"),
        ("parameter-not-valid", "anna@mail.example", "(400, parameter-not-valid)"),
        ("parameter-not-valid", "users/61410888666", "(400, parameter-not-valid)"),
        ("event-already-subscribed", None, "another webhook"),
        ("resource-not-found", None, "nothing of this id"),
    ],
)
def test_refusal_names_code_and_parameter_and_nothing_of_a_person(code: str, parameter: str | None, said: str) -> None:
    error = refused(refusal(400, code, parameter=parameter), "list_webhooks")
    assert said in str(error)
    assert "private" not in str(error)


def test_gateways_refusal_is_named_by_its_status() -> None:
    assert "(405)" in str(refused(Response(status=405), "list_webhooks"))


def test_time_to_come_back_is_handed_on() -> None:
    with pytest.raises(RateLimited) as caught:
        read_connectors(Response(status=429, retry_at=NOW))
    assert caught.value.retry_at == NOW


@pytest.mark.parametrize(
    "value",
    [
        {"access_token": "", "expires_in": 3600},
        {"access_token": "a b", "expires_in": 3600},
        {"access_token": "a\r\nX: y", "expires_in": 3600},
        {"access_token": "a", "expires_in": 0},
        {"access_token": "a", "expires_in": -1},
        {"access_token": "a"},
        [],
    ],
)
def test_token_that_cannot_be_used_is_malformed(value: object) -> None:
    with pytest.raises(MalformedAnswer):
        read_token(reply(value), NOW)


def test_token_of_a_hundred_years_lives_a_day() -> None:
    token = read_token(reply({"access_token": "a", "expires_in": 10**30}), NOW)
    assert token.expires_at is not None
    assert (token.expires_at - NOW).days == 1


@pytest.mark.parametrize(
    ("code", "spelled"),
    [
        ("Service unavailable", "service-unavailable"),
        ("unauthorised-access", "unauthorized-access"),
        ("UNAUTHORIZED-ACCESS", "unauthorized-access"),
        ("x" * 65, "unreadable-code"),
        ("call +61 2", "unreadable-code"),
    ],
)
def test_codes_are_spelt_one_way(code: str, spelled: str) -> None:
    assert spell(code) == spelled
