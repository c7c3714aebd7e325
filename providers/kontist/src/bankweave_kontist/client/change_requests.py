"""What waits for the signature of a bound device, card payments on the web among it (section 7.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from bankweave.errors import ProviderRefused
from bankweave_kontist.devices.bound import BoundDevice, bound_device, signed
from bankweave_kontist.queries.change_requests import AUTHORIZE_CHANGE, CONFIRM_CHANGE, PENDING_PAYMENT
from bankweave_kontist.records import Instant, Record
from bankweave_kontist.refusals import logical_status, origin, wrong_code
from bankweave_kontist.session import Session
from bankweave_kontist.wire import Key


class PendingPayment(Record):
    """A card payment on the web that waits for its holder (3-D Secure)."""

    name: str  # the shop
    amount: str  # as Kontist writes it: its form is undocumented
    expires_at: Instant
    approval: Annotated[Key, Field(alias="authenticateChangeRequestId", repr=False)]
    refusal: Annotated[Key, Field(alias="declineChangeRequestId", repr=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """A change request that its device may sign now."""

    id: str = field(repr=False)
    string_to_sign: str = field(repr=False)
    device: BoundDevice


class ChangeRequests:
    """Signs change requests with the device that is bound from here. Needs the scope change_request.

    Every method raises `InvalidOrder` (no_device) without a device. Confirming is never repeated by itself.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def authorize(self, change_request: str) -> Authorization:
        """Say which device will sign a change request. May be repeated; only the newest string to sign counts."""
        device = await bound_device(self._session)
        variables = {"deviceId": device.id, "changeRequestId": change_request}
        answer = (await self._session.run(AUTHORIZE_CHANGE, _Authorized, repeatable=True, **variables)).request
        return Authorization(id=change_request, string_to_sign=answer.string_to_sign, device=device)

    async def confirm(self, wanted: Authorization, code: str | None = None) -> None:
        """Confirm by the device's signature, and by a code of an SMS where one was sent.

        Raises `ProviderRefused` (wrong_code) for another signature or code, and `OutcomeUnknown` when the answer was lost.
        """
        signature = await signed(self._session, wanted.device, wanted.string_to_sign)
        token = None if code is None else code.strip()  # a wrong one destroys the request
        variables: dict[str, Any] = {"deviceId": wanted.device.id, "changeRequestId": wanted.id, "signature": signature}
        try:
            answer = await self._session.run(CONFIRM_CHANGE, _Confirmed, **variables, authorizationToken=token)
        except ProviderRefused as refusal:
            raise wrong_code(refusal) from None
        if not answer.confirmed.success:
            message = "Kontist did not take the confirmation; ask for the change again"
            raise ProviderRefused(message, origin=origin(CONFIRM_CHANGE.operation), code="not_confirmed")

    async def sign(self, change_request: str) -> None:
        """Authorize and confirm a change request, e.g. that of `pins.request`."""
        await self.confirm(await self.authorize(change_request))

    async def pending_payment(self) -> PendingPayment | None:
        """Look for a card payment that waits for its holder; None when none does.

        The schema says that there always is one (section 6.2), so a 404 in its place counts as none.
        """
        try:
            return (await self._session.account(PENDING_PAYMENT, _PendingOfAccount)).payment
        except ProviderRefused as refusal:
            if logical_status(refusal) == 404:
                return None
            raise

    async def approve(self, payment: PendingPayment) -> None:
        """Let a card payment happen. Never repeated by itself: this moves money."""
        await self.sign(payment.approval)

    async def decline(self, payment: PendingPayment) -> None:
        """Stop a card payment."""
        await self.sign(payment.refusal)


class _Signable(Record):
    string_to_sign: Annotated[str, Field(min_length=1)]


class _Authorized(Record):
    request: Annotated[_Signable, Field(alias="authorizeChangeRequest")]


class _Success(Record):
    success: bool


class _Confirmed(Record):
    confirmed: Annotated[_Success, Field(alias="confirmChangeRequest")]


class _PendingOfAccount(Record):
    payment: Annotated[PendingPayment | None, Field(alias="pendingTransactionVerification")]
