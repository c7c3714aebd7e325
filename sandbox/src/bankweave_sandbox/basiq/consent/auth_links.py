"""Magic links: a link to the Consent UI that a person can be sent (providers/basiq.md, section 2.3)."""

from __future__ import annotations

import secrets
from datetime import timedelta

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.calls import Call, Gate
from bankweave_sandbox.basiq.contacts import is_mobile
from bankweave_sandbox.basiq.state import AuthLink

_LIFETIME = timedelta(days=7)


def routes(gate: Gate) -> list[Route]:
    path = "/users/{user_id}/auth_link"
    return [
        gate.route("POST", path, create_link),
        gate.route("GET", path, get_link),
        gate.route("DELETE", path, delete_link),
    ]


def create_link(call: Call) -> Response:
    """Make a link, which invalidates an earlier one; the mobile number of the request wins over the user's."""
    user = call.user
    mobile = call.json().get("mobile") or user.fields.get("mobile")
    if not mobile:
        raise errors.not_supplied("mobile is required, since the user has none.", "mobile")
    if not isinstance(mobile, str) or not is_mobile(mobile):
        raise errors.value_not_valid("Mobile", "mobile")
    code = f"{secrets.randbelow(1_000_000):06d}"
    user.auth_link = AuthLink(secrets.token_hex(4), mobile, call.platform.now() + _LIFETIME, code)
    user.auth_link_was_used = False
    return JSONResponse(_link(user.auth_link, call), status_code=201)


def get_link(call: Call) -> Response:
    link = _current(call)
    return JSONResponse({**_link(link, call), "id": link.id})


def delete_link(call: Call) -> Response:
    _current(call)
    call.user.auth_link = None
    return Response(status_code=204)


def _current(call: Call) -> AuthLink:
    user = call.user
    if user.auth_link is None and not user.auth_link_was_used:
        raise errors.not_found("Requested auth link does not exist.")
    if user.auth_link is None or user.auth_link.expires <= call.platform.now():
        raise errors.gone("The auth link is no longer available.")
    return user.auth_link


def _link(link: AuthLink, call: Call) -> dict[str, object]:
    return {
        "type": "auth_link",
        "userId": call.path("user_id"),
        "mobile": link.mobile,
        "expiresAt": call.instant(link.expires),
        "links": {"public": f"{call.base}/connect/{link.id}", "self": f"{call.user_url}/auth_link"},
    }
