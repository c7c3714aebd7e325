"""Signing in by name and password, the client's two ways to name itself, renewed tokens, and the way out."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from bankweave.adapter import Request, Response
from bankweave.errors import BankweaveError, ConfigurationError, OutcomeUnknown, ProviderUnavailable
from bankweave.flow import Ask, Challenge, Connect, Connected, Failed, Reason, Redirect, Renew, Step
from bankweave.testing import FakeContext, ScriptedHttp
from bankweave_kontist import Kontist, KontistSettings
from bankweave_kontist.client import AsyncKontistClient, Session
from bankweave_kontist.grant import Grant
from bankweave_kontist.signin.protocol import exchange_code, read_renewal, renew_token

pytestmark = pytest.mark.anyio

START = datetime(2026, 11, 22, 10, tzinfo=UTC)
SIGN_IN = {"username": "anna@example.org", "password": "p w&d"}
RETURN = "https://app.example/callback"


def answer(value: object, status: int = 200) -> Response:
    return Response(status=status, body=json.dumps(value).encode())


TOKENS = answer({"access_token": "first", "refresh_token": "r1", "expires_in": 3599, "scope": "offline accounts"})
PUSH = answer({"id": "push-1", "status": "PENDING", "expiresAt": "2026-11-22T10:05:00.000+00:00"}, 201)


def settings(**more: object) -> KontistSettings:
    return KontistSettings.model_validate({"client_id": "c", "client_secret": "s", **more})


async def connect(
    *answers: Response | BankweaveError, options: dict[str, str] = SIGN_IN, redirect_uri: str | None = None
) -> tuple[Step, FakeContext]:
    ctx = FakeContext(http=ScriptedHttp(list(answers)), clock=START)
    return await Kontist(settings()).begin(ctx, Connect(redirect_uri=redirect_uri, options=options)), ctx


def form(request: Request) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs((request.body or b"").decode()).items()}


async def test_a_password_signs_in_without_a_redirect_and_a_push_confirms_it() -> None:
    step, ctx = await connect(TOKENS, PUSH)
    assert isinstance(step, Ask)
    assert isinstance(step.interaction, Challenge)
    assert form(ctx.http.sent[0]) == {
        "grant_type": "password",
        "scope": "offline accounts users transactions",
        "username": "anna@example.org",
        "password": "p w&d",
        "client_id": "c",
        "client_secret": "s",
    }
    assert not ctx.http.sent[0].repeatable
    assert b"p w&d" not in Kontist.states.dump_json(step.state)


async def test_without_a_second_factor_the_grant_says_that_it_is_unconfirmed() -> None:
    step, _ = await connect(TOKENS, options={**SIGN_IN, "second_factor": "none"})
    assert isinstance(step, Connected)
    assert (step.grant.confirmed, step.grant.refresh_token) == (False, "r1")
    assert step.consent is not None
    assert step.consent.permissions == ("offline", "accounts")


async def test_a_wrong_password_may_be_tried_again_by_the_person() -> None:
    step, ctx = await connect(answer({"error": "invalid_grant"}, 400))
    assert isinstance(step, Failed)
    assert (step.reason, step.provider_code) == (Reason.WRONG_ANSWER, "invalid_grant")
    assert len(ctx.http.sent) == 1


async def test_a_client_that_may_not_take_passwords_is_refused() -> None:
    step, _ = await connect(answer({"error": "unsupported_grant_type"}, 400))
    assert isinstance(step, Failed)
    assert (step.reason, step.provider_code) == (Reason.REFUSED, "unsupported_grant_type")


@pytest.mark.parametrize("lost", [OutcomeUnknown("lost"), Response(status=502), answer({})])
async def test_a_lost_sign_in_is_not_repeated(lost: Response | BankweaveError) -> None:
    step, ctx = await connect(lost)
    assert isinstance(step, Failed)
    assert (step.reason, len(ctx.http.sent)) == (Reason.UNAVAILABLE, 1)


async def test_a_sign_in_that_never_arrived_begins_no_flow() -> None:
    with pytest.raises(ProviderUnavailable):
        await connect(ProviderUnavailable("no network"))


@pytest.mark.parametrize(
    "options",
    [
        {"username": "anna"},
        {"password": "x"},
        {"second_factor": "fax"},
        {"second_factor": "push", "bind_device": "Server"},
        {"bind_device": " "},
        {"usrname": "anna"},
    ],
)
async def test_options_that_cannot_be_used_are_named_and_not_shown(options: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as error:
        await connect(options=options, redirect_uri=RETURN)
    assert any(name in str(error.value) for name in options)
    assert "fax" not in str(error.value)


async def test_another_user_cannot_renew_a_connection() -> None:
    def jwt(sub: str) -> str:
        from base64 import urlsafe_b64encode

        return f"e30.{urlsafe_b64encode(json.dumps({'sub': sub}).encode()).decode().rstrip('=')}.c2ln"

    ctx = FakeContext(http=ScriptedHttp([answer({"access_token": jwt("ben")})]), clock=START)
    intent = Renew(grant=Grant(access_token=jwt("anna")), redirect_uri=None, options=SIGN_IN)
    step = await Kontist(settings()).begin(ctx, intent)
    assert isinstance(step, Failed)
    assert step.provider_code == "another_user"


@pytest.mark.parametrize("options", [{"second_factor": "push"}, {"second_factor": "device"}, {"bind_device": "Server"}])
async def test_another_second_factor_leaves_out_that_of_the_page(options: dict[str, str]) -> None:
    step, _ = await connect(options=options, redirect_uri=RETURN)
    assert isinstance(step, Ask)
    assert isinstance(step.interaction, Redirect)
    assert "skip_mfa=true" in step.interaction.url
    plain, _ = await connect(options={}, redirect_uri=RETURN)
    assert isinstance(plain, Ask)
    assert isinstance(plain.interaction, Redirect)
    assert "skip_mfa" not in plain.interaction.url


def test_a_sign_in_that_an_older_version_began_goes_on() -> None:
    older = (
        b'{"kind":"awaiting_redirect","state":"s","redirect_uri":"https://app.example/","verifier":"v","subject":null}'
    )
    assert Kontist.states.validate_json(older).state == "s"
    pushed = (
        b'{"kind":"awaiting_approval","grant":{"access_token":"a","refresh_token":null,"expires_at":null,"confirmed":false},'
        b'"scopes":["offline"],"challenge":"c","expires_at":"2026-11-22T10:05:00Z","poll_at":"2026-11-22T10:00:03Z"}'
    )
    assert Kontist.states.validate_json(pushed).challenge == "c"


# Who the client is ----------------------------------------------------------------------------------------------------


def test_a_client_names_itself_in_the_body_unless_it_is_told_otherwise() -> None:
    request = renew_token(settings(), Grant(access_token="a", refresh_token="r"))
    assert form(request)["client_id"] == "c"
    assert form(request)["client_secret"] == "s"
    assert "Authorization" not in request.headers


def test_a_client_may_name_itself_by_http_basic() -> None:
    basic = settings(client_auth="basic")
    for request in (
        renew_token(basic, Grant(access_token="a", refresh_token="r")),
        exchange_code(basic, "c0de", RETURN, None),
    ):
        scheme, _, value = request.headers["Authorization"].partition(" ")
        assert (scheme, b64decode(value)) == ("Basic", b"c:s")
        assert not {"client_id", "client_secret"} & set(form(request))


def test_a_public_client_names_itself_in_the_body_always() -> None:
    public = KontistSettings.model_validate({"client_id": "c", "client_auth": "basic"})
    request = exchange_code(public, "c0de", RETURN, "verifier")
    assert form(request)["client_id"] == "c"
    assert "Authorization" not in request.headers


# Renewed tokens -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("more", "kept"), [({}, "r1"), ({"refresh_token": "r2"}, "r2")])
def test_a_renewal_keeps_the_refresh_token_unless_a_new_one_comes(more: dict[str, str], kept: str) -> None:
    before = Grant(access_token="a", refresh_token="r1", confirmed=True, device_id="device-1")
    after = read_renewal(answer({"access_token": "b", **more}), before, START)
    assert (after.access_token, after.refresh_token) == ("b", kept)
    assert (after.confirmed, after.device_id) == (True, "device-1")


def test_a_renewal_waits_as_long_as_the_setting_says() -> None:
    grant = Grant(access_token="a", refresh_token="r")
    assert renew_token(settings(), grant).timeout == 10
    assert renew_token(settings(refresh_timeout=2.5), grant).timeout == 2.5


def test_the_way_out_is_an_address_for_the_browser() -> None:
    client = AsyncKontistClient(Session(settings(), FakeContext()))
    assert client.logout_url() == "https://api.kontist.com/api/oauth/logout"
