"""The bank statement report: one account with its holder (providers/basiq.md, section 5.3; shape as specified)."""

from __future__ import annotations

from bankweave_sandbox.basiq.banks.catalogue import institution_path, logo_path
from bankweave_sandbox.basiq.data.accounts import account_links, account_summary
from bankweave_sandbox.basiq.retrieval import masked
from bankweave_sandbox.basiq.state import StoredAccount, User
from bankweave_sandbox.basiq.switches import Switches

Shape = dict[str, object]


def statement_report(user: User, account: StoredAccount, switches: Switches) -> Shape:
    return {
        "institution": {
            "logo": logo_path(account.connector, "full"),
            "name": account.connector.bank.name,
        },
        "identity": _identity(user, account),
        "accreditation": {
            "cdrAccessModel": "Principal",
            "entityName": "Sandbox",
            "title": "Accreditation",
            "licenceNo": "000000",
            "description": "No licence is behind this statement: it comes from a sandbox.",
        },
        "account": [_account(user, account, switches)],
    }


def _identity(user: User, account: StoredAccount) -> Shape:
    connection = user.connections.get(account.connection_id)
    person = user.identified_by(connection) if connection else None
    return {
        "customerType": "Person",
        "fullName": " & ".join(account.holders),
        "phoneNumbers": [person.mobile] if person else [],
        "emails": [person.email] if person else [],
        "physicalAddresses": [{"addressLine1": person.address, "country": "AUS"}] if person else [],
    }


def _account(user: User, account: StoredAccount, switches: Switches) -> Shape:
    """Tell the account as connections do, and what a statement says beside that."""
    institution = account.connector.id
    links = {**account_links(account, f"/users/{user.id}"), "institution": institution_path(institution, switches)}
    return {
        **account_summary(account, "", user.id, switches),
        "maskedNumber": masked(account.number),
        "accountHolder": " & ".join(account.holders).upper(),
        "isOwned": True,
        "connection": account.connection_id,
        "institution": institution,
        "links": links,
    }
