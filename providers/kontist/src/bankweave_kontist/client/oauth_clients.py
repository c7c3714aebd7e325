"""OAuth clients of the user's own (section 9). Scope clients."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field

from bankweave.errors import InvalidOrder
from bankweave_kontist.queries import oauth_clients as queries
from bankweave_kontist.records import Record
from bankweave_kontist.session import Session
from bankweave_kontist.wire import Key


def _lower(words: Any) -> Any:
    """Scopes and grant types are in upper case in GraphQL, and in lower case everywhere else (section 5)."""
    return tuple(str(word).lower() for word in words) if isinstance(words, list | tuple) else words


Words = Annotated[tuple[str, ...], BeforeValidator(_lower)]


class OAuthClient(Record):
    """An application that may ask the user for access. Its secret can be set, and never read."""

    id: Key
    name: str
    redirect_uri: str | None = None
    grant_types: Words | None = None
    scopes: Words


class Clients:
    """Registers, changes and deletes OAuth clients. Scopes and grant types are in lower case, as in settings."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def list(self) -> builtins.list[OAuthClient]:
        """List the clients that the user has registered."""
        return (await self._session.viewer(queries.LIST_CLIENTS, _Clients)).clients

    async def get(self, client: str) -> OAuthClient | None:
        """Find a client; None when there is none of that id."""
        return (await self._session.viewer(queries.ONE_CLIENT, _OneClient, id=client)).client

    async def create(
        self,
        name: str,
        *,
        scopes: Sequence[str],
        redirect_uri: str | None = None,
        secret: str | None = None,
        grant_types: Sequence[str] = ("authorization_code", "refresh_token"),
    ) -> OAuthClient:
        """Register a client; without a secret it is a public one (PKCE). Never repeated by itself: look at `list()`."""
        client = _input(name=name, scopes=scopes, redirect_uri=redirect_uri, secret=secret, grant_types=grant_types)
        return (await self._session.run(queries.CREATE_CLIENT, _ClientOf, client=client)).client

    async def update(
        self,
        client: str,
        *,
        name: str | None = None,
        scopes: Sequence[str] | None = None,
        redirect_uri: str | None = None,
        secret: str | None = None,
        grant_types: Sequence[str] | None = None,
    ) -> OAuthClient:
        """Change a client; what is not given stays. Idempotent."""
        change = _input(name=name, scopes=scopes, redirect_uri=redirect_uri, secret=secret, grant_types=grant_types)
        query = queries.UPDATE_CLIENT
        return (await self._session.run(query, _ClientOf, repeatable=True, client={"id": client, **change})).client

    async def delete(self, client: str) -> OAuthClient:
        """Delete a client, and give it as it was. Nobody signs in through it any more."""
        return (await self._session.run(queries.DELETE_CLIENT, _ClientOf, id=client)).client


def _input(
    *,
    name: str | None,
    scopes: Sequence[str] | None,
    redirect_uri: str | None,
    secret: str | None,
    grant_types: Sequence[str] | None,
) -> dict[str, object]:
    if name is not None and not name.strip():
        raise InvalidOrder("the name is empty; nothing was sent", code="name")
    fields: dict[str, object] = {
        "name": name,
        "scopes": None if scopes is None else [scope.upper() for scope in scopes],
        "redirectUri": redirect_uri,
        "secret": secret,
        "grantTypes": None if grant_types is None else [each.upper() for each in grant_types],
    }
    return {field: value for field, value in fields.items() if value is not None}


class _Clients(Record):
    clients: list[OAuthClient]


class _OneClient(Record):
    client: OAuthClient | None


class _ClientOf(Record):
    client: Annotated[OAuthClient, Field(validation_alias=AliasChoices("createClient", "updateClient", "deleteClient"))]
