"""What each field of the schema answers. Fields that are not here are read from their parent's values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from graphql import GraphQLResolveInfo

from bankweave_sandbox.kontist.oauth.tokens import Grant
from bankweave_sandbox.kontist.person.profiles import render_account, render_sub_account, render_user
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.services import Services
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.kontist.transactions.books import Books
from bankweave_sandbox.kontist.transactions.exports import write_csv
from bankweave_sandbox.kontist.transactions.filters import preset_years
from bankweave_sandbox.kontist.transactions.rows import Row
from bankweave_sandbox.kontist.transfers.ibans import read_iban
from bankweave_sandbox.world import Person

Resolver: TypeAlias = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and of which books. Without a token only public fields are reached (section 6.1)."""

    services: Services
    grant: Grant | None
    person: Person | None
    origin: str = ""  # where this server was reached, for the URLs in its answers

    @property
    def books(self) -> Books:
        return self.services.books

    @property
    def switches(self) -> Switches:
        return self.services.switches

    @property
    def signed_in(self) -> Person:
        if self.person is None:
            raise Problem(401, "Unauthorized")
        return self.person


def _books(info: GraphQLResolveInfo[Caller]) -> tuple[Books, Person]:
    return info.context.books, info.context.signed_in


def _viewer(_root: object, info: GraphQLResolveInfo[Caller]) -> dict[str, Any]:
    books, person = _books(info)
    return render_user(person, books.main_account(person))


def _main_account(_user: object, info: GraphQLResolveInfo[Caller]) -> dict[str, Any] | None:
    books, person = _books(info)
    account = books.main_account(person)
    return None if account is None else render_account(books.world, account)


def _root_transactions(_root: object, info: GraphQLResolveInfo[Caller], **arguments: Any) -> dict[str, Any]:
    books, person = _books(info)
    account = books.account(person, arguments.pop("publicId", None))
    return books.page(account, wanted=arguments.pop("filter", None), **arguments)


def _account_transactions(parent: dict[str, Any], info: GraphQLResolveInfo[Caller], **arguments: Any) -> dict[str, Any]:
    books, person = _books(info)
    public_id = arguments.pop("publicId", None)
    account = books.account(person, public_id) if public_id else parent["account"]
    return books.page(account, wanted=arguments.pop("filter", None), **arguments)


def _transaction(parent: dict[str, Any], info: GraphQLResolveInfo[Caller], *, id: str) -> dict[str, Any] | None:  # noqa: A002
    books, _ = _books(info)
    return next((books.render(row) for row in books.rows(parent["account"]) if row.id == id), None)


def _transactions_csv(parent: dict[str, Any], info: GraphQLResolveInfo[Caller], **period: datetime | None) -> str:
    books, _ = _books(info)
    return write_csv(books.rows(parent["account"]), period.get("from"), period.get("to"))


def _filter_presets(parent: dict[str, Any], info: GraphQLResolveInfo[Caller]) -> list[dict[str, Any]]:
    """Offer presets; only MISSING_TAX_TRANSACTIONS is known by name, from the SDK's tests."""
    books, _ = _books(info)
    years = preset_years(books.rows(parent["account"]))
    generic = {"__typename": "GenericFilterPreset", "value": "MISSING_TAX_TRANSACTIONS"}
    assets = {"__typename": "MissingTaxAssetsFilterPreset", "value": "MISSING_TAX_ASSETS"}
    return [generic, *(assets | {"year": year} for year in years)]


def _sub_accounts(_root: object, info: GraphQLResolveInfo[Caller]) -> list[dict[str, Any]]:
    books, person = _books(info)
    return [render_sub_account(books.world, account) for account in books.sub_accounts(person)]


def _iban_information(_root: object, info: GraphQLResolveInfo[Caller], *, iban: str) -> dict[str, Any]:
    """Tell the bank of an IBAN; the sandbox knows no other banks than its own."""
    books, _ = _books(info)
    own = books.neighbour(read_iban(iban))
    bank = {"bankName": own.bank.name, "bic": own.bic} if own else {"bankName": None, "bic": None}
    return bank | {"isSepaInstantTransferAvailable": own is not None}


def _status(_root: object, info: GraphQLResolveInfo[Caller]) -> dict[str, Any]:
    message = info.context.switches.system_status_message
    return {"type": "ERROR", "message": message} if message else {"type": None, "message": None}


def _update_transaction(_root: object, info: GraphQLResolveInfo[Caller], *, id: str, **changes: Any) -> dict[str, Any]:  # noqa: A002
    books, _ = _books(info)
    row = _own_row(info, id)
    books.notes.note(row.movement.id, row.amount, changes)
    return books.render(_own_row(info, id))


def _split(_root: object, info: GraphQLResolveInfo[Caller], **arguments: Any) -> dict[str, Any]:
    books, _ = _books(info)
    row = _own_row(info, arguments["transactionId"])
    books.notes.split(row.movement.id, row.amount, arguments["splits"])
    return books.render(_own_row(info, row.id))


def _unsplit(_root: object, info: GraphQLResolveInfo[Caller], **arguments: Any) -> dict[str, Any]:
    books, _ = _books(info)
    row = _own_row(info, arguments["transactionId"])
    books.notes.unsplit(row.movement.id)
    return books.render(_own_row(info, row.id))


def _own_row(info: GraphQLResolveInfo[Caller], transaction_id: str) -> Row:
    books, person = _books(info)
    row = books.row(person, transaction_id)
    if row is None:
        raise Problem(404, "Transaction not found")
    return row


RESOLVERS: dict[str, dict[str, Resolver]] = {
    "Query": {
        "viewer": _viewer,
        "transactions": _root_transactions,
        "getSubAccounts": _sub_accounts,
        "getIBANInformation": _iban_information,
        "status": _status,
    },
    "User": {"mainAccount": _main_account},
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
