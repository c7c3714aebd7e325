"""Binding a device and proving to be it, over Kontist's REST endpoints (section 4).

Statuses of refusals are undocumented but for the 204 of a verification; those of its relatives are expected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bankweave.adapter import Response
from bankweave.errors import ProviderRefused
from bankweave_kontist.devices.bound import BoundDevice, signed
from bankweave_kontist.devices.wire import CREATED_DEVICE, DEVICE_CHALLENGE, CreatedDevice, DeviceChallenge
from bankweave_kontist.refusals import decode, malformed, origin, refusal_of_rest, refusal_of_rest_once
from bankweave_kontist.signin.wire import CONFIRMED_TOKEN, ConfirmedTokenAnswer

if TYPE_CHECKING:
    from bankweave_kontist.session import Session

CREATE_DEVICE = "create_device"
VERIFY_DEVICE = "verify_device"
CHALLENGE_DEVICE = "challenge_device"
PROVE_DEVICE = "prove_device"
_DEVICES = "/api/user/devices"


async def create_device(session: Session, name: str, public_key: str) -> CreatedDevice:
    """Register a device; Kontist sends a code by SMS. Never repeated: each one rings on somebody's phone."""
    request = session.rest("POST", _DEVICES, operation=CREATE_DEVICE, repeatable=False)
    return await session.send(request.json({"name": name, "key": public_key}), read_created)


async def verify_device(session: Session, device: str, challenge: str, signed_code: str) -> None:
    """Finish the binding. Never repeated: after a lost answer the next challenge shows whether it was taken."""
    path = f"{_DEVICES}/{device}/verify"
    request = session.rest("POST", path, operation=VERIFY_DEVICE, repeatable=False)
    await session.send(request.json({"challengeId": challenge, "signature": signed_code}), read_verified)


async def challenge_device(session: Session, device: str) -> DeviceChallenge:
    """Ask for something to sign. May be repeated: it bothers nobody."""
    path = f"{_DEVICES}/{device}/challenges"
    request = session.rest("POST", path, operation=CHALLENGE_DEVICE, repeatable=True)
    return await session.send(request, read_device_challenge)


async def prove_device(session: Session, device: str, challenge: str, signature: str) -> ConfirmedTokenAnswer:
    """Exchange a signed challenge for confirmed tokens. Each challenge serves once; after a lost answer take another."""
    path = f"{_DEVICES}/{device}/challenges/{challenge}/verify"
    request = session.rest("POST", path, operation=PROVE_DEVICE, repeatable=False)
    return await session.send(request.json({"signature": signature}), read_proof)


async def confirm_by_device(session: Session, device: BoundDevice) -> ConfirmedTokenAnswer:
    """Have a bound device sign a challenge, for confirmed tokens."""
    challenge = await challenge_device(session, device.id)
    proof = await signed(session, device, challenge.string_to_sign)
    return await prove_device(session, device.id, challenge.id, proof)


def read_created(response: Response) -> CreatedDevice:
    """Read the answer to a creation. Raises `ProviderRefused` (device_not_taken, binding_not_permitted)."""
    if response.status == 400:
        message = (
            "Kontist takes no further device of this user: it allows five, and needs a verified mobile number. Remove one"
            " (kontist.devices.remove), or add the number in the Kontist app; then begin again"
        )
        raise _refused(CREATE_DEVICE, message, "device_not_taken")
    if response.status == 403:
        message = (
            "Kontist does not let this application bind devices: its client needs a permission for it, or the setting"
            " binding_request of kontist has to be true"
        )
        raise _refused(CREATE_DEVICE, message, "binding_not_permitted")
    if not response.ok:
        raise refusal_of_rest_once(response, CREATE_DEVICE)
    return decode(CREATED_DEVICE, response.body, CREATE_DEVICE)


def read_verified(response: Response) -> None:
    """Read the answer to a signed code. Raises `ProviderRefused` (wrong_code, request_expired).

    Whether Kontist would take a second code is undocumented: upstream, a wrong one destroys what it was for.
    """
    if response.status in {400, 403}:
        message = "Kontist does not take this code; bind the device again, for a new one"
        raise _refused(VERIFY_DEVICE, message, "wrong_code")
    if response.status == 404:
        raise _refused(VERIFY_DEVICE, "the code came too late; bind the device again", "request_expired")
    if not response.ok:
        raise refusal_of_rest_once(response, VERIFY_DEVICE)


def read_device_challenge(response: Response) -> DeviceChallenge:
    if not response.ok:
        raise refusal_of_rest(response, CHALLENGE_DEVICE)
    answer = decode(DEVICE_CHALLENGE, response.body, CHALLENGE_DEVICE)
    if not answer.string_to_sign.strip():
        raise malformed(CHALLENGE_DEVICE)
    return answer


def read_proof(response: Response) -> ConfirmedTokenAnswer:
    if not response.ok:
        raise refusal_of_rest_once(response, PROVE_DEVICE)
    return decode(CONFIRMED_TOKEN, response.body, PROVE_DEVICE)


def _refused(operation: str, message: str, code: str) -> ProviderRefused:
    return ProviderRefused(message, origin=origin(operation), code=code)
