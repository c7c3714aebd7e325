"""Resolvers for drafts and for payments that the person writes in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLEnumType

from bankweave_sandbox.kontist.caller import Info, Resolvers
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.receipts.asset_resolvers import announce
from bankweave_sandbox.kontist.transactions.rendering import render_receipt

_SUCCESS = {"success": True}
_ANY_FILE = "application/octet-stream"  # a draft begins with a file name; its type is not told


def _list(_root: object, info: Info) -> list[dict[str, Any]]:
    drafts = info.context.services.records.drafts.of(info.context.signed_in)
    return [_render(draft, info) for draft in drafts]


def _create(_root: object, info: Info, *, fileName: str) -> dict[str, Any]:  # noqa: N803
    draft = info.context.services.records.drafts.create(info.context.signed_in, {})
    return {"id": draft["id"], "assetData": announce(info, draft["id"], fileName, _ANY_FILE)}


def _create_many(_root: object, info: Info, *, payload: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    drafts = info.context.services.records.drafts
    created = [drafts.create(info.context.signed_in, given) for given in payload]
    return [{"id": d["id"], "assetData": announce(info, d["id"], d["name"], _ANY_FILE)} for d in created]


def _create_asset(_root: object, info: Info, **given: str) -> dict[str, Any]:
    draft = info.context.services.records.drafts.find(info.context.signed_in, given["transactionId"])
    return announce(info, draft["id"], given["name"], given["filetype"])


def _update(_root: object, info: Info, *, payload: Mapping[str, Any]) -> dict[str, Any]:
    codes = info.schema.type_map["CategoryCode"]
    code = payload.get("categoryCode")
    if code is not None and isinstance(codes, GraphQLEnumType) and code not in codes.values:
        raise Problem(400, "Unknown categoryCode")
    return _render(info.context.services.records.drafts.update(info.context.signed_in, payload), info)


def _delete(_root: object, info: Info, *, id: str) -> dict[str, bool]:  # noqa: A002
    info.context.services.records.drafts.delete(info.context.signed_in, id)
    return _SUCCESS


def _write(_root: object, info: Info, *, payload: Mapping[str, Any]) -> dict[str, Any]:
    records, person = info.context.services.records, info.context.signed_in
    draft_id = payload.get("id")
    is_draft = draft_id in {draft["id"] for draft in records.drafts.of(person)}
    row = records.externals.write(person, payload, is_new=is_draft or draft_id is None)
    records.drafts.forget(person, draft_id)
    return info.context.books.render(row)


def _strike_out(_root: object, info: Info, *, id: str) -> dict[str, bool]:  # noqa: A002
    info.context.services.records.externals.delete(info.context.signed_in, id)
    return _SUCCESS


def _render(draft: Mapping[str, Any], info: Info) -> dict[str, Any]:
    receipts = info.context.books.notes.of(draft["id"]).receipts
    return {**draft, "assets": [render_receipt(receipt, draft["id"]) for receipt in receipts]}


RESOLVERS: Resolvers = {
    "Query": {"draftTransactions": _list},
    "Mutation": {
        "createDraftTransaction": _create,
        "createDraftTransactions": _create_many,
        "createDraftTransactionAsset": _create_asset,
        "updateDraftTransaction": _update,
        "deleteDraftTransaction": _delete,
        "updateExternalTransaction": _write,
        "deleteExternalTransaction": _strike_out,
    },
}
