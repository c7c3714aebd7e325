"""Browser sessions of the hosted page: who is signed in, whether by push, and what they have allowed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from bankweave_sandbox.kontist.devices.push_challenges import PushChallenge
from bankweave_sandbox.world import Person

_COOKIE = "kontist.sid"
_PATH = "/api/oauth"


@dataclass(slots=True)
class Session:
    person: Person
    has_mfa: bool = False
    challenge: PushChallenge | None = None
    consents: set[tuple[str, frozenset[str]]] = field(default_factory=set)  # client id and scopes (section 2.5)

    def remembers(self, client_id: str, scopes: tuple[str, ...]) -> bool:
        return any(known == client_id and set(scopes) <= allowed for known, allowed in self.consents)


class Sessions:
    def __init__(self) -> None:
        self._open: dict[str, Session] = {}

    def of(self, request: Request) -> Session | None:
        return self._open.get(request.cookies.get(_COOKIE, ""))

    def start(self, person: Person) -> tuple[str, Session]:
        """Open a session under a new id: an id from before the login is never carried over."""
        key = secrets.token_urlsafe(24)
        self._open[key] = Session(person)
        return key, self._open[key]

    def end(self, request: Request, response: Response) -> None:
        self._open.pop(request.cookies.get(_COOKIE, ""), None)
        response.delete_cookie(_COOKIE, path=_PATH)


def remember(response: Response, key: str) -> None:
    """Set a cookie without an age: the session ends with the browser (section 2.5)."""
    response.set_cookie(_COOKIE, key, path=_PATH, httponly=True, samesite="lax")
