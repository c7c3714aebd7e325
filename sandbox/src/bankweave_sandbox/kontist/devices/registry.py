"""The devices that are bound to people: a name, a public key, proof that the key is theirs (section 4)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontist.devices.signatures import is_signed_by, read_device_key
from bankweave_sandbox.kontist.devices.sms import TextMessages
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.world import Person

MOST_DEVICES = 5  # "max five devices per customer", upstream


@dataclass(slots=True)
class Device:
    """One device; the id is also the id of the challenge that binds it, as in every sample (section 4)."""

    id: str
    person: Person
    name: str
    key: str  # hex of the uncompressed point
    created_at: datetime
    code: str | None = field(repr=False)  # the OTP to sign; None: verified
    expires_at: datetime  # of the OTP
    restricted_key: str | None = None  # guarded by biometry on the phone

    @property
    def is_verified(self) -> bool:
        return self.code is None


class Devices:
    def __init__(self, clock: Clock, messages: TextMessages, switches: Switches) -> None:
        self._clock = clock
        self._messages = messages
        self._switches = switches
        self._all: dict[str, Device] = {}
        self.removed: set[str] = set()  # ids of devices that were bound once

    def create(self, person: Person, name: str, key: str) -> Device:
        """Register a device and send the OTP that its key has to sign."""
        if not name.strip() or read_device_key(key) is None:
            raise Problem(400, "name and key are needed; key is the hex of an uncompressed point on P-256")
        if not person.mobile:
            raise Problem(400, "A verified mobile number is needed")
        if len(self.bound(person)) >= MOST_DEVICES:
            raise Problem(400, "At most five devices can be bound")
        now = self._clock.now()
        code = self._messages.send(person, f"binding of the device {name}")
        expires_at = now + timedelta(seconds=self._switches.device_challenge_seconds)
        device = Device(str(uuid.uuid4()), person, name, key.lower(), now, code, expires_at)
        self._all[device.id] = device
        return device

    def verify(self, person: Person, device_id: str, signature: str) -> Device:
        """Finish the binding with the signed OTP; the statuses are those that the notes recommend (13.2)."""
        device = self._all.get(device_id)
        if device is None or device.person.id != person.id or device.code is None:
            raise Problem(404, "Unknown device or challenge")
        if device.expires_at <= self._clock.now():
            self._all.pop(device_id)
            raise Problem(404, "The challenge has expired")
        if not self._holds(device.key, device.code, signature):
            raise Problem(403, "Invalid signature")
        if len(self.bound(person)) >= MOST_DEVICES:
            raise Problem(400, "At most five devices can be bound")
        device.code = None
        return device

    def is_bound(self, device_id: str | None) -> bool:
        device = self._all.get(device_id or "")
        return device is not None and device.is_verified

    def bound(self, person: Person) -> list[Device]:
        return [d for d in self._all.values() if d.is_verified and d.person.id == person.id]

    def everyones(self) -> list[Device]:
        """List all devices, those that wait for their signature as well."""
        return list(self._all.values())

    def find(self, person: Person, device_id: str) -> Device | None:
        """Find a bound device of the person; another's is as unknown as none."""
        return next((d for d in self.bound(person) if d.id == device_id), None)

    def own(self, person: Person, device_id: str | None) -> Device:
        """Find a bound device or raise a 404 problem."""
        device = self.find(person, device_id or "")
        if device is None:
            raise Problem(404, "Unknown device")
        return device

    def is_waiting(self, person: Person, device_id: str) -> bool:
        """Tell whether the device is known but has not signed its OTP yet."""
        device = self._all.get(device_id)
        return device is not None and device.person.id == person.id and not device.is_verified

    def remove(self, person: Person, device_id: str) -> bool:
        """Unbind a device; False when the person has no such one."""
        if self.find(person, device_id) is None:
            return False
        del self._all[device_id]
        self.removed.add(device_id)
        return True

    def is_signed(self, device: Device, text: str, signature: str) -> bool:
        """Tell whether one of the device's keys has signed the UTF-8 bytes of `text`."""
        keys = [device.key, *([device.restricted_key] if device.restricted_key else [])]
        return any(self._holds(key, text, signature) for key in keys)

    def add_restricted_key(self, device: Device, key: str, signature: str) -> None:
        """Add a biometry-protected key. What is signed is undocumented: the new key, with the first one."""
        if read_device_key(key) is None:
            raise Problem(400, "key must be the hex of an uncompressed point on P-256")
        if not self._holds(device.key, key, signature):
            raise Problem(403, "Invalid signature")
        device.restricted_key = key.lower()

    def _holds(self, key: str, text: str, signature: str) -> bool:
        return is_signed_by(key, text, signature, accept_p1363=self._switches.accept_p1363_signatures)
