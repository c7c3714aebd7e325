"""The token that a REST request carries, and the confirmed tokens that it is exchanged for."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request

from bankweave_sandbox.kontist.oauth.clients import ClientRegistry
from bankweave_sandbox.kontist.oauth.credentials import bearer_token
from bankweave_sandbox.kontist.oauth.tokens import Grant, TokenMint
from bankweave_sandbox.kontist.people import People
from bankweave_sandbox.world import Person


def require_grant(request: Request, mint: TokenMint) -> Grant:
    token = bearer_token(request)
    grant = mint.read_access(token) if token else None
    if grant is None:
        raise HTTPException(401, "a valid access token is needed", headers={"www-authenticate": "Bearer"})
    return grant


def require_person(grant: Grant, people: People) -> Person:
    person = people.by_user_id(grant.user_id)
    if person is None:
        raise HTTPException(401, "the token's user does not exist")
    return person


def confirmed_tokens(grant: Grant, kid: str, mint: TokenMint, clients: ClientRegistry) -> dict[str, str]:
    """Issue the pair that section 3 and 4 end with; the refresh token only where the client uses them."""
    confirmed = grant.confirmed_by(kid)
    tokens = {"token": mint.access(confirmed)}
    client = clients.find(confirmed.client_id)
    if client and confirmed.is_offline and "refresh_token" in client.grant_types:
        tokens["refresh_token"] = mint.refresh(confirmed)
    return tokens
