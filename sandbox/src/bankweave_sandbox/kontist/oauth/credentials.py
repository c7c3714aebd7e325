"""How a client introduces itself at the token endpoint, in either form (providers/kontist.md section 2.2)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from bankweave_sandbox.kontist.oauth.clients import ClientRegistry, OAuthClient


async def read_parameters(request: Request) -> dict[str, str] | None:
    """Read a form or, as one third-party client sends it, a JSON body; None when it is neither."""
    text = (await request.body()).decode("utf-8", "replace")
    if "json" not in request.headers.get("content-type", ""):
        return dict(parse_qsl(text))
    try:
        fields = json.loads(text)
    except ValueError:
        return None
    return {k: v for k, v in fields.items() if isinstance(v, str)} if isinstance(fields, dict) else None


def authenticate_client(request: Request, parameters: Mapping[str, str], clients: ClientRegistry) -> OAuthClient | None:
    """Tell which client asks: Basic, else body parameters. A client without a secret has to send none.

    The SDK sends Basic with an empty secret for such clients, and an empty one counts as none.
    """
    client_id, secret = _basic(request) or (parameters.get("client_id", ""), parameters.get("client_secret", ""))
    client = clients.find(client_id)
    return client if client and client.has_secret(secret) else None


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client_id, secret
