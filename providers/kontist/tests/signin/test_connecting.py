"""Flows from beginning to end. Between any two steps the state is written to JSON and everything else is built anew."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bankweave.adapter import Response
from bankweave.errors import (
    BankweaveError,
    ConfigurationError,
    MalformedAnswer,
    NotAsking,
    OutcomeUnknown,
    ProviderUnavailable,
    Unsupported,
)
from bankweave.flow import (
    Answer,
    Ask,
    Callback,
    Challenge,
    ChallengeKind,
    Connect,
    Connected,
    Due,
    Event,
    Failed,
    Intent,
    Reason,
    Redirect,
    Refresh,
    Renew,
    Step,
    Wait,
)
from bankweave.model import ConsentStatus
from bankweave.testing import FakeContext, ScriptedHttp
from bankweave_kontist import Kontist, KontistSettings
from bankweave_kontist.grant import Grant

pytestmark = pytest.mark.anyio

RETURN = "https://app.example/callback"
START = datetime(2026, 11, 22, 10, tzinfo=UTC)
LOST = OutcomeUnknown("lost")
DOWN = ProviderUnavailable("down")


def answer(value: object, status: int = 200) -> Response:
    return Response(status=status, body=json.dumps(value).encode())


def jwt(**claims: object) -> str:
    return f"e30.{urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.c2ln"


def tokens(**more: object) -> Response:
    return answer({"access_token": "first", "token_type": "Bearer", "expires_in": 3599, **more})


def challenge(status: str = "PENDING", *, minutes: float = 5, id: str = "chal-1") -> Response:  # noqa: A002  its name
    ends = (START + timedelta(minutes=minutes)).isoformat(timespec="milliseconds")
    return answer({"id": id, "status": status, "expiresAt": ends})


class Journey:
    """One person's way through a flow, of which nothing survives between two steps but JSON."""

    def __init__(self, settings: KontistSettings, *answers: Response | BankweaveError) -> None:
        self.settings = settings.model_dump_json()
        self.ctx = FakeContext(http=ScriptedHttp(list(answers)), clock=START)
        self.step: Step
        self.stored = b""

    async def begin(self, intent: Intent | None = None) -> Step:
        return self._keep(await self._kontist().begin(self.ctx, intent or Connect(redirect_uri=RETURN)))

    async def callback(self, **params: str) -> Step:
        return await self.resume(Callback({"state": self.state(), **params}))

    async def due(self) -> Step:
        assert isinstance(self.step, Ask | Wait)
        assert self.step.poll_at is not None
        self.ctx.clock = max(self.ctx.clock, self.step.poll_at)
        return await self.resume(Due())

    async def resume(self, event: Event) -> Step:
        state = Kontist.states.validate_json(self.stored)
        return self._keep(await self._kontist().resume(self.ctx, state, event))

    def state(self) -> str:
        return str(json.loads(self.stored)["state"])

    def sent(self) -> list[str]:
        return [request.operation for request in self.ctx.http.sent]

    def _kontist(self) -> Kontist:
        return Kontist(KontistSettings.model_validate_json(self.settings))

    def _keep(self, step: Step) -> Step:
        self.step = step
        if isinstance(step, Ask | Wait):
            self.stored = Kontist.states.dump_json(step.state)
        return step


@pytest.fixture
def pushing(settings: KontistSettings) -> KontistSettings:
    return settings.model_copy(update={"skip_mfa": True})


async def asked(settings: KontistSettings, *answers: Response | BankweaveError) -> Journey:
    """Walk until the push was sent; `answers` are for what comes after."""
    journey = Journey(settings, tokens(refresh_token="r1"), challenge(), *answers)
    await journey.begin()
    await journey.callback(code="c0de")
    return journey


def connected(step: Step) -> Connected[Grant]:
    assert isinstance(step, Connected)
    Kontist.grants.validate_json(Kontist.grants.dump_json(step.grant))
    return step


def failed(step: Step) -> Failed:
    assert isinstance(step, Failed)
    return step


# Signing in -----------------------------------------------------------------------------------------------------------


async def test_the_person_is_sent_to_the_sign_in_page_under_an_unguessable_state(settings: KontistSettings) -> None:
    journey = Journey(settings)
    step = await journey.begin()
    assert isinstance(step, Ask)
    assert isinstance(step.interaction, Redirect)
    assert parse_qs(urlsplit(step.interaction.url).query)["state"] == [step.correlation]
    assert step.correlation == journey.state()
    assert journey.sent() == []


async def test_a_sign_in_connects(settings: KontistSettings) -> None:
    journey = Journey(settings, tokens(refresh_token="r1", scope="offline accounts"))
    await journey.begin()
    done = connected(await journey.callback(code="c0de"))
    ends = START + timedelta(seconds=3599)
    assert done.grant == Grant(access_token="first", refresh_token="r1", expires_at=ends, confirmed=True)
    assert done.institution is not None
    assert done.institution.id == "kontist"
    assert done.consent is not None
    assert (done.consent.status, done.consent.permissions) == (ConsentStatus.VALID, ("offline", "accounts"))
    assert (done.consent.valid_until, done.consent.recurring) == (None, True)


async def test_the_verifier_of_the_exchange_fits_the_challenge_of_the_link(settings: KontistSettings) -> None:
    journey = Journey(settings, tokens())
    step = await journey.begin()
    assert isinstance(step, Ask)
    assert isinstance(step.interaction, Redirect)
    verifier = json.loads(journey.stored)["verifier"]
    await journey.callback(code="c0de")
    assert verifier != journey.ctx.secret()
    assert f"code_verifier={verifier}" in (journey.ctx.http.sent[0].body or b"").decode()
    assert "code_challenge_method=S256" in step.interaction.url


async def test_a_client_with_a_secret_needs_no_verifier() -> None:
    settings = KontistSettings.model_validate({"client_id": "c", "client_secret": "s"})
    step = await Kontist(settings).begin(FakeContext(), Connect(redirect_uri=RETURN))
    assert isinstance(step, Ask)
    assert step.state.verifier is None


async def test_without_a_refresh_token_the_consent_ends_with_the_access(settings: KontistSettings) -> None:
    journey = Journey(settings, tokens())
    await journey.begin()
    done = connected(await journey.callback(code="c0de"))
    assert done.consent is not None
    assert done.consent.valid_until == START + timedelta(seconds=3599)
    assert done.consent.recurring is False
    assert done.consent.permissions == settings.scopes


async def test_a_refresh_token_that_tells_its_end_bounds_the_consent(settings: KontistSettings) -> None:
    journey = Journey(settings, tokens(refresh_token=jwt(iat=1_000, exp=8_200)))
    await journey.begin()
    done = connected(await journey.callback(code="c0de"))
    assert done.consent is not None
    assert done.consent.valid_until == START + timedelta(hours=2)


async def test_a_person_who_refuses_ends_the_flow(settings: KontistSettings) -> None:
    journey = Journey(settings)
    await journey.begin()
    failure = failed(await journey.callback(error='{"type":"AccessDeniedError"}'))
    assert (failure.reason, failure.provider_code) == (Reason.USER_REFUSED, "AccessDeniedError")
    assert journey.sent() == []


async def test_a_callback_without_a_code_ends_the_flow(settings: KontistSettings) -> None:
    journey = Journey(settings)
    await journey.begin()
    assert failed(await journey.callback()).provider_code == "missing_code"


async def test_a_forged_callback_leaves_the_flow_as_it_is(settings: KontistSettings) -> None:
    journey = Journey(settings, tokens())
    await journey.begin()
    with pytest.raises(NotAsking):
        await journey.resume(Callback({"state": "forged", "code": "c0de"}))
    assert journey.sent() == []
    connected(await journey.callback(code="c0de"))


@pytest.mark.parametrize("lost", [LOST, MalformedAnswer("cut"), Response(status=502), Response(status=200, body=b"<")])
async def test_a_lost_exchange_is_never_repeated(settings: KontistSettings, lost: Response | BankweaveError) -> None:
    journey = Journey(settings, lost)
    await journey.begin()
    failure = failed(await journey.callback(code="c0de"))
    assert failure.reason is Reason.UNAVAILABLE
    assert "begin again" in failure.message
    assert journey.sent() == ["exchange_code"]
    assert not journey.ctx.http.sent[0].repeatable


async def test_a_used_or_stale_code_is_a_refusal(settings: KontistSettings) -> None:
    journey = Journey(settings, answer({"error": "invalid_grant"}, 400))
    await journey.begin()
    failure = failed(await journey.callback(code="c0de"))
    assert (failure.reason, failure.provider_code) == (Reason.REFUSED, "invalid_grant")


async def test_an_exchange_that_never_left_can_be_tried_with_the_same_callback(settings: KontistSettings) -> None:
    journey = Journey(settings, DOWN, tokens())
    await journey.begin()
    with pytest.raises(ProviderUnavailable):
        await journey.callback(code="c0de")
    connected(await journey.callback(code="c0de"))


async def test_looking_before_the_person_came_back_asks_the_same_again(settings: KontistSettings) -> None:
    journey = Journey(settings)
    first = await journey.begin()
    assert await journey.resume(Due()) == first


async def test_without_a_return_address_nobody_can_sign_in(settings: KontistSettings) -> None:
    with pytest.raises(ConfigurationError, match="redirect_uri"):
        await Journey(settings).begin(Connect(redirect_uri=None))


async def test_another_institution_is_not_reached(settings: KontistSettings) -> None:
    with pytest.raises(Unsupported):
        await Journey(settings).begin(Connect(redirect_uri=RETURN, institution="deutsche-bank"))


async def test_there_is_nothing_to_refresh(settings: KontistSettings) -> None:
    with pytest.raises(Unsupported):
        await Journey(settings).begin(Refresh(grant=Grant(access_token="a"), since=None))


@pytest.mark.parametrize(("who", "accepted"), [("anna", True), ("bob", False)])
async def test_a_renewal_is_for_the_same_user_only(settings: KontistSettings, who: str, *, accepted: bool) -> None:
    journey = Journey(settings, tokens(access_token=jwt(sub=who)))
    await journey.begin(Renew(grant=Grant(access_token=jwt(sub="anna")), redirect_uri=RETURN))
    step = await journey.callback(code="c0de")
    assert isinstance(step, Connected) is accepted
    assert isinstance(step, Connected) or failed(step).provider_code == "another_user"


async def test_a_renewal_with_opaque_tokens_is_accepted(settings: KontistSettings) -> None:
    journey = Journey(settings, tokens())
    await journey.begin(Renew(grant=Grant(access_token="opaque"), redirect_uri=RETURN))
    connected(await journey.callback(code="c0de"))


# The push -------------------------------------------------------------------------------------------------------------


async def test_a_sign_in_without_second_factor_asks_for_approval_in_the_app(pushing: KontistSettings) -> None:
    journey = await asked(pushing)
    step = journey.step
    assert isinstance(step, Ask)
    assert isinstance(step.interaction, Challenge)
    assert step.interaction.kind is ChallengeKind.APP_APPROVAL
    assert step.interaction.fields == ()
    assert step.expires_at == step.interaction.expires_at == START + timedelta(minutes=5)
    assert step.poll_at == START + timedelta(seconds=3)
    created = journey.ctx.http.sent[1]
    assert (created.method, created.body, created.repeatable) == ("POST", None, False)
    assert created.headers["Authorization"] == "Bearer first"


async def test_an_approval_is_exchanged_for_confirmed_tokens(pushing: KontistSettings) -> None:
    confirmed = jwt(iat=1_000, exp=4_600, cnf={"kid": "k"})
    exchanged = answer({"token": confirmed, "refresh_token": "r2"}, 201)
    journey = await asked(pushing, challenge(), challenge("VERIFIED"), exchanged)
    assert isinstance(await journey.due(), Ask)
    done = connected(await journey.due())
    ends = journey.ctx.now() + timedelta(hours=1)
    assert done.grant == Grant(access_token=confirmed, refresh_token="r2", expires_at=ends, confirmed=True)
    assert journey.sent()[2:] == ["poll_challenge", "poll_challenge", "exchange_challenge"]
    assert journey.ctx.http.sent[-1].url == "https://api.kontist.com/api/user/mfa/challenges/chal-1/token"


async def test_an_unconfirmed_refresh_token_is_not_kept_beside_confirmed_access(pushing: KontistSettings) -> None:
    journey = await asked(pushing, challenge("VERIFIED"), answer({"token": "confirmed"}))
    assert connected(await journey.due()).grant.refresh_token is None


async def test_the_person_may_say_so_before_the_next_look(pushing: KontistSettings) -> None:
    journey = await asked(pushing, challenge(), challenge("VERIFIED"), answer({"token": "confirmed"}))
    journey.ctx.clock = START + timedelta(seconds=1)
    step = await journey.resume(Answer({}))
    assert isinstance(step, Ask)
    assert step.poll_at == START + timedelta(seconds=3)
    connected(await journey.resume(Answer({})))


async def test_looks_keep_their_beat_when_one_of_them_is_late(pushing: KontistSettings) -> None:
    journey = await asked(pushing, challenge())
    journey.ctx.clock = START + timedelta(seconds=10)
    step = await journey.resume(Due())
    assert isinstance(step, Ask)
    assert step.poll_at == START + timedelta(seconds=12)


async def test_a_denial_in_the_app_ends_the_flow(pushing: KontistSettings) -> None:
    journey = await asked(pushing, challenge("DENIED"))
    failure = failed(await journey.due())
    assert (failure.reason, failure.provider_code) == (Reason.USER_REFUSED, "DENIED")


@pytest.mark.parametrize("status", ["PENDING", "VERIFIED", "DENIED"])
async def test_a_challenge_that_has_expired_is_lost_whatever_its_status(pushing: KontistSettings, status: str) -> None:
    journey = await asked(pushing, challenge(status))
    journey.ctx.clock = START + timedelta(minutes=5, seconds=1)
    assert failed(await journey.resume(Due())).reason is Reason.EXPIRED
    assert "exchange_challenge" not in journey.sent()


async def test_a_challenge_that_kontist_no_longer_knows_has_expired(pushing: KontistSettings) -> None:
    journey = await asked(pushing, Response(status=404))
    assert failed(await journey.due()).reason is Reason.EXPIRED


async def test_a_status_of_the_future_is_waited_out(pushing: KontistSettings) -> None:
    assert isinstance(await (await asked(pushing, challenge("OPENED"))).due(), Ask)


async def test_a_failed_look_is_repeated_later(pushing: KontistSettings) -> None:
    later = START + timedelta(seconds=40)
    busy = Response(status=429, retry_at=later)
    journey = await asked(pushing, DOWN, busy, challenge("VERIFIED"), answer({"token": "confirmed"}))
    step = await journey.due()
    assert isinstance(step, Ask)
    assert step.poll_at == START + timedelta(seconds=6)
    step = await journey.due()
    assert isinstance(step, Ask)
    assert step.poll_at == later
    connected(await journey.due())


async def test_failed_looks_do_not_outlive_the_challenge(pushing: KontistSettings) -> None:
    journey = await asked(pushing, DOWN)
    journey.ctx.clock = START + timedelta(minutes=6)
    assert failed(await journey.resume(Due())).reason is Reason.EXPIRED


async def test_an_answer_about_another_challenge_is_not_used(pushing: KontistSettings) -> None:
    journey = await asked(pushing, challenge("VERIFIED", id="chal-2"))
    with pytest.raises(MalformedAnswer):
        await journey.due()


@pytest.mark.parametrize("lost", [LOST, Response(status=500), Response(status=200, body=b"{}")])
async def test_lost_confirmed_tokens_mean_to_begin_again(
    pushing: KontistSettings, lost: Response | BankweaveError
) -> None:
    journey = await asked(pushing, challenge("VERIFIED"), lost)
    failure = failed(await journey.due())
    assert failure.reason is Reason.UNAVAILABLE
    assert "begin again" in failure.message
    assert journey.sent().count("exchange_challenge") == 1


async def test_a_second_exchange_after_a_crash_is_a_refusal(pushing: KontistSettings) -> None:
    journey = await asked(pushing, challenge("VERIFIED"), answer({"token": "lost-with-the-process"}))
    state = journey.stored
    connected(await journey.due())
    journey.stored = state
    journey.ctx.http.answers += [challenge("VERIFIED"), Response(status=409)]
    assert failed(await journey.resume(Due())).reason is Reason.REFUSED


async def test_an_exchange_that_never_left_is_made_at_the_next_look(pushing: KontistSettings) -> None:
    journey = await asked(pushing, challenge("VERIFIED"), DOWN, challenge("VERIFIED"), answer({"token": "confirmed"}))
    assert isinstance(await journey.due(), Ask)
    connected(await journey.due())


async def test_tokens_survive_a_push_that_could_not_be_sent(pushing: KontistSettings) -> None:
    journey = Journey(pushing, tokens(), Response(status=429), challenge())
    await journey.begin()
    step = await journey.callback(code="c0de")
    assert isinstance(step, Wait)
    assert step.expires_at is not None
    assert step.poll_at < step.expires_at
    assert isinstance(await journey.due(), Ask)
    assert journey.sent() == ["exchange_code", "create_challenge", "create_challenge"]


@pytest.mark.parametrize("lost", [LOST, Response(status=503)])
async def test_no_second_push_is_sent_blindly(pushing: KontistSettings, lost: Response | BankweaveError) -> None:
    journey = Journey(pushing, tokens(), lost)
    await journey.begin()
    assert failed(await journey.callback(code="c0de")).reason is Reason.UNAVAILABLE
    assert journey.sent().count("create_challenge") == 1


async def test_a_refused_push_ends_the_flow(pushing: KontistSettings) -> None:
    journey = Journey(pushing, tokens(), Response(status=403))
    await journey.begin()
    assert failed(await journey.callback(code="c0de")).provider_code == "403"


@pytest.mark.parametrize("id", ["../../oauth/logout", "a/b", "", "a?b"])
async def test_a_challenge_id_that_would_change_the_address_is_refused(pushing: KontistSettings, id: str) -> None:  # noqa: A002
    journey = Journey(pushing, tokens(), challenge(id=id))
    await journey.begin()
    assert failed(await journey.callback(code="c0de")).reason is Reason.UNAVAILABLE


async def test_no_state_prints_a_secret(pushing: KontistSettings) -> None:
    journey = Journey(pushing, tokens(refresh_token="canary"), challenge())
    begun = await journey.begin()
    assert isinstance(begun, Ask)
    assert begun.correlation is not None
    assert begun.correlation not in repr(begun.state)
    step = await journey.callback(code="c0de")
    assert isinstance(step, Ask)
    assert "canary" not in repr(step.state)
    assert "first" not in repr(step.state)
