"""The OAuth clients that are registered with the sandbox's Kontist."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

CUSTOM_SCHEME_REDIRECT = "bankweave-app://callback"
# What the public client registration offers, and `change_request`, which the SDK's tests use (section 5).
SCOPES = (
    "accounts",
    "users",
    "transactions",
    "transfers",
    "subscriptions",
    "statements",
    "clients",
    "change_request",
    "offline",
)
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class OAuthClient:
    id: str
    name: str
    secret: str | None = field(repr=False)
    grant_types: frozenset[str]
    redirect_uris: tuple[str, ...]
    scopes: frozenset[str] = frozenset(SCOPES)
    owner: str | None = None  # the user id of whoever registered it; None: it came with the sandbox

    def has_secret(self, secret: str) -> bool:
        return hmac.compare_digest((self.secret or "").encode(), secret.encode())

    def accepts_redirect(self, uri: str, extra: str) -> bool:
        """Allow what is registered; the sandbox's own clients also its redirect URL, and loopback for development.

        A client that somebody registered is bound to its URI, as section 2.1 has it.
        """
        if self.owner is not None:
            return uri in self.redirect_uris
        return uri in {*self.redirect_uris, extra} or _is_loopback(uri)

    def may_ask_for(self, scopes: Sequence[str]) -> bool:
        return bool(scopes) and set(scopes) <= self.scopes


# Registered clients get AUTHORIZATION_CODE and REFRESH_TOKEN; the SDK's tutorial uses the password grant with such a
# client as well (section 2.2).
CONFIDENTIAL = OAuthClient(
    id="5a3b1c0e-7d42-4e0b-9a55-0f6c1e2d7b10",
    name="Bankweave",
    secret="sandbox-kontist-secret-7d1f0c",
    grant_types=frozenset({"authorization_code", "refresh_token", "password"}),
    redirect_uris=("https://app.example/callback",),
)
PUBLIC = OAuthClient(
    id="c0de9f7a-2b61-4d8e-8f13-64a9b7e05c22",
    name="Bankweave desktop",
    secret=None,
    grant_types=frozenset({"authorization_code", "refresh_token"}),
    redirect_uris=("https://app.example/callback", CUSTOM_SCHEME_REDIRECT),
)
# The documents' example of the password grant has no secret: for clients with extended settings (section 2.2).
PASSWORD_ONLY = OAuthClient(
    id="e7f4a1d2-90b6-4c3e-b5a8-3d2c6f1b8a44",
    name="Bankweave command line",
    secret=None,
    grant_types=frozenset({"password", "refresh_token"}),
    redirect_uris=(),
)
CLIENTS = {client.id: client for client in (CONFIDENTIAL, PUBLIC, PASSWORD_ONLY)}


class ClientRegistry:
    """The clients that came with the sandbox, and those that people registered with `createClient` (section 9)."""

    def __init__(self) -> None:
        self._clients = dict(CLIENTS)

    def find(self, client_id: str) -> OAuthClient | None:
        return self._clients.get(client_id)

    def owned_by(self, user_id: str) -> list[OAuthClient]:
        return [client for client in self._clients.values() if client.owner == user_id]

    def put(self, client: OAuthClient) -> None:
        self._clients[client.id] = client

    def remove(self, client_id: str) -> None:
        """Forget a client: it can sign nobody in and refresh nothing. Its access tokens live out (undocumented)."""
        self._clients.pop(client_id, None)


def uses_custom_scheme(uri: str) -> bool:
    return urlsplit(uri).scheme not in {"http", "https"}


def _is_loopback(uri: str) -> bool:
    parts = urlsplit(uri)
    return parts.scheme == "http" and parts.hostname in _LOOPBACK and not parts.fragment
