"""What an application asks for at the authorize endpoint, checked (providers/kontist.md section 2.1)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from bankweave_sandbox.kontist.oauth.clients import ClientRegistry, OAuthClient

_S256 = re.compile(r"[A-Za-z0-9_-]{43}")


class UntrustedRequest(Exception):
    """The client or the address to answer to is unknown: the person is told, nobody is redirected."""


@dataclass(frozen=True, slots=True)
class Asked:
    client: OAuthClient
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    code_challenge: str | None
    skips_mfa: bool
    is_silent: bool
    wants_message: bool
    error: str | None  # the type of the error to answer with at once

    def callback(self, parameters: Mapping[str, str]) -> str:
        parts = urlsplit(self.redirect_uri)
        query = "&".join(filter(None, (parts.query, urlencode(parameters))))
        return urlunsplit(parts._replace(query=query))

    def success(self, code: str) -> dict[str, str]:
        return {"code": code} | self._state()

    def refusal(self, error_type: str) -> dict[str, str]:
        """Kontist answers a JSON object here, not RFC 6749's word. Only AccessDeniedError is documented."""
        return self._state() | {"error": json.dumps({"type": error_type}, separators=(",", ":"))}

    def _state(self) -> dict[str, str]:
        return {} if self.state is None else {"state": self.state}


def read_request(query: Mapping[str, str], clients: ClientRegistry, extra_redirect: str) -> Asked:
    """Check an authorization request; raise `UntrustedRequest` when there is nobody safe to answer to."""
    client = clients.find(query.get("client_id", ""))
    if client is None:
        raise UntrustedRequest("No application is registered under this client_id.")
    redirect_uri = query.get("redirect_uri", "")
    if not client.accepts_redirect(redirect_uri, extra_redirect):
        raise UntrustedRequest("This redirect_uri is not registered for the application.")
    return Asked(
        client=client,
        redirect_uri=redirect_uri,
        scopes=tuple(dict.fromkeys(query.get("scope", "").split())),
        state=query.get("state"),
        code_challenge=query.get("code_challenge"),
        skips_mfa=query.get("skip_mfa") == "true",
        is_silent=query.get("prompt") == "none",
        wants_message=query.get("response_mode") == "web_message",
        error=_find_error(client, query),
    )


def _find_error(client: OAuthClient, query: Mapping[str, str]) -> str | None:
    """Name what is wrong. How Kontist words these is undocumented; they are built like its AccessDeniedError."""
    if query.get("response_type") != "code":
        return "UnsupportedResponseTypeError"
    if "authorization_code" not in client.grant_types:
        return "UnauthorizedClientError"
    if not client.may_ask_for(query.get("scope", "").split()):
        return "InvalidScopeError"
    return None if _is_pkce_sound(client, query) else "InvalidRequestError"


def _is_pkce_sound(client: OAuthClient, query: Mapping[str, str]) -> bool:
    challenge = query.get("code_challenge")
    if challenge is None:
        return client.secret is not None
    return query.get("code_challenge_method") == "S256" and _S256.fullmatch(challenge) is not None
