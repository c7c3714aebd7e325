"""Transfers over GraphQL (providers/kontist.md section 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bankweave_sandbox.kontist.caller import Info, Resolvers
from bankweave_sandbox.kontist.devices.confirmations import PendingRequest
from bankweave_sandbox.kontist.transactions.connections import connect
from bankweave_sandbox.kontist.transfers.contacts import suggest_recipients
from bankweave_sandbox.kontist.transfers.desk import CANCELLATION, MANY, ONE, TransferDesk
from bankweave_sandbox.kontist.transfers.ibans import read_iban
from bankweave_sandbox.kontist.transfers.intra_customer import move_between_accounts
from bankweave_sandbox.kontist.transfers.transfer import Transfer, render_transfer


def _desk(info: Info) -> TransferDesk:
    return info.context.services.transfers


def _delivery(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"delivery": arguments.get("deliveryMethod"), "device_id": arguments.get("deviceId")}


def _proof(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "token": arguments.get("authorizationToken"),
        "device_id": arguments.get("deviceId"),
        "signature": arguments.get("signature"),
    }


def _create(_root: object, info: Info, **arguments: Any) -> dict[str, Any]:
    request = _desk(info).create(info.context.signed_in, arguments["transfer"], **_delivery(arguments))
    return request.body()


def _confirm(_root: object, info: Info, **arguments: Any) -> dict[str, Any]:
    return _confirmed(info, ONE, arguments)


def _create_many(_root: object, info: Info, *, transfers: list[dict[str, Any]]) -> dict[str, Any]:
    return _desk(info).create_many(info.context.signed_in, transfers).body()


def _confirm_many(_root: object, info: Info, **arguments: Any) -> dict[str, Any]:
    confirmations = info.context.services.confirmations
    batch = confirmations.confirm(info.context.signed_in, arguments["confirmationId"], MANY, **_proof(arguments))
    return {**batch, "transfers": [render_transfer(transfer) for transfer in batch["transfers"]]}


def _update(_root: object, info: Info, **arguments: Any) -> dict[str, Any]:
    changes, person = info.context.services.transfer_changes, info.context.signed_in
    return _either(changes.update(person, arguments["transfer"], **_delivery(arguments)))


def _cancel(_root: object, info: Info, **arguments: Any) -> dict[str, Any]:
    changes, person = info.context.services.transfer_changes, info.context.signed_in
    return _either(changes.cancel(person, arguments["id"], arguments["type"], **_delivery(arguments)))


def _confirm_cancel(_root: object, info: Info, **arguments: Any) -> dict[str, Any]:
    """Confirm a cancellation. `type` says nothing that the request does not know."""
    return _confirmed(info, CANCELLATION, arguments)


def _confirmed(info: Info, kind: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    confirmations = info.context.services.confirmations
    person = info.context.signed_in
    return render_transfer(confirmations.confirm(person, arguments["confirmationId"], kind, **_proof(arguments)))


def _either(answer: PendingRequest | Transfer) -> dict[str, Any]:
    """Render a member of the union; clients tell them apart by the presence of `confirmationId`."""
    if isinstance(answer, Transfer):
        return render_transfer(answer)
    return {"__typename": "ConfirmationRequest", **answer.body()}


def _move(_root: object, info: Info, *, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - the schema's argument
    services = info.context.services
    return move_between_accounts(services.books, services.payments, info.context.signed_in, input)


def _transfers(_account: object, info: Info, **arguments: Any) -> dict[str, Any]:
    status = (arguments.pop("where", None) or {}).get("status")
    found = _desk(info).listed(info.context.signed_in, arguments.pop("type"), status)
    return connect(found, render_transfer, **arguments)


def _transfer(_account: object, info: Info, **arguments: Any) -> dict[str, Any] | None:
    found = _desk(info).find(info.context.signed_in, arguments["id"], arguments["type"])
    return render_transfer(found) if found else None


def _suggestions(parent: dict[str, Any], info: Info) -> list[dict[str, str]]:
    return suggest_recipients(info.context.books.rows(parent["account"]))


def _unfinished(_user: object, info: Info) -> list[dict[str, Any]]:
    waiting = (transfer.order for transfer in _desk(info).unfinished(info.context.signed_in))
    return [{"amount": o.amount, "recipient": o.recipient, "iban": o.iban, "purpose": o.purpose or ""} for o in waiting]


def _iban_information(_root: object, info: Info, *, iban: str) -> dict[str, Any]:
    """Tell the bank of an IBAN; the sandbox knows no other banks than its own."""
    own = info.context.books.neighbour(read_iban(iban))
    bank = {"bankName": own.bank.name, "bic": own.bic} if own else {"bankName": None, "bic": None}
    return bank | {"isSepaInstantTransferAvailable": own is not None}


RESOLVERS: Resolvers = {
    "Query": {"getIBANInformation": _iban_information},
    "User": {"unfinishedTransfers": _unfinished},
    "Account": {"transfers": _transfers, "transfer": _transfer, "transferSuggestions": _suggestions},
    "Mutation": {
        "createTransfer": _create,
        "confirmTransfer": _confirm,
        "createTransfers": _create_many,
        "confirmTransfers": _confirm_many,
        "updateTransfer": _update,
        "cancelTransfer": _cancel,
        "confirmCancelTransfer": _confirm_cancel,
        "createIntraCustomerTransfer": _move,
    },
}
