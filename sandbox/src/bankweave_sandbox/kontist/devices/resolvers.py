"""Bound devices and binding requests over GraphQL (providers/kontist.md section 4)."""

from __future__ import annotations

import uuid
from typing import Any

from bankweave_sandbox.kontist.caller import Info, Resolvers
from bankweave_sandbox.kontist.problems import Problem


def _bound_devices(_root: object, info: Info) -> list[dict[str, str]]:
    devices = info.context.services.devices.bound(info.context.signed_in)
    return [{"id": device.id, "name": device.name} for device in devices]


def _has_restricted_key(_root: object, info: Info, *, deviceId: str) -> bool:  # noqa: N803 - the schema's argument
    return info.context.services.devices.own(info.context.signed_in, deviceId).restricted_key is not None


def _binding_request(
    _root: object,
    info: Info,
    *,
    id: str | None = None,  # noqa: A002 - the schema's argument
) -> dict[str, Any] | None:
    request = info.context.services.binding_requests.of(info.context.signed_in, id or "")
    return request.body() if request else None


def _delete_device(_root: object, info: Info, *, deviceId: str) -> bool:  # noqa: N803 - the schema's argument
    """Remove a device. What an unknown one gives is undocumented: 404, as upstream."""
    if not info.context.services.devices.remove(info.context.signed_in, deviceId):
        raise Problem(404, "Unknown device")
    return True


def _add_key(_root: object, info: Info, **arguments: str) -> str:
    """Add the restricted key. What the returned string is, is undocumented: here, an id of the key."""
    devices = info.context.services.devices
    device = devices.own(info.context.signed_in, arguments["deviceId"])
    devices.add_restricted_key(device, arguments["key"], arguments["signature"])
    return str(uuid.uuid4())


def _ask_to_bind(_root: object, info: Info, **arguments: Any) -> dict[str, Any]:
    requests = info.context.services.binding_requests
    request = requests.create(info.context.signed_in, arguments["deviceName"], arguments.get("deviceId"))
    return request.body()


def _decide_binding(_root: object, info: Info, **arguments: Any) -> bool:
    caller = info.context
    return caller.services.binding_requests.decide_on_device(
        caller.signed_in,
        caller.grant.kid if caller.grant else None,
        arguments["id"],
        is_confirmed=arguments["isConfirmation"],
    )


RESOLVERS: Resolvers = {
    "Query": {
        "listBoundDevices": _bound_devices,
        "hasDeviceRestrictedKey": _has_restricted_key,
        "getDeviceBindingRequest": _binding_request,
    },
    "Mutation": {
        "deleteBoundDevice": _delete_device,
        "addDeviceKey": _add_key,
        "createDeviceBindingRequest": _ask_to_bind,
        "updateDeviceBindingRequest": _decide_binding,
    },
}
