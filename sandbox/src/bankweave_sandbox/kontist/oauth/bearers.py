"""Who is behind the bearer token of a REST request, and the confirmed tokens that it is exchanged for."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request

from bankweave_sandbox.kontist.oauth.clients import ClientRegistry
from bankweave_sandbox.kontist.oauth.tokens import Grant, TokenMint
from bankweave_sandbox.kontist.people import People
from bankweave_sandbox.world import Person


class Bearers:
    def __init__(self, mint: TokenMint, people: People, clients: ClientRegistry) -> None:
        self._mint = mint
        self._people = people
        self._clients = clients

    def grant(self, request: Request) -> Grant:
        """Read the request's access token, or raise a 401."""
        token = bearer_token(request)
        grant = self._mint.read_access(token) if token else None
        if grant is None:
            raise HTTPException(401, "a valid access token is needed", headers={"www-authenticate": "Bearer"})
        return grant

    def person(self, request: Request) -> Person:
        """Find whose access token the request carries, or raise a 401."""
        person = self._people.by_user_id(self.grant(request).user_id)
        if person is None:
            raise HTTPException(401, "the token's user does not exist")
        return person

    def confirm(self, grant: Grant, kid: str) -> dict[str, str]:
        """Issue the pair that sections 3 and 4 end with; the refresh token only where the client uses them."""
        confirmed = grant.confirmed_by(kid)
        tokens = {"token": self._mint.access(confirmed)}
        client = self._clients.find(confirmed.client_id)
        if client and confirmed.is_offline and "refresh_token" in client.grant_types:
            tokens["refresh_token"] = self._mint.refresh(confirmed)
        return tokens


def bearer_token(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
