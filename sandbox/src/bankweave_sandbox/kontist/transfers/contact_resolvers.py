"""Contacts over GraphQL (providers/kontist.md section 7.1)."""

from __future__ import annotations

from typing import Any

from bankweave_sandbox.kontist.caller import Info, Resolvers
from bankweave_sandbox.kontist.transfers.contacts import Contact


def _contacts(
    _root: object,
    info: Info,
    *,
    filter: str | None = None,  # noqa: A002 - the schema's argument
) -> list[Contact]:
    return info.context.services.contacts.of(info.context.signed_in, filter)


def _create(_root: object, info: Info, *, payload: dict[str, Any]) -> Contact:
    return info.context.services.contacts.create(info.context.signed_in, payload)


def _update(_root: object, info: Info, *, payload: dict[str, Any]) -> Contact:
    return info.context.services.contacts.update(info.context.signed_in, payload)


def _delete(_root: object, info: Info, *, id: str) -> dict[str, bool]:  # noqa: A002 - the schema's argument
    info.context.services.contacts.delete(info.context.signed_in, id)
    return {"success": True}


RESOLVERS: Resolvers = {
    "Query": {"contacts": _contacts},
    "Mutation": {"createContact": _create, "updateContact": _update, "deleteContact": _delete},
}
