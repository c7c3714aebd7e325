"""Binding and proving a device, step by step. Between any two steps the state is written to JSON and read again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bankweave.adapter import Context, Response
from bankweave.errors import AccessRevoked, ConfigurationError, OutcomeUnknown, ProviderUnavailable, RateLimited
from bankweave.flow import (
    Answer,
    Ask,
    Challenge,
    ChallengeKind,
    Connect,
    Connected,
    Due,
    Failed,
    Reason,
    Renew,
    Step,
    Wait,
)
from bankweave.testing import FakeContext, ScriptedHttp
from bankweave.testing.context import Answer as Scripted
from bankweave_kontist import Kontist, KontistSettings
from bankweave_kontist.devices.bound import BoundDevice, recall_device, remember_device
from bankweave_kontist.devices.signer import is_signed_by
from bankweave_kontist.grant import Grant

pytestmark = pytest.mark.anyio

START = datetime(2026, 11, 22, 10, tzinfo=UTC)
LOST = OutcomeUnknown("lost")
SIGN_IN = {"username": "anna", "password": "secret"}


def answer(value: object, status: int = 200) -> Response:
    return Response(status=status, body=json.dumps(value).encode())


def refused(status: int) -> Response:
    return answer({"status": status}, status)


TOKENS = answer({"access_token": "first", "refresh_token": "r1", "expires_in": 3599})
CREATED = answer({"deviceId": "device-1", "challengeId": "challenge-1"}, 201)
VERIFIED = Response(status=204)
CHALLENGE = answer({"id": "challenge-2", "stringToSign": "sign-me"}, 201)
CONFIRMED = answer({"token": "confirmed", "refresh_token": "r2"})
PUSH = answer({"id": "push-1", "status": "PENDING", "expiresAt": (START + timedelta(minutes=5)).isoformat()}, 201)


@dataclass
class Hardware:
    """A key in a security module: it signs, and nobody gets it."""

    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))

    async def public_key(self) -> str:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex()

    async def sign(self, message: bytes) -> bytes:
        return self.key.sign(message, ECDSA(SHA256()))


MODULE = Hardware()


class KontistWithHardware(Kontist):
    """What a program writes to keep device keys elsewhere."""

    def signer(self, ctx: Context, device: str) -> Hardware:  # noqa: ARG002  there is one key for all
        return MODULE


class Journey:
    def __init__(self, *answers: Scripted, adapter: type[Kontist] = Kontist, **settings: object) -> None:
        self.adapter = adapter(KontistSettings.model_validate({"client_id": "c", **settings}))
        self.ctx = FakeContext(http=ScriptedHttp(list(answers)), clock=START)
        self.stored = b""

    async def bind(self) -> Step:
        return self._keep(await self.adapter.begin(self.ctx, Renew(grant=OLD, redirect_uri=None, options=BIND)))

    async def connect(self, **options: str) -> Step:
        intent = Connect(redirect_uri=None, options={**SIGN_IN, **options})
        return self._keep(await self.adapter.begin(self.ctx, intent))

    async def answer(self, code: str) -> Step:
        state = Kontist.states.validate_json(self.stored)
        return self._keep(await self.adapter.resume(self.ctx, state, Answer({"code": code})))

    async def due(self) -> Step:
        state = Kontist.states.validate_json(self.stored)
        return self._keep(await self.adapter.resume(self.ctx, state, Due()))

    def sent(self) -> list[str]:
        return [request.operation for request in self.ctx.http.sent]

    def body(self, operation: str) -> dict[str, str]:
        (request,) = (each for each in self.ctx.http.sent if each.operation == operation)
        found: dict[str, str] = json.loads(request.body or b"")
        return found

    def _keep(self, step: Step) -> Step:
        if isinstance(step, Ask | Wait):
            self.stored = Kontist.states.dump_json(step.state)
        return step


OLD = Grant(access_token="old", refresh_token="r0")
BIND = {"bind_device": "Server"}


def failed(step: Step) -> tuple[Reason, str | None]:
    assert isinstance(step, Failed)
    return step.reason, step.provider_code


async def test_a_code_binds_the_device_and_its_signature_confirms_the_connection() -> None:
    journey = Journey(CREATED, VERIFIED, CHALLENGE, CONFIRMED)
    step = await journey.bind()
    assert isinstance(step, Ask)
    assert isinstance(step.interaction, Challenge)
    assert step.interaction.kind is ChallengeKind.OTP
    assert [each.name for each in step.interaction.fields] == ["code"]
    done = await journey.answer("212212")
    assert isinstance(done, Connected)
    assert (done.grant.access_token, done.grant.refresh_token) == ("confirmed", "r2")
    assert (done.grant.confirmed, done.grant.device_id) == (True, "device-1")
    key = journey.body("create_device")["key"]
    assert journey.body("create_device")["name"] == "Server"
    assert journey.body("verify_device")["challengeId"] == "challenge-1"
    assert is_signed_by(key, "212212", journey.body("verify_device")["signature"])
    assert is_signed_by(key, "sign-me", journey.body("prove_device")["signature"])
    assert [request.headers["Authorization"] for request in journey.ctx.http.sent] == ["Bearer access-1"] * 4
    assert await recall_device(journey.ctx, None) == BoundDevice(id="device-1", name="Server")


async def test_what_rings_or_works_once_is_never_repeated_and_asking_for_a_challenge_is() -> None:
    journey = Journey(CREATED, VERIFIED, CHALLENGE, CONFIRMED)
    await journey.bind()
    await journey.answer("212212")
    repeatable = [each.operation for each in journey.ctx.http.sent if each.repeatable]
    assert repeatable == ["challenge_device"]


async def test_keys_in_hardware_sign_for_the_device() -> None:
    journey = Journey(CREATED, VERIFIED, CHALLENGE, CONFIRMED, adapter=KontistWithHardware)
    await journey.bind()
    assert isinstance(await journey.answer("212212"), Connected)
    assert journey.body("create_device")["key"] == await MODULE.public_key()
    assert is_signed_by(await MODULE.public_key(), "sign-me", journey.body("prove_device")["signature"])


async def test_binding_may_follow_a_sign_in_whose_tokens_it_uses() -> None:
    journey = Journey(TOKENS, CREATED, VERIFIED, CHALLENGE, CONFIRMED)
    await journey.connect(**BIND)
    assert isinstance(await journey.answer("212212"), Connected)
    assert {each.headers["Authorization"] for each in journey.ctx.http.sent[1:]} == {"Bearer first"}


@pytest.mark.parametrize(
    ("status", "ends"),
    [
        (403, (Reason.WRONG_ANSWER, "wrong_code")),
        (400, (Reason.WRONG_ANSWER, "wrong_code")),
        (404, (Reason.EXPIRED, "request_expired")),
        (409, (Reason.REFUSED, "409")),
    ],
)
async def test_a_refused_code_ends_the_binding(status: int, ends: tuple[Reason, str]) -> None:
    journey = Journey(CREATED, refused(status))
    await journey.bind()
    assert failed(await journey.answer("999999")) == ends
    assert await recall_device(journey.ctx, None) is None


@pytest.mark.parametrize(
    ("status", "ends"),
    [
        (400, (Reason.USER_ACTION, "device_not_taken")),
        (403, (Reason.REFUSED, "binding_not_permitted")),
    ],
)
async def test_kontist_may_take_no_further_device(status: int, ends: tuple[Reason, str]) -> None:
    assert failed(await Journey(refused(status)).bind()) == ends


async def test_a_lost_registration_ends_with_what_to_do() -> None:
    step = await Journey(LOST).bind()
    assert failed(step) == (Reason.UNAVAILABLE, None)
    assert isinstance(step, Failed)
    assert "begin again" in step.message


async def test_a_registration_that_kontist_cannot_take_now_is_tried_later() -> None:
    journey = Journey(ProviderUnavailable("down"), CREATED)
    assert isinstance(await journey.bind(), Wait)
    assert isinstance(await journey.due(), Ask)
    assert journey.sent() == ["create_device", "create_device"]


async def test_a_lost_verification_shows_in_the_next_challenge() -> None:
    journey = Journey(CREATED, LOST, CHALLENGE, CONFIRMED)
    await journey.bind()
    assert isinstance(await journey.answer("212212"), Connected)
    journey = Journey(CREATED, refused(503), refused(404))
    await journey.bind()
    assert failed(await journey.answer("212212")) == (Reason.USER_ACTION, "404")
    assert await recall_device(journey.ctx, None) is None


async def test_a_binding_that_failed_leaves_the_device_of_before() -> None:
    before = BoundDevice(id="device-0", name="Server")
    journey = Journey(CREATED, LOST, refused(404))
    await remember_device(journey.ctx, None, before)
    await journey.bind()
    assert failed(await journey.answer("212212")) == (Reason.USER_ACTION, "404")
    assert await recall_device(journey.ctx, None) == before


async def test_a_lost_proof_is_made_anew_with_another_challenge() -> None:
    journey = Journey(CREATED, VERIFIED, CHALLENGE, LOST, CHALLENGE, CONFIRMED)
    await journey.bind()
    waiting = await journey.answer("212212")
    assert isinstance(waiting, Wait)
    assert isinstance(await journey.due(), Connected)


async def test_a_limit_leaves_the_code_unused() -> None:
    journey = Journey(CREATED, RateLimited("later"))
    await journey.bind()
    with pytest.raises(ProviderUnavailable):
        await journey.answer("212212")
    assert await recall_device(journey.ctx, None) is None


async def test_an_expired_token_is_renewed_and_the_request_repeated() -> None:
    journey = Journey(refused(401), CREATED)
    assert isinstance(await journey.bind(), Ask)
    assert [each.headers["Authorization"] for each in journey.ctx.http.sent] == ["Bearer access-1", "Bearer access-2"]


async def test_a_connection_whose_access_is_over_needs_its_person() -> None:
    journey = Journey(refused(401), refused(401))
    with pytest.raises(AccessRevoked):
        await journey.bind()


# The second factor ----------------------------------------------------------------------------------------------------


async def bound(journey: Journey) -> Journey:
    await remember_device(journey.ctx, None, BoundDevice(id="device-1", name="Server"))
    return journey


async def test_a_bound_device_makes_the_push_superfluous() -> None:
    journey = await bound(Journey(TOKENS, CHALLENGE, CONFIRMED))
    assert isinstance(await journey.connect(), Connected)
    assert "create_challenge" not in journey.sent()


async def test_a_device_that_kontist_forgot_is_forgotten_and_a_push_is_sent() -> None:
    journey = await bound(Journey(TOKENS, refused(404), PUSH))
    step = await journey.connect()
    assert isinstance(step, Ask)
    assert isinstance(step.interaction, Challenge)
    assert step.interaction.kind is ChallengeKind.APP_APPROVAL
    assert await recall_device(journey.ctx, None) is None


async def test_a_device_asked_for_by_name_gives_way_to_nothing() -> None:
    journey = await bound(Journey(TOKENS, refused(404)))
    assert failed(await journey.connect(second_factor="device")) == (Reason.USER_ACTION, "404")
    assert failed(await Journey(TOKENS).connect(second_factor="device")) == (Reason.USER_ACTION, "no_device")


async def test_a_renewal_by_device_needs_nobody() -> None:
    journey = await bound(Journey(CHALLENGE, CONFIRMED))
    intent = Renew(grant=OLD, redirect_uri=None, options={"second_factor": "device"})
    step = await journey.adapter.begin(journey.ctx, intent)
    assert isinstance(step, Connected)
    assert step.grant.confirmed


async def test_a_renewal_by_push_keeps_asking_under_the_connections_own_token() -> None:
    verified = answer({"id": "push-1", "status": "VERIFIED", "expiresAt": (START + timedelta(minutes=5)).isoformat()})
    journey = Journey(PUSH, verified, CONFIRMED)
    intent = Renew(grant=OLD, redirect_uri=None, options={"second_factor": "push"})
    journey._keep(await journey.adapter.begin(journey.ctx, intent))
    assert b"old" not in journey.stored
    assert isinstance(await journey.due(), Connected)
    assert {each.headers["Authorization"] for each in journey.ctx.http.sent} == {"Bearer access-1"}


async def test_without_a_redirect_a_renewal_needs_another_way(kontist: Kontist) -> None:
    with pytest.raises(ConfigurationError, match="redirect_uri"):
        await kontist.begin(FakeContext(), Renew(grant=OLD, redirect_uri=None))


# Asking first ---------------------------------------------------------------------------------------------------------


def request_state(**more: str) -> dict[str, object]:
    return {"id": "request-1", "confirmedAt": None, "rejectedAt": None, **more}


def requested(name: str, **more: str) -> Response:
    return answer({"data": {name: request_state(**more)}})


ASKED = requested("createDeviceBindingRequest")
OPEN = requested("getDeviceBindingRequest")
ALLOWED = requested("getDeviceBindingRequest", confirmedAt="2026-11-22T10:00:05.000Z")
REJECTED = requested("getDeviceBindingRequest", rejectedAt="2026-11-22T10:00:05.000Z")


async def test_a_device_is_bound_once_another_one_allowed_it() -> None:
    journey = Journey(ASKED, OPEN, ALLOWED, CREATED, binding_request=True)
    step = await journey.bind()
    assert isinstance(step, Ask)
    assert isinstance(step.interaction, Challenge)
    assert step.interaction.kind is ChallengeKind.APP_APPROVAL
    assert isinstance(await journey.due(), Ask)
    journey.ctx.clock += timedelta(minutes=1)
    step = await journey.due()
    assert isinstance(step, Ask)
    assert step.interaction.kind is ChallengeKind.OTP  # type: ignore[union-attr]  # a challenge, as its state says
    assert step.expires_at == journey.ctx.clock + timedelta(minutes=3)


async def test_a_rejected_request_binds_nothing() -> None:
    journey = Journey(ASKED, REJECTED, binding_request=True)
    await journey.bind()
    assert failed(await journey.due()) == (Reason.USER_REFUSED, "rejected")
    assert "create_device" not in journey.sent()


async def test_a_request_that_kontist_forgot_ends_the_flow() -> None:
    journey = Journey(ASKED, answer({"data": {"getDeviceBindingRequest": None}}), binding_request=True)
    await journey.bind()
    assert failed(await journey.due())[0] is Reason.EXPIRED
