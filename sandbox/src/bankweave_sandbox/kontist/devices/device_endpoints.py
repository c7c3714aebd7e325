"""Device binding over REST (providers/kontist.md section 4), and what the control origin shows and decides of it.

Only the 204 is documented; the other statuses are those that the notes recommend (13.2).
"""

from __future__ import annotations

import json

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.jsonbody import Body
from bankweave_sandbox.kontist.devices.binding_requests import BindingRequest, BindingRequests
from bankweave_sandbox.kontist.devices.device_challenges import DeviceChallenges
from bankweave_sandbox.kontist.devices.registry import Device, Devices
from bankweave_sandbox.kontist.oauth.bearers import Bearers
from bankweave_sandbox.kontist.switches import Switches


class DeviceEndpoints:
    def __init__(
        self,
        bearers: Bearers,
        devices: Devices,
        challenges: DeviceChallenges,
        requests: BindingRequests,
        switches: Switches,
    ) -> None:
        self._bearers = bearers
        self._devices = devices
        self._challenges = challenges
        self._requests = requests
        self._switches = switches

    def routes(self) -> list[Route]:
        base = "/api/user/devices"
        return [
            Route(base, self.create, methods=["POST"]),
            Route(base + "/{device}/verify", self.verify, methods=["POST"]),
            Route(base + "/{device}/challenges", self.challenge, methods=["POST"]),
            Route(base + "/{device}/challenges/{challenge}/verify", self.confirm, methods=["POST"]),
        ]

    async def create(self, request: Request) -> Response:
        person = self._bearers.person(request)
        name, key = await _texts(request, "name", "key")
        if not self._switches.device_binding_allowed:
            raise HTTPException(403, "the client has no permission to bind devices")
        self._requests.require_permission(person)
        device = self._devices.create(person, name, key)
        return self._created({"deviceId": device.id, "challengeId": device.id})

    async def verify(self, request: Request) -> Response:
        person = self._bearers.person(request)
        challenge_id, signature = await _texts(request, "challengeId", "signature")
        if challenge_id != request.path_params["device"]:
            raise HTTPException(404, "unknown challenge")
        self._requests.require_permission(person)
        self._devices.verify(person, challenge_id, signature)
        return Response(status_code=204)

    async def challenge(self, request: Request) -> Response:
        challenge = self._challenges.create(self._bearers.person(request), request.path_params["device"])
        return self._created(challenge.body())

    async def confirm(self, request: Request) -> Response:
        """Give tokens that the device has confirmed: its id is their `cnf.kid`."""
        grant, person = self._bearers.grant(request), self._bearers.person(request)
        (signature,) = await _texts(request, "signature")
        place = request.path_params
        device = self._challenges.verify(person, place["device"], place["challenge"], signature)
        return JSONResponse(self._bearers.confirm(grant, device.id), status_code=self._switches.exchanged_status)

    def _created(self, body: dict[str, str]) -> Response:
        return JSONResponse(body, status_code=self._switches.created_status)


class DeviceControls:
    """Everybody's devices, and the e-mail link that decides a binding request, over the control origin."""

    def __init__(self, devices: Devices, requests: BindingRequests) -> None:
        self._devices = devices
        self._requests = requests

    def routes(self) -> list[Route]:
        return [
            Route("/devices", self.show, methods=["GET"]),
            Route("/device-binding-requests", self.show_requests, methods=["GET"]),
            Route("/device-binding-requests/{id}", self.decide, methods=["POST"]),
        ]

    async def show(self, _request: Request) -> Response:
        return JSONResponse([_shown(device) for device in self._devices.everyones()])

    async def show_requests(self, _request: Request) -> Response:
        return JSONResponse([_shown_request(request) for request in self._requests.everyones()])

    async def decide(self, request: Request) -> Response:
        asked = self._requests.find(request.path_params["id"])
        if asked is None:
            raise HTTPException(404, "no such device binding request")
        decision = (await Body.read(request, "status")).text("status")
        if decision not in {"CONFIRMED", "REJECTED"}:
            raise HTTPException(400, "status must be CONFIRMED or REJECTED")
        if not self._requests.decide(asked, is_confirmed=decision == "CONFIRMED"):
            raise HTTPException(400, "the request is decided")
        return JSONResponse(_shown_request(asked))


def _shown(device: Device) -> dict[str, object]:
    return {
        "id": device.id,
        "person": device.person.username,
        "name": device.name,
        "key": device.key,
        "is_verified": device.is_verified,
        "has_restricted_key": device.restricted_key is not None,
    }


def _shown_request(request: BindingRequest) -> dict[str, object]:
    status = "CONFIRMED" if request.confirmed_at else "REJECTED" if request.rejected_at else "PENDING"
    return {
        "id": request.id,
        "person": request.person.username,
        "device_name": request.device_name,
        "status": status,
    }


async def _texts(request: Request, *names: str) -> list[str]:
    """Read text fields of the JSON body, all of which are needed."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    given = [body.get(name) for name in names] if isinstance(body, dict) else []
    values = [value for value in given if isinstance(value, str) and value]
    if len(values) < len(names):
        raise HTTPException(400, "expected a JSON object with " + ", ".join(names))
    return values
