"""Direct debits given back (section 6.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from bankweave.errors import InvalidOrder, ProviderRefused
from bankweave_kontist.client.success import Success
from bankweave_kontist.devices.bound import BoundDevice, bound_device, signed
from bankweave_kontist.queries.direct_debits import CONFIRM_REFUND, REQUEST_REFUND
from bankweave_kontist.records import Record
from bankweave_kontist.refusals import wrong_code
from bankweave_kontist.session import Session
from bankweave_kontist.wire import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """A refund that waits for the device's signature or, without a string to sign, for the code of an SMS."""

    id: str = field(repr=False)
    transaction: str
    device: BoundDevice
    string_to_sign: str | None = field(default=None, repr=False)


class DirectDebits:
    """Has direct debits given back. Nothing is executed before it is confirmed, and nothing is repeated by itself.

    Kontist's way without a confirmation (`refundDirectDebit`) is left out: it would move money on one lost answer.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def request(self, transaction: str, *, by_sms: bool = False) -> RefundRequest:
        """Ask for a direct debit (transaction id) back. Raises `InvalidOrder` (no_device) without a bound device.

        Raises `ProviderRefused` for what is no direct debit, too old, or given back before.
        """
        device = await bound_device(self._session)
        method = "MOBILE_NUMBER" if by_sms else "DEVICE_SIGNING"
        answer = await self._session.run(
            REQUEST_REFUND, _Requested, transactionId=transaction, deviceId=device.id, deliveryMethod=method
        )
        asked = answer.request
        return RefundRequest(
            id=asked.change_request_id, transaction=transaction, device=device, string_to_sign=asked.string_to_sign
        )

    async def confirm(self, wanted: RefundRequest, code: str | None = None) -> None:
        """Have it given back: by the device's signature, or by the code of the SMS.

        Raises `ProviderRefused` (wrong_code) for another code, and `OutcomeUnknown` when the answer was lost: look whether
        the money is there before you ask again.
        """
        if wanted.string_to_sign is None and not (code and code.strip()):
            raise InvalidOrder("the code of the SMS is missing; nothing was sent", code="code")
        text = wanted.string_to_sign
        proof = None if text is None else await signed(self._session, wanted.device, text)
        token = None if code is None else code.strip()
        try:
            answer = await self._session.run(
                CONFIRM_REFUND,
                Success,
                changeRequestId=wanted.id,
                deviceId=wanted.device.id,
                signature=proof,
                token=token,
            )
        except ProviderRefused as refusal:
            raise wrong_code(refusal) from None
        answer.check(CONFIRM_REFUND)


class _Request(Record):
    change_request_id: Key
    string_to_sign: str | None = None


class _Requested(Record):
    request: Annotated[_Request, Field(alias="initDirectDebitRefund")]
