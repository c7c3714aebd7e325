"""Users: create, read, change, delete, list (providers/basiq.md, section 2.1)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.calls import Call, Gate
from bankweave_sandbox.basiq.contacts import is_email, is_mobile
from bankweave_sandbox.basiq.errors import ApiError
from bankweave_sandbox.basiq.state import User

_NAMES = ("firstName", "middleName", "lastName")
_BUSINESS = ("businessName", "businessIdNo", "businessIdNoType", "verificationDate")
_TEXTS = ("email", "mobile", *_NAMES, *_BUSINESS)
_ADDRESS = ("addressLine1", "addressLine2", "suburb", "state", "postcode", "countryCode")


def routes(gate: Gate) -> list[Route]:
    return [
        gate.route("POST", "/users", create_user),
        gate.route("GET", "/users", list_users),
        gate.route("GET", "/users/{user_id}", get_user, right="user.read"),
        gate.route("POST", "/users/{user_id}", update_user),
        gate.route("DELETE", "/users/{user_id}", delete_user, right="user.delete"),
    ]


def create_user(call: Call) -> Response:
    """Create a user; nothing is unique but the id, so the same data twice makes two users."""
    call.demand_json_type()
    user = User(str(uuid.uuid4()), _checked(call.json()))
    call.platform.users[user.id] = user
    call.platform.chronicler.user("created", user.id, call.platform.now())
    return JSONResponse(_summary(user, call.base), status_code=201)


def list_users(call: Call) -> Response:
    if not call.switches.users_listed:
        raise errors.unknown_route()
    users = list(call.platform.users.values())[: call.limit]
    data = [_summary(user, call.base) for user in users]
    return call.listing(data, count=len(data))


def get_user(call: Call) -> Response:
    return JSONResponse(_expanded(call.user, call))


def update_user(call: Call) -> Response:
    """Change what is sent and leave the rest."""
    user = call.user
    call.demand_json_type()
    user.fields = _checked({**user.fields, **call.json()})
    call.platform.chronicler.user("updated", user.id, call.platform.now())
    return JSONResponse(_expanded(user, call))


def delete_user(call: Call) -> Response:
    call.platform.delete_user(call.user)
    return Response(status_code=204)


def _checked(fields: dict[str, Any]) -> dict[str, object]:
    """Keep the fields that are known, or refuse them with all that is wrong (section 7.1)."""
    known = {
        name: value for name, value in fields.items() if name in {*_TEXTS, "businessAddress", "verificationStatus"}
    }
    errors.raise_any([errors.value_not_valid(name, name) for name in _mistyped(known)])
    errors.raise_any(list(_problems(known)))
    return known


def _mistyped(fields: dict[str, Any]) -> list[str]:
    wrong = [name for name in _TEXTS if not isinstance(fields.get(name, ""), str)]
    if not isinstance(fields.get("verificationStatus", False), bool):
        wrong.append("verificationStatus")
    if fields.get("businessIdNoType", "ABN") not in ["ABN", "ACN"]:  # a list: it may be anything that JSON can say
        wrong.append("businessIdNoType")
    if not _is_address(fields.get("businessAddress", {})):
        wrong.append("businessAddress")
    return list(dict.fromkeys(wrong))


def _problems(fields: dict[str, Any]) -> Iterator[ApiError]:
    if not fields.get("email") and not fields.get("mobile"):
        yield errors.not_supplied("One of 'email' or 'mobile' is required.")
    if fields.get("email") and not is_email(fields["email"]):
        yield errors.value_not_valid("Email", "email")
    if fields.get("mobile") and not is_mobile(fields["mobile"]):
        yield errors.value_not_valid("Mobile", "mobile")
    if fields.get("businessIdNo") and not fields.get("businessName"):
        yield errors.not_supplied("businessName is required with businessIdNo.", "businessName")


def _is_address(value: object) -> bool:
    return isinstance(value, dict) and all(name in _ADDRESS and isinstance(text, str) for name, text in value.items())


def _summary(user: User, base: str) -> dict[str, object]:
    absent = dict.fromkeys(("email", "mobile", *_NAMES), "")  # missing ones come back empty
    return {
        "type": "user",
        "id": user.id,
        **absent,
        **user.fields,
        "links": {"self": f"{base}/users/{user.id}"},
    }


def _expanded(user: User, call: Call) -> dict[str, object]:
    url = f"{call.base}/users/{user.id}"
    links = {name: f"{url}/{name}" for name in ("connections", "accounts", "transactions", "auth_link")}
    return {
        **_summary(user, call.base),
        "name": _name(user) if call.switches.user_name == "full" else "",
        "connections": _references("connection", f"{url}/connections", list(user.connections)),
        "accounts": _references("account", f"{url}/accounts", list(user.accounts)),
        "links": {"self": url, **links},
    }


def _name(user: User) -> str:
    parts = (user.fields.get(part) for part in _NAMES)
    return " ".join(str(part) for part in parts if part)


def _references(kind: str, url: str, ids: list[str]) -> dict[str, object]:
    data = [{"type": kind, "id": id_, "links": {"self": f"{url}/{id_}"}} for id_ in ids]
    return {"type": "list", "count": len(data), "data": data}
