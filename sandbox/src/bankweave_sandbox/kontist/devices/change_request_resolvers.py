"""Change requests: a bound device signs what waits for the person (providers/kontist.md section 7.4)."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLResolveInfo

from bankweave_sandbox.kontist.cards.payments import CHANGE_REQUEST
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.transactions.resolvers import Caller, Resolver

Info = GraphQLResolveInfo[Caller]


def _pending_verification(_parent: object, info: Info) -> dict[str, str]:
    waiting = info.context.services.card_payments.waiting(info.context.signed_in)
    if waiting is None:
        raise Problem(404, "No card payment waits for its verification")
    return waiting.body()


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


RESOLVERS: dict[str, dict[str, Resolver]] = {
    "Account": {"pendingTransactionVerification": _pending_verification},
    "Mutation": {"authorizeChangeRequest": _authorize, "confirmChangeRequest": _confirm},
}
