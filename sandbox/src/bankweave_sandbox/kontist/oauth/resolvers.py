"""OAuth clients that people register for themselves (providers/kontist.md section 9). They sign people in at once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from bankweave_sandbox.kontist.caller import Info, Resolvers
from bankweave_sandbox.kontist.oauth.clients import SCOPES, OAuthClient
from bankweave_sandbox.kontist.people import user_id
from bankweave_sandbox.kontist.problems import Problem


def _clients(_user: object, info: Info) -> list[dict[str, Any]]:
    owner = user_id(info.context.signed_in)
    return [_render(client) for client in info.context.services.clients.owned_by(owner)]


def _client(_user: object, info: Info, *, id: str) -> dict[str, Any] | None:  # noqa: A002
    found = _find(info, id)
    return _render(found) if found else None


def _create(_root: object, info: Info, *, client: Mapping[str, Any]) -> dict[str, Any]:
    blank = OAuthClient(str(uuid.uuid4()), "", None, frozenset(), (), owner=user_id(info.context.signed_in))
    return _keep(info, blank, client)


def _update(_root: object, info: Info, *, client: Mapping[str, Any]) -> dict[str, Any]:
    return _keep(info, _own(info, client["id"]), client)


def _delete(_root: object, info: Info, *, id: str) -> dict[str, Any]:  # noqa: A002
    deleted = _own(info, id)
    info.context.services.clients.remove(deleted.id)
    return _render(deleted)


def _keep(info: Info, known: OAuthClient, given: Mapping[str, Any]) -> dict[str, Any]:
    """Apply what was given: an absent field stays; null, undocumented, clears the secret or the redirect URI."""
    changed = known
    if given.get("name") is not None:
        changed = replace(changed, name=given["name"])
    if "secret" in given:
        changed = replace(changed, secret=given["secret"] or None)
    if "redirectUri" in given:
        changed = replace(changed, redirect_uris=_redirect_uris(given["redirectUri"]))
    if given.get("grantTypes") is not None:
        changed = replace(changed, grant_types=frozenset(grant.lower() for grant in given["grantTypes"]))
    if given.get("scopes") is not None:
        changed = replace(changed, scopes=_scopes(given["scopes"]))
    if not changed.name.strip():
        raise Problem(400, "name must not be empty")
    info.context.services.clients.put(changed)
    return _render(changed)


def _redirect_uris(uri: str | None) -> tuple[str, ...]:
    if uri is None:
        return ()
    parts = urlsplit(uri)
    if not parts.scheme or parts.fragment or (parts.scheme in {"http", "https"} and not parts.netloc):
        raise Problem(400, "redirectUri must be an absolute URI without a fragment")
    return (uri,)


def _scopes(names: list[str]) -> frozenset[str]:
    """Read scopes. Those that exist in the enum only are Kontist's own (section 5); that they are refused is a guess."""
    scopes = frozenset(name.lower() for name in names)
    internal = sorted(scopes - set(SCOPES))
    if internal:
        raise Problem(403, "Not for registered clients: " + ", ".join(internal))
    return scopes


def _find(info: Info, client_id: str) -> OAuthClient | None:
    found = info.context.services.clients.find(client_id)
    return found if found and found.owner == user_id(info.context.signed_in) else None


def _own(info: Info, client_id: str) -> OAuthClient:
    found = _find(info, client_id)
    if found is None:
        raise Problem(404, "Client not found")
    return found


def _render(client: OAuthClient) -> dict[str, Any]:
    return {
        "id": client.id,
        "name": client.name,
        "redirectUri": next(iter(client.redirect_uris), None),
        "grantTypes": sorted(grant.upper() for grant in client.grant_types),
        "scopes": sorted(scope.upper() for scope in client.scopes),
    }


RESOLVERS: Resolvers = {
    "User": {"clients": _clients, "client": _client},
    "Mutation": {"createClient": _create, "updateClient": _update, "deleteClient": _delete},
}
