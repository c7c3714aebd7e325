"""The client's devices: bound, listed, removed, given keys; and tokens that a device renews by itself."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bankweave.adapter import Response
from bankweave.errors import (
    BankweaveError,
    ConsentExpired,
    InvalidOrder,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
)
from bankweave.testing import FakeContext, ScriptedHttp
from bankweave_kontist import Kontist, KontistSettings
from bankweave_kontist.client import AsyncKontistClient
from bankweave_kontist.devices.bound import BoundDevice, remember_device
from bankweave_kontist.devices.signer import SoftwareSigner, is_signed_by
from bankweave_kontist.grant import Grant

pytestmark = pytest.mark.anyio

START = datetime(2026, 11, 22, 10, tzinfo=UTC)
LOST = OutcomeUnknown("lost")
SERVER = BoundDevice(id="device-1", name="Server")


def answer(value: object, status: int = 200) -> Response:
    return Response(status=status, body=json.dumps(value).encode())


def data(**fields: object) -> Response:
    return answer({"data": fields})


def jwt(sub: str) -> str:
    return f"e30.{urlsafe_b64encode(json.dumps({'sub': sub}).encode()).decode().rstrip('=')}.c2ln"


CREATED = answer({"deviceId": "device-1", "challengeId": "challenge-1"}, 201)
VERIFIED = Response(status=204)
CHALLENGE = answer({"id": "challenge-2", "stringToSign": "sign-me"}, 201)
CONFIRMED = answer({"token": "confirmed", "refresh_token": "r2"})


def client(*answers: Response | BankweaveError, **settings: object) -> tuple[AsyncKontistClient, FakeContext]:
    ctx = FakeContext(http=ScriptedHttp(list(answers)), clock=START)
    return Kontist(KontistSettings.model_validate({"client_id": "c", **settings})).client(ctx), ctx


def variables(ctx: FakeContext, place: int = 0) -> dict[str, str]:
    found: dict[str, str] = json.loads(ctx.http.sent[place].body or b"")["variables"]
    return found


async def test_two_awaitables_bind_a_device_and_confirm_the_connection() -> None:
    kontist, ctx = client(CREATED, VERIFIED, CHALLENGE, CONFIRMED)
    binding = await kontist.devices.bind("Server")
    assert await kontist.devices.ours() is None
    assert await kontist.devices.verify(binding, " 212212 ") == SERVER
    assert await kontist.devices.ours() == SERVER
    (grant,) = ctx.grants
    assert (grant.access_token, grant.device_id, grant.confirmed) == ("confirmed", "device-1", True)
    sent = json.loads(ctx.http.sent[1].body or b"")
    assert is_signed_by(await SoftwareSigner(ctx, "Server").public_key(), "212212", sent["signature"])


async def test_a_wrong_code_binds_nothing() -> None:
    kontist, ctx = client(CREATED, Response(status=403))
    binding = await kontist.devices.bind("Server")
    with pytest.raises(ProviderRefused) as refused:
        await kontist.devices.verify(binding, "999999")
    assert (refused.value.code, ctx.grants, await kontist.devices.ours()) == ("wrong_code", [], None)


async def test_a_lost_verification_is_settled_by_the_proof() -> None:
    kontist, ctx = client(CREATED, LOST, CHALLENGE, CONFIRMED)
    await kontist.devices.verify(await kontist.devices.bind("Server"), "212212")
    assert (await kontist.devices.ours(), len(ctx.grants)) == (SERVER, 1)


async def test_a_removed_device_is_forgotten_and_others_are_not_ours() -> None:
    kontist, ctx = client(data(deleteBoundDevice=True), data(deleteBoundDevice=True))
    await remember_device(ctx, None, SERVER)
    assert await kontist.devices.remove("device-9")
    assert await kontist.devices.ours() == SERVER
    assert await kontist.devices.remove("device-1")
    assert await kontist.devices.ours() is None


async def test_devices_are_listed() -> None:
    kontist, _ = client(data(listBoundDevices=[{"id": "device-1", "name": "Server"}]))
    assert [(each.id, each.name) for each in await kontist.devices.list()] == [("device-1", "Server")]


async def test_a_further_key_is_signed_by_the_first() -> None:
    kontist, ctx = client(data(addDeviceKey="ok"), data(hasDeviceRestrictedKey=True))
    await remember_device(ctx, None, SERVER)
    assert await kontist.devices.add_key("04ab") == "ok"
    sent = variables(ctx)
    assert (sent["deviceId"], sent["key"]) == ("device-1", "04ab")
    assert is_signed_by(await SoftwareSigner(ctx, "Server").public_key(), "04ab", sent["signature"])
    assert await kontist.devices.has_restricted_key("device-1")


async def test_what_needs_a_device_of_ours_says_so() -> None:
    kontist, ctx = client()
    for attempt in (kontist.devices.add_key("04ab"), kontist.devices.confirm()):
        with pytest.raises(InvalidOrder) as invalid:
            await attempt
        assert invalid.value.code == "no_device"
    assert ctx.http.sent == []


async def test_requests_to_bind_are_made_looked_at_and_decided() -> None:
    asked = {"id": "request-1", "confirmedAt": None, "rejectedAt": None}
    done = {**asked, "confirmedAt": "2026-11-22T10:00:05.000Z"}
    kontist, ctx = client(
        data(createDeviceBindingRequest=asked),
        data(updateDeviceBindingRequest=True),
        data(getDeviceBindingRequest=done),
        data(getDeviceBindingRequest=None),
    )
    request = await kontist.devices.request_binding("Server")
    assert await kontist.devices.decide_binding(request.id, allow=True)
    found = await kontist.devices.binding_request(request.id)
    assert found is not None
    assert found.confirmed_at == START + timedelta(seconds=5)
    assert await kontist.devices.binding_request("request-9") is None
    assert variables(ctx, 1) == {"id": "request-1", "isConfirmation": True}


# Renewed by the device ------------------------------------------------------------------------------------------------


async def renew(*answers: Response | BankweaveError, minutes: float = 1, **more: object) -> Grant:
    ctx = FakeContext(http=ScriptedHttp(list(answers)), clock=START)
    await remember_device(ctx, None, SERVER)
    fields = {"access_token": "old", "device_id": "device-1", "confirmed": True, **more}
    grant = Grant.model_validate({"expires_at": START + timedelta(minutes=minutes), **fields})
    return await Kontist(KontistSettings(client_id="c")).renew(ctx, grant)


async def test_without_a_refresh_token_the_device_renews_what_still_lasts() -> None:
    renewed = await renew(CHALLENGE, CONFIRMED)
    assert (renewed.access_token, renewed.device_id, renewed.confirmed) == ("confirmed", "device-1", True)


async def test_a_refused_refresh_token_leaves_the_device() -> None:
    renewed = await renew(answer({"error": "invalid_grant"}, 400), CHALLENGE, CONFIRMED, refresh_token="r1")
    assert renewed.refresh_token == "r2"


@pytest.mark.parametrize("more", [{"minutes": -1}, {"device_id": None}, {"device_id": "device-9"}])
async def test_access_that_is_over_or_no_device_has_confirmed_needs_the_person(more: dict[str, object]) -> None:
    with pytest.raises(ConsentExpired):
        await renew(**more)  # type: ignore[arg-type]  # one of the two


async def test_a_device_that_kontist_forgot_renews_nothing() -> None:
    with pytest.raises(ConsentExpired):
        await renew(Response(status=404))


async def test_a_lost_renewal_may_be_tried_again() -> None:
    with pytest.raises(ProviderUnavailable):
        await renew(CHALLENGE, LOST)


async def test_tokens_of_another_user_are_not_taken() -> None:
    ctx = FakeContext(http=ScriptedHttp([CHALLENGE, answer({"token": jwt("ben")})]), clock=START)
    await remember_device(ctx, "anna", SERVER)
    grant = Grant(access_token=jwt("anna"), expires_at=START + timedelta(minutes=1), device_id="device-1")
    with pytest.raises(BankweaveError, match="another user"):
        await Kontist(KontistSettings(client_id="c")).renew(ctx, grant)


# Between accounts of one's own ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("unit", "sent", "shown"), [("cents", 1234.0, 1234.0), ("euros", 12.34, 12.34)])
async def test_the_unit_between_own_accounts_is_a_setting(unit: str, sent: float, shown: float) -> None:
    done = {
        "id": "t-1",
        "amount": shown,
        "createdAt": "2026-11-22T10:00:00.000Z",
        "recipientIban": "DE",
        "reference": "save",
        "description": None,
    }
    kontist, ctx = client(data(createIntraCustomerTransfer=done), own_transfer_amounts=unit)
    moved = await kontist.transfers.between_own(Decimal("12.34"), from_account="a", to_account="b", reference="save")
    assert moved.amount == Decimal("12.34")
    wanted = json.loads(ctx.http.sent[0].body or b"")["variables"]["input"]
    assert wanted == {"amount": sent, "fromAccountPublicId": "a", "toAccountPublicId": "b", "reference": "save"}
    assert not ctx.http.sent[0].repeatable


async def test_nothing_cannot_be_moved() -> None:
    kontist, ctx = client()
    with pytest.raises(InvalidOrder):
        await kontist.transfers.between_own(Decimal(0), from_account="a", to_account="b", reference="r")
    assert ctx.http.sent == []
