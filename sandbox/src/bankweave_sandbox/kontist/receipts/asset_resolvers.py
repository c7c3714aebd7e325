"""The GraphQL half of receipts (providers/kontist.md section 6.4)."""

from __future__ import annotations

from typing import Any

from bankweave_sandbox.kontist.caller import Caller, Info, Resolvers
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.receipts.assets import Asset
from bankweave_sandbox.kontist.transactions.rendering import render_receipt


def _create(
    _root: object,
    info: Info,
    *,
    transactionId: str,  # noqa: N803 - the schema's argument
    name: str,
    filetype: str,
    **_ignored: Any,
) -> dict[str, Any]:
    """Announce a file. What `assetableType` and `uploadPlatform` change is undocumented: nothing here."""
    caller = info.context
    row = caller.books.row(caller.signed_in, transactionId)
    if row is None:
        raise Problem(404, "Transaction not found")
    return announce(info, row.movement.id, name, filetype)


def announce(info: Info, movement_id: str, name: str, filetype: str) -> dict[str, Any]:
    """Make room for a file of a movement, or of a draft, and say how it is to be uploaded."""
    caller = info.context
    asset = caller.services.assets.announce(caller.signed_in, movement_id, name, filetype)
    return {
        "assetId": asset.id,
        "url": f"{caller.origin}/uploads/{asset.id}",
        "formData": [{"key": key, "value": value} for key, value in asset.fields.items()],
        "name": asset.name,
    }


def _finalize(_root: object, info: Info, *, assetId: str) -> dict[str, Any]:  # noqa: N803 - the schema's argument
    caller = info.context
    return _render(caller, caller.services.assets.finalize(caller.signed_in, assetId))


def _delete(_root: object, info: Info, *, assetId: str) -> dict[str, bool]:  # noqa: N803 - the schema's argument
    info.context.services.assets.delete(info.context.signed_in, assetId)
    return {"success": True}


def _render(caller: Caller, asset: Asset) -> dict[str, Any]:
    row = caller.books.row_of_movement(asset.person, asset.movement_id)
    return render_receipt(asset.receipt, row.id if row else asset.movement_id)


RESOLVERS: Resolvers = {
    "Mutation": {
        "createTransactionAsset": _create,
        "finalizeTransactionAssetUpload": _finalize,
        "finalizeAssetUpload": _finalize,
        "deleteTransactionAsset": _delete,
        "deleteAsset": _delete,
    }
}
