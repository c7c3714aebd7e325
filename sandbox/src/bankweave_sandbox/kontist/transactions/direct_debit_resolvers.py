"""Resolvers for refunds of direct debits."""

from __future__ import annotations

from typing import Any

from bankweave_sandbox.kontist.caller import Info, Resolvers
from bankweave_sandbox.kontist.transactions.direct_debits import REFUND

_SUCCESS = {"success": True}


def _ask(_root: object, info: Info, **given: Any) -> dict[str, Any]:
    debits, person = info.context.services.direct_debits, info.context.signed_in
    request = debits.ask(person, given["transactionId"], given["deliveryMethod"], given["deviceId"])
    return {"changeRequestId": request.id, "stringToSign": request.string_to_sign}


def _confirm(_root: object, info: Info, **given: Any) -> dict[str, bool]:
    info.context.services.confirmations.confirm(
        info.context.signed_in,
        given["changeRequestId"],
        REFUND,
        token=given.get("token"),
        device_id=given["deviceId"],
        signature=given.get("signature"),
    )
    return _SUCCESS


def _refund(_root: object, info: Info, *, transactionId: str) -> dict[str, bool]:  # noqa: N803
    info.context.services.direct_debits.refund(info.context.signed_in, transactionId)
    return _SUCCESS


RESOLVERS: Resolvers = {
    "Mutation": {"initDirectDebitRefund": _ask, "confirmDirectDebitRefund": _confirm, "refundDirectDebit": _refund}
}
