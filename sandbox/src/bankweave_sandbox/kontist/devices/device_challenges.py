"""Challenges that a bound device signs for a confirmed token (providers/kontist.md section 4, steps 3 and 4)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontist.devices.registry import Device, Devices
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.world import Person


@dataclass(frozen=True, slots=True)
class DeviceChallenge:
    id: str
    device: Device
    string_to_sign: str
    expires_at: datetime

    def body(self) -> dict[str, str]:
        return {"id": self.id, "stringToSign": self.string_to_sign}


class DeviceChallenges:
    def __init__(self, clock: Clock, devices: Devices, switches: Switches) -> None:
        self._clock = clock
        self._devices = devices
        self._switches = switches
        self._open: dict[str, DeviceChallenge] = {}

    def create(self, person: Person, device_id: str) -> DeviceChallenge:
        """Make a challenge for a bound device; one that is not verified yet is refused, as upstream."""
        if self._devices.is_waiting(person, device_id):
            raise Problem(400, "The device is not verified")
        device = self._devices.own(person, device_id)
        expires_at = self._clock.now() + timedelta(seconds=self._switches.device_challenge_seconds)
        challenge = DeviceChallenge(str(uuid.uuid4()), device, str(uuid.uuid4()), expires_at)
        self._open[challenge.id] = challenge
        return challenge

    def verify(self, person: Person, device_id: str, challenge_id: str, signature: str) -> Device:
        """Take the signature; the challenge is used up by the right one, as upstream."""
        device = self._devices.own(person, device_id)
        challenge = self._open.get(challenge_id)
        if challenge is None or challenge.device is not device or challenge.expires_at <= self._clock.now():
            raise Problem(404, "Unknown or expired challenge")
        if not self._devices.is_signed(device, challenge.string_to_sign, signature):
            raise Problem(403, "Invalid signature")
        self._open.pop(challenge_id)
        return device
