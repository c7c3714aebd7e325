"""Bound devices (section 4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from bankweave.errors import OutcomeUnknown
from bankweave_kontist.client.finishing import finish
from bankweave_kontist.devices.bound import (
    BoundDevice,
    bound_device,
    forget_device,
    recall_device,
    remember_device,
    signed,
)
from bankweave_kontist.devices.protocol import PROVE_DEVICE, confirm_by_device, create_device, verify_device
from bankweave_kontist.devices.wire import (
    BindingDecided,
    BindingRequest,
    BindingRequested,
    BindingRequestFound,
    Device,
    DeviceDeleted,
    DeviceList,
    KeyAdded,
    RestrictedKey,
)
from bankweave_kontist.queries.devices import (
    ADD_DEVICE_KEY,
    BINDING_REQUEST,
    DECIDE_BINDING,
    DELETE_DEVICE,
    HAS_RESTRICTED_KEY,
    LIST_DEVICES,
    REQUEST_BINDING,
)
from bankweave_kontist.refusals import another_user
from bankweave_kontist.session import Session
from bankweave_kontist.signin.endings import confirmed_grant, is_other_user


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceBinding:
    """A device that waits for the code of an SMS. Plain data: keep it until the person has typed the code."""

    device: BoundDevice
    challenge: str = field(repr=False)


class Devices:
    """Binds this program to Kontist as a device, whose signature confirms sign-ins and transfers instead of a person."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def list(self) -> tuple[Device, ...]:
        """List all devices that are bound to the user, wherever they are."""
        return tuple((await self._session.run(LIST_DEVICES, DeviceList)).list_bound_devices)

    async def ours(self) -> BoundDevice | None:
        """Tell which device was bound from here, for this user; None: none, or its binding was not finished."""
        return await recall_device(self._session.ctx, await self._session.subject())

    async def bind(self, name: str) -> DeviceBinding:
        """Register a device under a new or known key of that name; Kontist sends a code by SMS. Not idempotent.

        Raises `ProviderRefused` with the code device_not_taken (five are bound, or no mobile number is verified) or
        binding_not_permitted (the client lacks a permission), and `OutcomeUnknown` when the answer was lost: begin again, and
        use the code of the last SMS.
        """
        key = await self._session.signer(name).public_key()
        created = await create_device(self._session, name, key)
        device = BoundDevice(id=created.device_id, name=name)
        return DeviceBinding(device=device, challenge=created.challenge_id)

    async def verify(self, binding: DeviceBinding, code: str) -> BoundDevice:
        """Sign the code of the SMS, and confirm the connection's tokens by the device that is bound then.

        One wrong code may destroy the binding. Raises `ProviderRefused` with the code wrong_code or request_expired; bind
        anew then.
        """
        signature = await signed(self._session, binding.device, code.strip())
        await finish(self._verified(binding, signature))
        await self._confirm_by(binding.device)
        return binding.device

    async def confirm(self) -> None:
        """Renew the connection's tokens by the signature of our device, as confirmed ones; needs no person.

        Raises `InvalidOrder` when no device is bound from here, and `ProviderRefused` when Kontist does not know it any more.
        """
        await self._confirm_by(await bound_device(self._session))

    async def remove(self, device: str) -> bool:
        """Unbind a device by its id; says whether Kontist has. Idempotent. Tokens that it has confirmed may end."""
        subject = await self._session.subject()
        answer = await self._session.run(DELETE_DEVICE, DeviceDeleted, repeatable=True, deviceId=device)
        ours = await recall_device(self._session.ctx, subject)
        if ours is not None and ours.id == device and answer.delete_bound_device:
            await forget_device(self._session.ctx, subject)
        return answer.delete_bound_device

    async def has_restricted_key(self, device: str) -> bool:
        """Tell whether a device has a key that is guarded by biometry."""
        return (await self._session.run(HAS_RESTRICTED_KEY, RestrictedKey, deviceId=device)).has_device_restricted_key

    async def add_key(self, public_key: str) -> str:
        """Add a restricted key to our device: the hex of an uncompressed P-256 point. Returns Kontist's answer as it is.

        Undocumented what is signed by the first key: here, the text of the new one.
        """
        device = await bound_device(self._session)
        signature = await signed(self._session, device, public_key)
        answer = await self._session.run(
            ADD_DEVICE_KEY, KeyAdded, deviceId=device.id, key=public_key, signature=signature
        )
        return answer.add_device_key

    async def request_binding(self, name: str) -> BindingRequest:
        """Have the person asked, on another bound device or by e-mail, whether a device may be bound.

        Once that is confirmed there are 3 minutes to `bind` and `verify`. Not idempotent.
        """
        answer = await self._session.run(REQUEST_BINDING, BindingRequested, deviceName=name)
        return answer.create_device_binding_request

    async def binding_request(self, request: str) -> BindingRequest | None:
        """Look what became of a request to bind a device; None: Kontist does not know it."""
        return (await self._session.run(BINDING_REQUEST, BindingRequestFound, id=request)).get_device_binding_request

    async def decide_binding(self, request: str, *, allow: bool) -> bool:
        """Allow or reject that another device is bound, as a device that is. Idempotent."""
        answer = await self._session.run(
            DECIDE_BINDING, BindingDecided, repeatable=True, id=request, isConfirmation=allow
        )
        return answer.update_device_binding_request

    async def _verified(self, binding: DeviceBinding, signature: str) -> None:
        try:
            await verify_device(self._session, binding.device.id, binding.challenge, signature)
        except OutcomeUnknown:  # whether it was taken shows in whether the device can prove itself
            return
        await remember_device(self._session.ctx, await self._session.subject(), binding.device)

    async def _confirm_by(self, device: BoundDevice) -> None:
        subject = await self._session.subject()
        answer = await confirm_by_device(self._session, device)
        grant = confirmed_grant(answer, self._session.ctx.now(), device.id)
        if is_other_user(subject, grant.subject):
            raise another_user(PROVE_DEVICE)
        await self._session.ctx.save_grant(grant)
        await remember_device(self._session.ctx, subject, device)
