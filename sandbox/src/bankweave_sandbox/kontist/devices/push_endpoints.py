"""The push challenges over REST, and the phone at the control origin (providers/kontist.md section 3)."""

from __future__ import annotations

import json

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.kontist.devices.push_challenges import PushChallenge, PushChallenges, Status
from bankweave_sandbox.kontist.devices.registry import Devices
from bankweave_sandbox.kontist.oauth.bearers import Bearers
from bankweave_sandbox.kontist.oauth.clients import ClientRegistry
from bankweave_sandbox.kontist.oauth.tokens import Grant
from bankweave_sandbox.kontist.people import phone_id, user_id
from bankweave_sandbox.kontist.switches import Switches

_DECISIONS: dict[str, Status] = {"VERIFIED": "VERIFIED", "DENIED": "DENIED"}


class PushEndpoints:
    def __init__(self, bearers: Bearers, challenges: PushChallenges, devices: Devices, switches: Switches) -> None:
        self._bearers = bearers
        self._challenges = challenges
        self._devices = devices
        self._switches = switches

    def routes(self) -> list[Route]:
        base = "/api/user/mfa/challenges"
        return [
            Route(base, self.create, methods=["POST"]),
            Route(base, self.list_pending, methods=["GET"]),
            Route(base + "/{id}", self.show, methods=["GET"]),
            Route(base + "/{id}", self.decide, methods=["PATCH"]),
            Route(base + "/{id}/token", self.exchange, methods=["POST"]),
        ]

    async def create(self, request: Request) -> Response:
        challenge = self._challenges.push(self._bearers.person(request), self._bearers.grant(request))
        return JSONResponse(challenge.body(), status_code=self._switches.created_status)

    async def list_pending(self, request: Request) -> Response:
        grant = self._bearers.grant(request)
        shown = [c.body() for c in self._challenges.pending() if user_id(c.person) == grant.user_id]
        return JSONResponse(shown)

    async def show(self, request: Request) -> Response:
        return JSONResponse(self._challenge(request, self._bearers.grant(request)).body())

    async def decide(self, request: Request) -> Response:
        grant = self._bearers.grant(request)
        self._require_device(grant)
        challenge = self._challenges.find(request.path_params["id"])
        if challenge is None or user_id(challenge.person) != grant.user_id:
            raise HTTPException(404, "no such challenge")
        if not self._challenges.decide(challenge, await _decision(request)):
            raise HTTPException(400, "the challenge is decided or expired")
        return Response(status_code=204)

    async def exchange(self, request: Request) -> Response:
        """Give the confirmed tokens, once. The refusals' statuses are undocumented."""
        challenge = self._challenge(request, self._bearers.grant(request))
        if self._challenges.is_expired(challenge):
            raise HTTPException(404, "the challenge has expired")
        if challenge.status != "VERIFIED" or challenge.grant is None:
            raise HTTPException(403, "the challenge is not verified")
        if challenge.is_exchanged:
            raise HTTPException(403, "the challenge was exchanged before")
        challenge.is_exchanged = True
        kid = phone_id(challenge.person)
        tokens = self._bearers.confirm(challenge.grant, kid)
        return JSONResponse(tokens, status_code=self._switches.exchanged_status)

    def _challenge(self, request: Request, grant: Grant) -> PushChallenge:
        challenge = self._challenges.of_user(grant.user_id, request.path_params["id"])
        if challenge is None:
            raise HTTPException(404, "no such challenge")
        return challenge

    def _require_device(self, grant: Grant) -> None:
        needs_device = self._switches.patch_needs_device
        is_allowed = self._devices.is_bound(grant.kid) if needs_device else grant.is_confirmed
        if not is_allowed:
            raise HTTPException(403, "only a token confirmed by device binding may decide a challenge")


class Phone:
    """The app on everybody's phone, played over the control origin."""

    def __init__(self, challenges: PushChallenges, clients: ClientRegistry) -> None:
        self._challenges = challenges
        self._clients = clients

    def routes(self) -> list[Route]:
        return [
            Route("/challenges", self.list_pending, methods=["GET"]),
            Route("/challenges/{id}", self.decide, methods=["POST"]),
        ]

    async def list_pending(self, _request: Request) -> Response:
        return JSONResponse([self._on_phone(c) for c in self._challenges.pending()])

    async def decide(self, request: Request) -> Response:
        challenge = self._challenges.find(request.path_params["id"])
        if challenge is None:
            raise HTTPException(404, "no such challenge")
        if not self._challenges.decide(challenge, await _decision(request)):
            raise HTTPException(400, "the challenge is decided or expired")
        return JSONResponse(self._on_phone(challenge))

    def _on_phone(self, challenge: PushChallenge) -> dict[str, str]:
        return challenge.body() | {"person": challenge.person.username, "asked_by": self._asker(challenge)}

    def _asker(self, challenge: PushChallenge) -> str:
        if challenge.grant is None:
            return "login page"
        client = self._clients.find(challenge.grant.client_id)
        return client.name if client else "a deleted client"


async def _decision(request: Request) -> Status:
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    status = _DECISIONS.get(str(body.get("status"))) if isinstance(body, dict) else None
    if status is None:
        raise HTTPException(400, 'expected {"status": "VERIFIED"} or {"status": "DENIED"}')
    return status
