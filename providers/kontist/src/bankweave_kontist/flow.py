"""Where each event of a flow goes. The ways themselves are in the `flow` of each topic."""

from __future__ import annotations

from bankweave.flow import Answer, Callback, Event, Step
from bankweave_kontist.devices.flow import CODE, ask_for_device_code, go_on_binding, poll_binding_request, prove, verify
from bankweave_kontist.push.flow import poll, send_push
from bankweave_kontist.session import Session
from bankweave_kontist.signin.flow import after_redirect, ask_to_sign_in, begin
from bankweave_kontist.states import (
    STATES,
    AwaitingApproval,
    AwaitingBindingRequest,
    AwaitingChallenge,
    AwaitingConfirmation,
    AwaitingDeviceCode,
    AwaitingRedirect,
    CreatingDevice,
    ProvingDevice,
    State,
)
from bankweave_kontist.transfers.flow import ask_to_confirm, confirm


async def resume(session: Session, state: State, event: Event) -> Step:
    match state, event:
        case AwaitingRedirect(), Callback():
            return await after_redirect(session, state, event)
        case AwaitingRedirect(), _:
            return ask_to_sign_in(session, state)
        case ((AwaitingDeviceCode() | AwaitingConfirmation()), Answer(values)):
            return await _answer(session, state, values.get(CODE, ""))
        case AwaitingDeviceCode(), _:
            return ask_for_device_code(state)
        case AwaitingConfirmation(), _:
            return ask_to_confirm(state)
        case _:
            return await _look(session, state)


async def _answer(session: Session, state: AwaitingDeviceCode | AwaitingConfirmation, code: str) -> Step:
    if isinstance(state, AwaitingDeviceCode):
        return await verify(session, state, code)
    return await confirm(session, state, code)


async def _look(session: Session, state: State) -> Step:
    """Go on with what needs no answer of ours: the person acts elsewhere, or Kontist was not there."""
    match state:
        case AwaitingChallenge():
            return await send_push(session, state)
        case AwaitingApproval():
            return await poll(session, state)
        case AwaitingBindingRequest():
            return await poll_binding_request(session, state)
        case CreatingDevice():
            return await go_on_binding(session, state)
        case ProvingDevice():
            return await prove(session, state)
        case _:
            raise AssertionError(f"{state.kind} waits for the person")


__all__ = ["STATES", "State", "begin", "resume"]
