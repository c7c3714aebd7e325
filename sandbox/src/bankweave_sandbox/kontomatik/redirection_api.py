"""Fetch redirection and redirection status: the two JSON endpoints (providers/kontomatik.md section 3)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.kontomatik.catalog import ACCESS_MODES, AccessMode, Target
from bankweave_sandbox.kontomatik.desk import Desk
from bankweave_sandbox.kontomatik.endpoint import json_route
from bankweave_sandbox.kontomatik.guard import required
from bankweave_sandbox.kontomatik.redirections import Order
from bankweave_sandbox.kontomatik.refusals import invalid_parameter, invalid_target, missing_parameter

_NOT_FOR_BROWSERS = frozenset({"javascript", "data", "file", "vbscript"})


def redirection_routes(desk: Desk) -> list[Route]:
    return [
        json_route("/v1/signin/redirection", desk, _fetch, method="POST"),
        json_route("/v1/signin/redirection-status", desk, _status, method="GET"),
    ]


def _fetch(desk: Desk, request: Request, _parameters: Mapping[str, str]) -> Response:
    redirection = desk.redirections.create(_read_order(desk, _read_object(request.state.body)))
    link = f"{request.base_url}redirection/{redirection.id}"
    answer = {"redirectionId": redirection.id, "redirectionLink": link}
    return JSONResponse(answer, desk.switches.redirection_created_status)


def _status(desk: Desk, _request: Request, parameters: Mapping[str, str]) -> Response:
    redirection = desk.redirections.find(required(parameters, "redirectionId"))
    desk.redirections.take_token(redirection)
    answer: dict[str, Any] = {"status": desk.redirections.status(redirection)}
    params = desk.redirections.params(redirection)
    if params or desk.switches.pending_params != "absent":
        answer["params"] = params
    return JSONResponse(answer)


def _read_object(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except ValueError:
        raise invalid_parameter("body", "is not JSON") from None
    if not isinstance(read, dict):
        raise invalid_parameter("body", "is not a JSON object")
    return read


def _read_order(desk: Desk, body: dict[str, Any]) -> Order:
    is_needed = desk.switches.require_country_and_locale
    country = _text(body, "country", is_needed=is_needed) or "all"
    mode = _read_mode(body)
    if not desk.catalog.offered(country, mode):
        raise invalid_parameter("country", "has no bank for this access mode")
    return Order(
        redirect_uri=_read_redirect_uri(body),
        owner=_text(body, "ownerExternalId") or f"kontomatik-{uuid.uuid4()}",
        country=country,
        locale=_text(body, "locale", is_needed=is_needed) or "en",
        mode=mode,
        target=_read_target(desk, _text(body, desk.switches.target_parameter), mode),
    )


def _read_redirect_uri(body: dict[str, Any]) -> str:
    uri = _text(body, "redirectUri", is_needed=True)
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise invalid_parameter("redirectUri", "is not an absolute URI") from None
    if not (parts.scheme and parts.netloc) or parts.scheme.lower() in _NOT_FOR_BROWSERS:
        raise invalid_parameter("redirectUri", "is not an absolute URI")
    return uri


def _read_mode(body: dict[str, Any]) -> AccessMode:
    psd2 = body.get("psd2") or {}
    if not isinstance(psd2, dict):
        raise invalid_parameter("psd2", "is not an object")
    # "Specify the access mode to enable Multiple Access": left out, it is single.
    asked = psd2.get("accessMode") or "SINGLE"
    mode = next((m for m in ACCESS_MODES if m == asked), None)
    if mode is None:
        raise invalid_parameter("psd2.accessMode", "is not one of " + ", ".join(ACCESS_MODES))
    return mode


def _read_target(desk: Desk, name: str, mode: AccessMode) -> Target | None:
    if not name:
        return None
    target = desk.catalog.find(name)
    if target is None or not target.serves(mode):
        raise invalid_target()
    return target


def _text(body: dict[str, Any], name: str, *, is_needed: bool = False) -> str:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid_parameter(name, "is not a string")
    if is_needed and not (value or "").strip():
        raise missing_parameter(name)
    return value or ""
