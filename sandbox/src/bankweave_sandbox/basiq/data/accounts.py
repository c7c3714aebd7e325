"""Accounts as the last successful retrieval left them (providers/basiq.md, section 5.1)."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.banks.catalogue import institution_path
from bankweave_sandbox.basiq.calls import Call, Gate
from bankweave_sandbox.basiq.data.money import money
from bankweave_sandbox.basiq.data.products import product_details
from bankweave_sandbox.basiq.filters import EQUALITY, parse_filter, select
from bankweave_sandbox.basiq.retrieval import masked
from bankweave_sandbox.basiq.state import StoredAccount
from bankweave_sandbox.basiq.switches import Switches
from bankweave_sandbox.basiq.timestamps import instant
from bankweave_sandbox.world import AccountKind

_FILTERS = dict.fromkeys(("account.id", "connection.id", "institution.id"), EQUALITY)
_CLASSES = {
    AccountKind.CURRENT: "transaction",
    AccountKind.SAVINGS: "savings",
    AccountKind.CREDIT_CARD: "credit-card",
    AccountKind.LOAN: "loan",
    AccountKind.MORTGAGE: "mortgage",
    AccountKind.TERM_DEPOSIT: "term-deposit",
}
_OWNERSHIPS = {0: "UNKNOWN", 1: "ONE_PARTY", 2: "TWO_PARTY"}
_BSB = 6  # digits


def routes(gate: Gate) -> list[Route]:
    return [
        gate.route("GET", "/users/{user_id}/accounts", list_accounts, right="data.read"),
        gate.route("GET", "/users/{user_id}/accounts/{account_id}", get_account, right="data.read"),
    ]


def list_accounts(call: Call) -> Response:
    """List all accounts at once: there are no pages here."""
    terms = parse_filter(call.query("filter"), _FILTERS)
    user = call.user
    found = select(user.accounts.values(), terms, _field)
    return call.listing([full_account(account, call.base, user.id, call.switches) for account in found])


def get_account(call: Call) -> Response:
    user = call.user
    account = user.accounts.get(call.path("account_id"))
    if account is None:
        raise errors.not_found("Requested account does not exist.")
    return JSONResponse(full_account(account, call.base, user.id, call.switches))


def account_summary(account: StoredAccount, base: str, user_id: str, switches: Switches) -> dict[str, object]:
    """Tell an account as it stands inside a connection; links begin with `base`."""
    return {
        "type": "account",
        "id": account.id,
        "name": account.name,
        "accountNo": account.number,
        "balance": money(account.balance),
        "availableFunds": money(account.available),
        "currency": account.currency,
        "class": account_class(account),
        "lastUpdated": instant(account.retrieved, switches),
        "status": "available",
        "links": account_links(account, f"{base}/users/{user_id}"),
    }


def account_links(account: StoredAccount, user_url: str) -> dict[str, str]:
    """Lead to an account and its rows."""
    return {
        "self": f"{user_url}/accounts/{account.id}",
        "transactions": f"{user_url}/transactions?filter=account.id.eq('{account.id}')",
    }


def full_account(account: StoredAccount, base: str, user_id: str, switches: Switches) -> dict[str, object]:
    """Tell an account with all that is known of it; links begin with `base`."""
    summary = account_summary(account, base, user_id, switches)
    institution = account.connector.id
    links = {
        **account_links(account, f"{base}/users/{user_id}"),
        "institution": base + institution_path(institution, switches),
        "connection": f"{base}/users/{user_id}/connections/{account.connection_id}",
    }
    return {
        **summary,
        "accountHolder": " & ".join(account.holders).upper() or None,
        "accountOwnership": _OWNERSHIPS.get(len(account.holders), "MANY_PARTY"),
        "isOwned": True,
        "creditLimit": None if account.credit_limit is None else money(account.credit_limit),
        "connection": account.connection_id,
        "institution": institution,
        "transactionIntervals": _intervals(account),
        "meta": None,
        **_product_details(account, switches),
        "links": links,
    }


def _product_details(account: StoredAccount, switches: Switches) -> dict[str, object]:
    is_open_banking = account.connector.method == "openbanking"
    is_told = is_open_banking or switches.product_details == "all"
    return {**_numbers(account.number), **product_details(account)} if is_told else {}


def _numbers(number: str) -> dict[str, str]:
    """Take a number apart, as far as it is known: an uploaded statement names none, and a masked one has no parts."""
    if not number:
        return {}
    parts = {"bsb": number[:_BSB], "unmaskedAccNum": number[_BSB:]} if number.isdecimal() else {}
    return {**parts, "maskedNumber": masked(number)}


def account_class(account: StoredAccount) -> dict[str, str]:
    return {"type": _CLASSES[account.kind], "product": account.name}


def _intervals(account: StoredAccount) -> list[dict[str, str]]:
    if not account.rows:
        return []
    until = account.retrieved.astimezone(account.connector.bank.zone).date()
    first = min(row.transaction_date for row in account.rows)
    return [{"from": first.isoformat(), "to": until.isoformat()}]


def _field(account: StoredAccount, prop: str) -> str:
    match prop:
        case "connection.id":
            return account.connection_id
        case "institution.id":
            return account.connector.id
    return account.id
