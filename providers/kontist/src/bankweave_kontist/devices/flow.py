"""Binding a device, and proving to be a bound one, as steps of a flow (section 4).

    [AwaitingBindingRequest --confirmed elsewhere-->] AwaitingDeviceCode --code--> ProvingDevice --> Connected

`CreatingDevice` and `ProvingDevice` are passed through at once, unless Kontist could not answer just then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bankweave.errors import MalformedAnswer, OutcomeUnknown, ProviderRefused, ProviderUnavailable
from bankweave.flow import Ask, Challenge, ChallengeKind, Failed, Field, Reason, Step, Wait
from bankweave_kontist.devices.bound import BoundDevice, forget_device, recall_device, remember_device, signed
from bankweave_kontist.devices.protocol import confirm_by_device, create_device, verify_device
from bankweave_kontist.devices.wire import BindingRequest, BindingRequested, BindingRequestFound
from bankweave_kontist.grant import Grant
from bankweave_kontist.push.flow import begin_push
from bankweave_kontist.push.protocol import POLL_INTERVAL
from bankweave_kontist.queries.devices import BINDING_REQUEST, REQUEST_BINDING
from bankweave_kontist.session import Session
from bankweave_kontist.signin.endings import another_signed_in, confirmed_grant, connected, is_other_user, lost, refused
from bankweave_kontist.states import AwaitingBindingRequest, AwaitingDeviceCode, CreatingDevice, ProvingDevice

CODE = "code"
CODE_LIFE = timedelta(minutes=5)  # undocumented; challenges live as long upstream (section 4)
REQUEST_LIFE = timedelta(minutes=15)  # undocumented: how long Kontist waits for the other device or the e-mail
BINDING_LIFE = timedelta(minutes=3)  # from that confirmation until the device is verified (section 4)
RETRY = timedelta(seconds=10)
_UNKNOWN_DEVICE = "404"  # the recommended reading of an undocumented status (section 4)
_REASONS: Mapping[str | None, Reason] = {
    "device_not_taken": Reason.USER_ACTION,
    "binding_not_permitted": Reason.REFUSED,
    "wrong_code": Reason.WRONG_ANSWER,
    "request_expired": Reason.EXPIRED,
}


# Binding --------------------------------------------------------------------------------------------------------------


async def begin_binding(session: Session, grant: Grant | None, scopes: tuple[str, ...], name: str) -> Step:
    until = session.now() + CODE_LIFE
    return await go_on_binding(session, CreatingDevice(grant=grant, scopes=scopes, name=name, expires_at=until))


async def go_on_binding(session: Session, state: CreatingDevice) -> Step:
    """Take the first step that Kontist has not taken yet; whatever bothers a person is asked for once."""
    try:
        if session.settings.binding_request and not state.permitted:
            return await _request_binding(session, state)
        return await _create(session, state)
    except ProviderUnavailable as later:
        return Wait(state=state, poll_at=later.retry_at or session.now() + RETRY, expires_at=state.expires_at)
    except (OutcomeUnknown, MalformedAnswer) as error:
        return lost(error)
    except ProviderRefused as refusal:
        return _not_bound(refusal)


async def _request_binding(session: Session, state: CreatingDevice) -> Step:
    answer = await session.under(state.grant).run(REQUEST_BINDING, BindingRequested, deviceName=state.name)
    waiting = AwaitingBindingRequest(
        grant=state.grant,
        scopes=state.scopes,
        name=state.name,
        request=answer.create_device_binding_request.id,
        expires_at=session.now() + REQUEST_LIFE,
        poll_at=session.now() + POLL_INTERVAL,
    )
    return _ask_to_permit(waiting)


def _ask_to_permit(state: AwaitingBindingRequest) -> Ask[AwaitingBindingRequest]:
    challenge = Challenge(
        kind=ChallengeKind.APP_APPROVAL,
        message="Allow the new device on another one that is bound to Kontist, or by the link in Kontist's e-mail",
        expires_at=state.expires_at,
    )
    return Ask(state=state, interaction=challenge, poll_at=state.poll_at, expires_at=state.expires_at)


async def poll_binding_request(session: Session, state: AwaitingBindingRequest) -> Step:
    try:
        answer = await session.under(state.grant).run(BINDING_REQUEST, BindingRequestFound, id=state.request)
    except ProviderUnavailable as later:
        return _look_again(session, state, later)
    except ProviderRefused as refusal:
        return _not_bound(refusal)
    return await _judge(session, state, answer.get_device_binding_request)


def _look_again(
    session: Session, state: AwaitingBindingRequest, later: ProviderUnavailable | None = None
) -> Ask[AwaitingBindingRequest]:
    beat = session.now() + POLL_INTERVAL
    not_before = (later and later.retry_at) or beat
    return _ask_to_permit(state.model_copy(update={"poll_at": max(beat, not_before)}))


async def _judge(session: Session, state: AwaitingBindingRequest, request: BindingRequest | None) -> Step:
    if request is None:
        message = "Kontist no longer knows the request to bind this device; begin again"
        return Failed(reason=Reason.EXPIRED, message=message)
    if request.rejected_at is not None:
        message = "the new device was not allowed; begin again"
        return Failed(reason=Reason.USER_REFUSED, message=message, provider_code="rejected")
    if request.confirmed_at is None:
        return _look_again(session, state)
    until = session.now() + BINDING_LIFE
    creating = CreatingDevice(grant=state.grant, scopes=state.scopes, name=state.name, expires_at=until, permitted=True)
    return await go_on_binding(session, creating)


async def _create(session: Session, state: CreatingDevice) -> Step:
    key = await session.signer(state.name).public_key()
    created = await create_device(session.under(state.grant), state.name, key)
    life = BINDING_LIFE if state.permitted else CODE_LIFE
    waiting = AwaitingDeviceCode(
        grant=state.grant,
        scopes=state.scopes,
        device=BoundDevice(id=created.device_id, name=state.name),
        challenge=created.challenge_id,
        expires_at=session.now() + life,
    )
    return ask_for_device_code(waiting)


def ask_for_device_code(state: AwaitingDeviceCode) -> Ask[AwaitingDeviceCode]:
    challenge = Challenge(
        kind=ChallengeKind.OTP,
        message=f"Enter the code from the SMS that Kontist sent to bind the device {state.device.name}",
        fields=(Field(name=CODE, label="Code from the SMS"),),
        expires_at=state.expires_at,
        attempts_left=1,
    )
    return Ask(state=state, interaction=challenge, expires_at=state.expires_at)


async def verify(session: Session, state: AwaitingDeviceCode, code: str) -> Step:
    """Sign the code. Where Kontist surely has not seen it, `ProviderUnavailable` leaves the question open."""
    signature = await signed(session, state.device, code.strip())
    try:
        await verify_device(session.under(state.grant), state.device.id, state.challenge, signature)
        is_bound = True
    except OutcomeUnknown:
        is_bound = False  # or perhaps it is: Kontist's answer to the next challenge tells
    except ProviderRefused as refusal:
        return _not_bound(refusal)
    if is_bound:
        await remember_device(session.ctx, await session.under(state.grant).subject(), state.device)
    until = session.now() + CODE_LIFE
    proving = ProvingDevice(grant=state.grant, scopes=state.scopes, device=state.device, expires_at=until)
    return await prove(session, proving)


def _not_bound(refusal: ProviderRefused) -> Failed:
    reason = _REASONS.get(refusal.code)
    if reason is None:
        return refused(refusal)
    return Failed(reason=reason, message=str(refusal), provider_code=refusal.code)


# Proving --------------------------------------------------------------------------------------------------------------


async def begin_proof(session: Session, grant: Grant | None, scopes: tuple[str, ...]) -> Step:
    """Have the bound device sign; without one, say so."""
    device = await recall_device(session.ctx, await session.under(grant).subject())
    return _no_device() if device is None else await prove(session, _proving(session, grant, scopes, device))


async def begin_any(session: Session, grant: Grant | None, scopes: tuple[str, ...]) -> Step:
    """Have the bound device sign, which needs nobody; where there is none, ask for a push."""
    device = await recall_device(session.ctx, await session.under(grant).subject())
    if device is None:
        return await begin_push(session, grant, scopes)
    state = _proving(session, grant, scopes, device)
    return await prove(session, state.model_copy(update={"or_push": True}))


def _proving(session: Session, grant: Grant | None, scopes: tuple[str, ...], device: BoundDevice) -> ProvingDevice:
    return ProvingDevice(grant=grant, scopes=scopes, device=device, expires_at=session.now() + CODE_LIFE)


async def prove(session: Session, state: ProvingDevice) -> Step:
    """Sign a challenge for confirmed tokens. A lost answer costs nothing: another challenge gives others."""
    subject = await session.under(state.grant).subject()
    try:
        answer = await confirm_by_device(session.under(state.grant), state.device)
    except OutcomeUnknown:
        return Wait(state=state, poll_at=session.now() + RETRY, expires_at=state.expires_at)
    except ProviderUnavailable as later:
        return Wait(state=state, poll_at=later.retry_at or session.now() + RETRY, expires_at=state.expires_at)
    except MalformedAnswer as error:
        return lost(error)
    except ProviderRefused as refusal:
        return await _unknown_device(session, state, refusal)
    grant = confirmed_grant(answer, session.now(), state.device.id)
    if is_other_user(subject, grant.subject):
        return another_signed_in()
    await remember_device(session.ctx, subject, state.device)
    return connected(grant, state.scopes, session.now())


async def _unknown_device(session: Session, state: ProvingDevice, refusal: ProviderRefused) -> Step:
    if refusal.code == _UNKNOWN_DEVICE:
        await _forget(session, state)
    if state.or_push:
        return await begin_push(session, state.grant, state.scopes)
    message = "Kontist does not accept the signature of this device, which may have been removed; bind one again"
    return Failed(reason=Reason.USER_ACTION, message=message, provider_code=refusal.code)


async def _forget(session: Session, state: ProvingDevice) -> None:
    """Forget a device, but not another one: a binding that failed leaves the one that was bound before."""
    subject = await session.under(state.grant).subject()
    if await recall_device(session.ctx, subject) == state.device:
        await forget_device(session.ctx, subject)


def _no_device() -> Failed:
    message = "no device is bound to this user from here; bind one with the option bind_device"
    return Failed(reason=Reason.USER_ACTION, message=message, provider_code="no_device")
