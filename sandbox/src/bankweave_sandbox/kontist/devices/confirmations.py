"""What waits for a person's confirmation, by SMS code or by a device's signature (providers/kontist.md sections 4, 7).

One mechanism for transfers, PIN changes, refunds and change requests: it knows nothing of what is executed.
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontist.devices.registry import Devices
from bankweave_sandbox.kontist.devices.sms import TextMessages
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.world import Person

CHANGE_REQUEST = "change-request"  # the kind that `confirmChangeRequest` takes (section 7.4)
Delivery: TypeAlias = Literal["MOBILE_NUMBER", "DEVICE_SIGNING"]


@dataclass(slots=True)
class PendingRequest:
    """One request. It is confirmed at most once: whatever comes of it, it is gone afterwards."""

    id: str
    person: Person
    kind: str  # which confirm call takes it: "transfer", "card-pin", "change-request" ...
    purpose: str  # what the SMS is about, in plain words
    execute: Callable[[], Any] = field(repr=False)
    expires_at: datetime
    code: str | None = field(default=None, repr=False)  # sent by SMS
    device_id: str | None = None
    string_to_sign: str | None = None

    def body(self) -> dict[str, str | None]:
        """Render the `ConfirmationRequest`."""
        return {"confirmationId": self.id, "stringToSign": self.string_to_sign}


class Confirmations:
    def __init__(self, clock: Clock, messages: TextMessages, devices: Devices, switches: Switches) -> None:
        self._clock = clock
        self._messages = messages
        self._devices = devices
        self._switches = switches
        self._open: dict[str, PendingRequest] = {}

    def ask(
        self,
        person: Person,
        kind: str,
        purpose: str,
        execute: Callable[[], Any],
        *,
        delivery: Delivery | None = None,
        device_id: str | None = None,
        id_prefix: str = "",
    ) -> PendingRequest:
        """Open a request and deliver it: by SMS unless device signing is asked for (section 7.1)."""
        if delivery is None and device_id and self._switches.device_id_means_signing:
            delivery = "DEVICE_SIGNING"
        if delivery == "DEVICE_SIGNING":
            self._devices.own(person, device_id)  # before anything is stored
        request = self.open(person, kind, purpose, execute, id_prefix=id_prefix)
        if delivery == "DEVICE_SIGNING":
            return self.deliver_to_device(request, device_id)
        return self.deliver_by_sms(request)

    def open(
        self, person: Person, kind: str, purpose: str, execute: Callable[[], Any], *, id_prefix: str = ""
    ) -> PendingRequest:
        """Store a request that is delivered later: a change request whose device is named when it is authorized."""
        expires_at = self._clock.now() + timedelta(seconds=self._switches.confirmation_seconds)
        request = PendingRequest(f"{id_prefix}{uuid.uuid4()}", person, kind, purpose, execute, expires_at)
        self._open[request.id] = request
        return request

    def deliver_by_sms(self, request: PendingRequest) -> PendingRequest:
        request.code = self._messages.send(request.person, request.purpose)
        return request

    def deliver_to_device(self, request: PendingRequest, device_id: str | None) -> PendingRequest:
        """Name the device that has to sign, and the string."""
        request.device_id = self._devices.own(request.person, device_id).id
        request.string_to_sign = str(uuid.uuid4())
        return request

    def find(self, person: Person, request_id: str, kind: str | None = None) -> PendingRequest:
        """Find what still waits, or raise a problem: 422 upstream for an unknown request, 403 for an expired one."""
        request = self._open.get(request_id)
        if request is None or request.person.id != person.id or kind not in {None, request.kind}:
            raise Problem(self._switches.unknown_confirmation_status, "Unknown confirmation request")
        if request.expires_at <= self._clock.now():
            self._open.pop(request_id)
            raise Problem(403, "The confirmation request has expired")
        return request

    def confirm(
        self,
        person: Person,
        request_id: str,
        kind: str | None = None,
        *,
        token: str | None = None,
        device_id: str | None = None,
        signature: str | None = None,
    ) -> Any:
        """Execute the request when the code or the signature is right, and return what it gives."""
        request = self.find(person, request_id, kind)
        if token is None and signature is None:
            raise Problem(400, "authorizationToken, or deviceId and signature, are needed")
        is_right = (
            self._is_code(request, token) if signature is None else self._is_signed(request, device_id, signature)
        )
        if not is_right:
            self._refuse(request, "Invalid TAN" if signature is None else "Invalid signature")
        self._open.pop(request.id)
        return request.execute()

    def discard(self, request_id: str) -> None:
        """Forget a request, if it is still open."""
        self._open.pop(request_id, None)

    def open_requests(self, person: Person, kind: str | None = None) -> list[PendingRequest]:
        """List what waits for the person, oldest first."""
        now = self._clock.now()
        mine = [r for r in self._open.values() if r.person.id == person.id and r.expires_at > now]
        return [r for r in mine if kind in {None, r.kind}]

    def _is_code(self, request: PendingRequest, token: str | None) -> bool:
        if request.code is None or token is None:
            return False
        return hmac.compare_digest(request.code.encode(), token.encode())

    def _is_signed(self, request: PendingRequest, device_id: str | None, signature: str) -> bool:
        if request.string_to_sign is None or device_id != request.device_id:
            return False
        device = self._devices.find(request.person, device_id or "")
        return device is not None and self._devices.is_signed(device, request.string_to_sign, signature)

    def _refuse(self, request: PendingRequest, message: str) -> None:
        if self._switches.wrong_tan_destroys:
            self._open.pop(request.id)
        raise Problem(403, message)
