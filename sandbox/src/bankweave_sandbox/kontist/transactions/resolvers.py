"""Transactions over GraphQL: read, annotated, split up (providers/kontist.md section 6.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bankweave_sandbox.kontist.caller import Info, Resolvers
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.transactions.books import Books
from bankweave_sandbox.kontist.transactions.exports import write_csv
from bankweave_sandbox.kontist.transactions.filters import preset_years
from bankweave_sandbox.kontist.transactions.rows import Row
from bankweave_sandbox.world import Person


def _books(info: Info) -> tuple[Books, Person]:
    return info.context.books, info.context.signed_in


def _root_transactions(_root: object, info: Info, **arguments: Any) -> dict[str, Any]:
    books, person = _books(info)
    account = books.account(person, arguments.pop("publicId", None))
    return books.page(account, wanted=arguments.pop("filter", None), **arguments)


def _account_transactions(parent: dict[str, Any], info: Info, **arguments: Any) -> dict[str, Any]:
    books, person = _books(info)
    public_id = arguments.pop("publicId", None)
    account = books.account(person, public_id) if public_id else parent["account"]
    return books.page(account, wanted=arguments.pop("filter", None), **arguments)


def _transaction(parent: dict[str, Any], info: Info, *, id: str) -> dict[str, Any] | None:  # noqa: A002
    books, _ = _books(info)
    return next((books.render(row) for row in books.rows(parent["account"]) if row.id == id), None)


def _transactions_csv(parent: dict[str, Any], info: Info, **period: datetime | None) -> str:
    books, _ = _books(info)
    return write_csv(books.rows(parent["account"]), period.get("from"), period.get("to"))


def _filter_presets(parent: dict[str, Any], info: Info) -> list[dict[str, Any]]:
    """Offer presets; only MISSING_TAX_TRANSACTIONS is known by name, from the SDK's tests."""
    books, _ = _books(info)
    years = preset_years(books.rows(parent["account"]))
    generic = {"__typename": "GenericFilterPreset", "value": "MISSING_TAX_TRANSACTIONS"}
    assets = {"__typename": "MissingTaxAssetsFilterPreset", "value": "MISSING_TAX_ASSETS"}
    return [generic, *(assets | {"year": year} for year in years)]


def _update_transaction(_root: object, info: Info, *, id: str, **changes: Any) -> dict[str, Any]:  # noqa: A002
    books, _ = _books(info)
    row = _own_row(info, id)
    books.notes.note(row.movement.id, row.amount, changes)
    return books.render(_own_row(info, id))


def _split(_root: object, info: Info, **arguments: Any) -> dict[str, Any]:
    books, _ = _books(info)
    row = _own_row(info, arguments["transactionId"])
    books.notes.split(row.movement.id, row.amount, arguments["splits"])
    return books.render(_own_row(info, row.id))


def _unsplit(_root: object, info: Info, **arguments: Any) -> dict[str, Any]:
    books, _ = _books(info)
    row = _own_row(info, arguments["transactionId"])
    books.notes.unsplit(row.movement.id)
    return books.render(_own_row(info, row.id))


def _own_row(info: Info, transaction_id: str) -> Row:
    books, person = _books(info)
    row = books.row(person, transaction_id)
    if row is None:
        raise Problem(404, "Transaction not found")
    return row


RESOLVERS: Resolvers = {
    "Query": {
        "transactions": _root_transactions,
    },
    "Account": {
        "transactions": _account_transactions,
        "transaction": _transaction,
        "transactionsCSV": _transactions_csv,
        "transactionFilterPresets": _filter_presets,
    },
    "Mutation": {
        "updateTransaction": _update_transaction,
        "createTransactionSplits": _split,
        "updateTransactionSplits": _split,
        "deleteTransactionSplits": _unsplit,
    },
}
