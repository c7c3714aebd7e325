"""Asking for permission to bind a device: the precondition since December 2023 (providers/kontist.md section 4, step 0)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontist.devices.registry import Devices
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.world import Person

_LOOPBACK = "127.0.0.1"  # where the sandbox listens, hence where every request comes from


@dataclass(slots=True)
class BindingRequest:
    id: str
    person: Person
    device_name: str
    device_id: str | None
    created_at: datetime
    confirmed_at: datetime | None = None
    rejected_at: datetime | None = None

    @property
    def is_decided(self) -> bool:
        return self.confirmed_at is not None or self.rejected_at is not None

    def body(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "deviceName": self.device_name,
            "deviceId": self.device_id,
            "address": self.person.address,
            "ipAddress": _LOOPBACK,
            "createdAt": self.created_at,
            "confirmedAt": self.confirmed_at,
            "rejectedAt": self.rejected_at,
        }


class BindingRequests:
    def __init__(self, clock: Clock, devices: Devices, switches: Switches) -> None:
        self._clock = clock
        self._devices = devices
        self._switches = switches
        self._all: dict[str, BindingRequest] = {}

    def create(self, person: Person, device_name: str, device_id: str | None) -> BindingRequest:
        request = BindingRequest(str(uuid.uuid4()), person, device_name, device_id, self._clock.now())
        self._all[request.id] = request
        return request

    def find(self, request_id: str) -> BindingRequest | None:
        return self._all.get(request_id)

    def of(self, person: Person, request_id: str) -> BindingRequest | None:
        request = self._all.get(request_id)
        return request if request and request.person.id == person.id else None

    def everyones(self) -> list[BindingRequest]:
        return list(self._all.values())

    def decide_on_device(self, person: Person, kid: str | None, request_id: str, *, is_confirmed: bool) -> bool:
        """Decide from another bound device: its token's `cnf.kid` tells which one asks."""
        if not self._devices.is_bound(kid):
            raise Problem(403, "Only a bound device may decide")
        request = self.of(person, request_id)
        if request is None:
            raise Problem(404, "Unknown device binding request")
        return self.decide(request, is_confirmed=is_confirmed)

    def decide(self, request: BindingRequest, *, is_confirmed: bool) -> bool:
        """Confirm or reject; False when that has happened before."""
        if request.is_decided:
            return False
        now = self._clock.now()
        request.confirmed_at, request.rejected_at = (now, None) if is_confirmed else (None, now)
        return True

    def require_permission(self, person: Person) -> None:
        """Raise a 403 problem unless a device may be created and verified now: three minutes from the confirmation."""
        if not self._switches.device_binding_needs_request:
            return
        window = timedelta(seconds=self._switches.device_binding_seconds)
        confirmed = [r.confirmed_at for r in self._all.values() if r.person.id == person.id and r.confirmed_at]
        if not any(at + window > self._clock.now() for at in confirmed):
            raise Problem(403, "A confirmed device binding request is needed")
