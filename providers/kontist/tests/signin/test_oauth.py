from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from bankweave.adapter import Request, Response, Token
from bankweave.errors import (
    BankweaveError,
    ConfigurationError,
    ConsentExpired,
    MalformedAnswer,
    NotAsking,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
    WrongSubject,
)
from bankweave.testing import FakeContext, ScriptedHttp
from bankweave_kontist import Kontist, KontistSettings
from bankweave_kontist.grant import Grant
from bankweave_kontist.signin.protocol import (
    authorize_url,
    exchange_code,
    read_callback,
    read_renewal,
    read_token,
    renew_token,
)

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
RETURN = "https://app.example/callback"
VERIFIER = "Huag6ykQU7SaEYKtmNUeM8txt4HzEIfG"


def answer(value: object, status: int = 200) -> Response:
    return Response(status=status, body=json.dumps(value).encode())


def jwt(**claims: object) -> str:
    return f"e30.{urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.c2ln"


def form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((request.body or b"").decode(), strict_parsing=True))


def grant(*, refresh: str | None = "refresh-1", access: str = "access-1") -> Grant:
    return Grant(access_token=access, refresh_token=refresh, confirmed=True)


@pytest.fixture
def confidential() -> KontistSettings:
    return KontistSettings.model_validate({"client_id": "client-1", "client_secret": "s3cret&="})


def query(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query, strict_parsing=True)


# The sign-in page -----------------------------------------------------------------------------------------------------


async def test_a_public_client_sends_the_s256_challenge_of_its_verifier(settings: KontistSettings) -> None:
    url = authorize_url(settings, RETURN, "state-1", VERIFIER)
    assert url.startswith("https://api.kontist.com/api/oauth/authorize?")
    assert query(url) == {
        "response_type": ["code"],
        "client_id": ["client-1"],
        "redirect_uri": [RETURN],
        "scope": ["offline accounts users transactions"],
        "state": ["state-1"],
        "code_challenge": ["xc3uY4-XMuobNWXzzfEqbYx3rUYBH69_zu4EFQIJH8w"],
        "code_challenge_method": ["S256"],
    }


async def test_a_confidential_client_sends_no_challenge_and_no_secret(confidential: KontistSettings) -> None:
    url = authorize_url(confidential, RETURN, "state-1", None)
    assert "code_challenge" not in query(url)
    assert "s3cret" not in url


async def test_the_second_factor_is_left_out_only_on_request(settings: KontistSettings) -> None:
    without = settings.model_copy(update={"skip_mfa": True})
    assert query(authorize_url(without, RETURN, "state-1", VERIFIER))["skip_mfa"] == ["true"]
    assert "skip_mfa" not in query(authorize_url(settings, RETURN, "state-1", VERIFIER))


# The callback ---------------------------------------------------------------------------------------------------------


async def test_the_code_of_a_callback_is_read_as_it_was_sent() -> None:
    assert read_callback({"code": "a+b/c=&d", "state": "state-1"}, "state-1") == "a+b/c=&d"


@pytest.mark.parametrize(
    "params", [{"code": "c"}, {"code": "c", "state": "state-2"}, {"code": "c", "state": "zustände"}]
)
async def test_a_callback_of_another_login_is_turned_away(params: dict[str, str]) -> None:
    with pytest.raises(NotAsking):
        read_callback(params, "state-1")


async def test_an_error_under_a_foreign_state_is_not_believed() -> None:
    with pytest.raises(NotAsking):
        read_callback({"error": '{"type":"AccessDeniedError"}', "state": "state-2"}, "state-1")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ('{"type":"AccessDeniedError"}', "AccessDeniedError"),
        ("access_denied", "access_denied"),
        ('{"type":3}', "unknown"),
        ("\x1b[31m<script>", "unknown"),
        ("", "unknown"),
    ],
)
async def test_an_error_is_looked_at_before_the_code(error: str, code: str) -> None:
    with pytest.raises(ProviderRefused) as refusal:
        read_callback({"error": error, "code": "c", "state": "state-1"}, "state-1")
    assert refusal.value.code == code


@pytest.mark.parametrize("params", [{}, {"code": ""}])
async def test_a_callback_without_a_code_is_a_refusal(params: dict[str, str]) -> None:
    with pytest.raises(ProviderRefused) as refusal:
        read_callback({**params, "state": "state-1"}, "state-1")
    assert refusal.value.code == "missing_code"


# The exchange ---------------------------------------------------------------------------------------------------------


async def test_a_public_client_exchanges_its_code_with_the_verifier(settings: KontistSettings) -> None:
    request = exchange_code(settings, "c0de", RETURN, VERIFIER)
    assert (request.method, request.url, request.repeatable) == (
        "POST",
        "https://api.kontist.com/api/oauth/token",
        False,
    )
    assert form(request) == {
        "grant_type": "authorization_code",
        "client_id": "client-1",
        "redirect_uri": RETURN,
        "code": "c0de",
        "code_verifier": VERIFIER,
    }


async def test_a_confidential_client_exchanges_its_code_with_the_secret(confidential: KontistSettings) -> None:
    fields = form(exchange_code(confidential, "c0de", RETURN, None))
    assert fields["client_secret"] == "s3cret&="
    assert "code_verifier" not in fields


async def test_a_token_answer_is_read() -> None:
    token = read_token(answer({"access_token": "a", "token_type": "Bearer", "expires_in": 3599, "refresh_token": "r"}))
    assert (token.access_token, token.refresh_token, token.expires_in) == ("a", "r", 3599)


@pytest.mark.parametrize(
    ("sent", "read"),
    [(3599, 3599), ("3599", 3599), (3599.7, 3599), (-5, None), (0, None), ("soon", None), (None, None), (True, None),
     ([], None), (10**30, None), ("inf", None), ("9" * 400, None)],
)  # fmt: skip
async def test_a_strange_lifetime_is_an_unknown_one(sent: object, read: int | None) -> None:
    assert read_token(answer({"access_token": "a", "expires_in": sent})).expires_in == read


@pytest.mark.parametrize(
    "body",
    [{}, {"access_token": ""}, {"access_token": None}, {"access_token": "a\r\nX-Evil: 1"}, {"access_token": "tök"},
     {"access_token": "a", "token_type": "mac"}, {"access_token": "a", "refresh_token": 7}, [], None],
)  # fmt: skip
async def test_a_token_answer_without_a_usable_token_is_malformed(body: object) -> None:
    with pytest.raises(MalformedAnswer):
        read_token(answer(body))


@pytest.mark.parametrize(
    ("response", "error", "code"),
    [
        (answer({"error": "invalid_grant"}, 400), ProviderRefused, "invalid_grant"),
        (answer({"error": "invalid_grant", "access_token": "a"}), ProviderRefused, "invalid_grant"),
        (answer({"error": {"type": "InvalidCodeError"}}, 400), ProviderRefused, "InvalidCodeError"),
        (answer({"error": "invalid_client"}, 401), ConfigurationError, "invalid_client"),
        (answer({"error": "unauthorized_client"}, 400), ConfigurationError, "unauthorized_client"),
        (answer({"error": "invalid_scope"}, 400), ConfigurationError, "invalid_scope"),
        (Response(status=400, body=b"<html>"), ProviderRefused, "400"),
        (Response(status=302), ProviderRefused, "302"),
        (Response(status=429), RateLimited, None),
        (Response(status=502), OutcomeUnknown, None),
        (answer({"error": "server_error"}, 500), OutcomeUnknown, None),
    ],
)
async def test_a_refused_exchange_says_what_can_be_done(
    response: Response, error: type[BankweaveError], code: str | None
) -> None:
    with pytest.raises(error) as raised:
        read_token(response)
    assert raised.value.code == code


async def test_an_unknown_client_is_told_which_settings_to_mend() -> None:
    with pytest.raises(ConfigurationError, match="client_id and client_secret"):
        read_token(answer({"error": "invalid_client"}, 401))


# Renewing -------------------------------------------------------------------------------------------------------------


async def test_a_renewal_waits_as_long_as_the_settings_allow(confidential: KontistSettings) -> None:
    request = renew_token(confidential.model_copy(update={"refresh_timeout": 2.5}), grant())
    assert (request.timeout, request.repeatable) == (2.5, True)
    assert form(request) == {
        "grant_type": "refresh_token",
        "client_id": "client-1",
        "client_secret": "s3cret&=",
        "refresh_token": "refresh-1",
    }


async def test_a_renewal_keeps_the_refresh_token_unless_a_new_one_came() -> None:
    kept = read_renewal(answer({"access_token": "a2", "expires_in": 60}), grant(), NOW)
    assert kept == Grant(
        access_token="a2", refresh_token="refresh-1", expires_at=NOW + timedelta(seconds=60), confirmed=True
    )
    rotated = read_renewal(answer({"access_token": "a2", "refresh_token": "refresh-2"}), grant(), NOW)
    assert rotated.refresh_token == "refresh-2"


async def test_without_a_lifetime_the_token_itself_is_asked() -> None:
    token = jwt(sub="u", iat=1_000, exp=4_600)
    assert read_renewal(answer({"access_token": token}), grant(), NOW).expires_at == NOW + timedelta(hours=1)
    assert read_renewal(answer({"access_token": "opaque"}), grant(), NOW).expires_at is None


async def test_a_renewal_for_another_user_is_refused() -> None:
    old = grant(access=jwt(sub="anna"))
    with pytest.raises(WrongSubject):
        read_renewal(answer({"access_token": jwt(sub="bob")}), old, NOW)


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (answer({"error": "invalid_grant"}, 400), ConsentExpired),
        (answer({"error": "invalid_client"}, 401), ConfigurationError),
        (Response(status=401), ProviderRefused),
        (answer({"error": "server_error"}, 500), ProviderUnavailable),
        (Response(status=200, body=b"{"), MalformedAnswer),
    ],
)
async def test_a_refused_renewal_says_what_can_be_done(response: Response, error: type[BankweaveError]) -> None:
    with pytest.raises(error):
        read_renewal(response, grant(), NOW)


async def test_a_rate_limited_renewal_says_when_to_come_back() -> None:
    later = NOW + timedelta(minutes=1)
    with pytest.raises(RateLimited) as error:
        read_renewal(Response(status=429, retry_at=later), grant(), NOW)
    assert error.value.retry_at == later


async def test_without_a_refresh_token_only_the_person_can_go_on(kontist: Kontist) -> None:
    ctx = FakeContext()
    with pytest.raises(ConsentExpired):
        await kontist.renew(ctx, grant(refresh=None))
    assert ctx.http.sent == []


async def test_the_adapter_renews_and_hands_out_its_token(kontist: Kontist) -> None:
    ctx = FakeContext(http=ScriptedHttp([answer({"access_token": "a2", "expires_in": "3599"})]))
    renewed = await kontist.renew(ctx, grant())
    assert kontist.access_token(renewed) == Token("a2", ctx.now() + timedelta(seconds=3599))


async def test_no_secret_is_printable() -> None:
    assert "canary" not in repr(Grant(access_token="canary-1", refresh_token="canary-2"))
