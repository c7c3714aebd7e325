"""Change requests: a bound device signs what waits for the person (providers/kontist.md section 7.4)."""

from __future__ import annotations

from typing import Any

from bankweave_sandbox.kontist.caller import Info, Resolvers
from bankweave_sandbox.kontist.devices.confirmations import CHANGE_REQUEST


def _authorize(_root: object, info: Info, *, deviceId: str, changeRequestId: str) -> dict[str, str | None]:  # noqa: N803
    """Name the device that will sign, and get the string; asked again, the string is a new one."""
    confirmations = info.context.services.confirmations
    request = confirmations.find(info.context.signed_in, changeRequestId, CHANGE_REQUEST)
    confirmations.deliver_to_device(request, deviceId)
    return {"changeRequestId": request.id, "stringToSign": request.string_to_sign}


def _confirm(
    _root: object,
    info: Info,
    *,
    deviceId: str,  # noqa: N803 - the schema's argument
    changeRequestId: str,  # noqa: N803 - the schema's argument
    signature: str | None = None,
    authorizationToken: str | None = None,  # noqa: N803 - the schema's argument
) -> dict[str, Any]:
    info.context.services.confirmations.confirm(
        info.context.signed_in,
        changeRequestId,
        CHANGE_REQUEST,
        token=authorizationToken,
        device_id=deviceId,
        signature=signature,
    )
    return {"success": True}


RESOLVERS: Resolvers = {
    "Mutation": {"authorizeChangeRequest": _authorize, "confirmChangeRequest": _confirm},
}
