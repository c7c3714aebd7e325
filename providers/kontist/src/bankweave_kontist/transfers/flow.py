"""Paying, as steps of a flow (section 7).

    order --> AwaitingConfirmation --code, or the signature of a bound device--> Done

An order that needs no confirmation, the cancelling of a timed order, is done at once. One wrong code ends the flow.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, ValidationError

from bankweave.errors import ConfigurationError, ProviderRefused
from bankweave.flow import (
    Ask,
    CancelTransfer,
    Challenge,
    ChallengeKind,
    Done,
    Failed,
    Field,
    Pay,
    PaymentIntent,
    Reason,
    Step,
)
from bankweave.payment import TransferKind
from bankweave_kontist.devices.flow import CODE
from bankweave_kontist.queries.transfers import PAYING_ACCOUNT
from bankweave_kontist.session import Session
from bankweave_kontist.states import AwaitingConfirmation
from bankweave_kontist.transfers.confirmation import Confirmation
from bankweave_kontist.transfers.confirming import confirm as confirm_request
from bankweave_kontist.transfers.confirming import is_code
from bankweave_kontist.transfers.mapping import neutral_transfer
from bankweave_kontist.transfers.ordering import ConfirmBy, cancel, confirming_device, create, create_many
from bankweave_kontist.transfers.orders import identified, invalid
from bankweave_kontist.transfers.reader import not_the_account
from bankweave_kontist.transfers.wire import KontistTransfer, PayingAccount

_REASONS: Mapping[str | None, Reason] = {"wrong_code": Reason.WRONG_ANSWER, "request_expired": Reason.EXPIRED}


class PaymentOptions(BaseModel):
    """Options of one payment flow."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    confirm_by: ConfirmBy | None = None


async def begin_payment(session: Session, intent: PaymentIntent) -> Step:
    """Have the orders taken down, or a transfer cancelled. Raises what the order itself is to blame for."""
    options = _read_options(intent.options)
    await _check_account(session, intent.account)
    match intent:
        case Pay():
            return ask_to_confirm(
                AwaitingConfirmation(account=intent.account, request=await _order(session, intent, options))
            )
        case CancelTransfer():
            return await _cancel(session, intent, options)


async def _order(session: Session, intent: Pay, options: PaymentOptions) -> Confirmation:
    orders = tuple(identified(order, session.ctx.secret()) for order in intent.orders)
    if len(orders) == 1:
        return await create(session, orders[0], await confirming_device(session, options.confirm_by))
    if options.confirm_by == "device":
        raise invalid("orders", "are a batch, which Kontist lets be confirmed by SMS only")
    return await create_many(session, orders)


async def _cancel(session: Session, intent: CancelTransfer, options: PaymentOptions) -> Step:
    device = (
        await confirming_device(session, options.confirm_by) if intent.kind is TransferKind.STANDING_ORDER else None
    )
    found = await cancel(session, intent.transfer, intent.kind, device)
    if isinstance(found, KontistTransfer):
        return Done(transfers=(neutral_transfer(found, intent.account, intent.kind),))
    return ask_to_confirm(AwaitingConfirmation(account=intent.account, request=found))


async def _check_account(session: Session, account: str) -> None:
    """Kontist is not told which account pays: it is always the main one."""
    found = await session.account(PAYING_ACCOUNT, PayingAccount)
    if found.public_id != account:
        raise not_the_account()


def _read_options(given: Mapping[str, str]) -> PaymentOptions:
    try:
        return PaymentOptions.model_validate(dict(given))
    except ValidationError:
        message = "kontist cannot use these options of a payment; there is confirm_by ('sms' or 'device')"
        raise ConfigurationError(message) from None


# Confirming -----------------------------------------------------------------------------------------------------------


def ask_to_confirm(state: AwaitingConfirmation) -> Ask[AwaitingConfirmation]:
    request = state.request
    if request.device is not None:
        challenge = Challenge(
            kind=ChallengeKind.DEVICE_SIGNATURE,
            message=f"Confirm by the signature of the device {request.device.name}",
            expires_at=request.expires_at,
            attempts_left=1,
        )
    else:
        challenge = Challenge(
            kind=ChallengeKind.OTP,
            message="Enter the code from the SMS that Kontist sent; a wrong one destroys the order",
            fields=(Field(name=CODE, label="Code from the SMS"),),
            expires_at=request.expires_at,
            attempts_left=1,
        )
    return Ask(state=state, interaction=challenge, expires_at=request.expires_at)


async def confirm(session: Session, state: AwaitingConfirmation, code: str) -> Step:
    """Confirm, once. What cannot be a code is asked for again: Kontist has not seen it."""
    if state.request.device is None and not is_code(code):
        return ask_to_confirm(state)
    try:
        rows = await confirm_request(session, state.request, code, asked_before=False)  # the core asks once
    except ProviderRefused as refusal:
        reason = _REASONS.get(refusal.code)
        if reason is None:
            raise
        return Failed(reason=reason, message=str(refusal), provider_code=refusal.code)
    return Done(transfers=tuple(neutral_transfer(row, state.account, state.request.kind) for row in rows))
