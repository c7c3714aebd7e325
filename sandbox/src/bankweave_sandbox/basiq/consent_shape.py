"""How a consent is told, by the API and in events (providers/basiq.md, section 2.4)."""

from __future__ import annotations

from dataclasses import dataclass

from bankweave_sandbox.basiq.state import Consent
from bankweave_sandbox.basiq.switches import Switches
from bankweave_sandbox.basiq.timestamps import instant
from bankweave_sandbox.world import world_id

PURPOSE = "Share your financial data"


@dataclass(frozen=True, slots=True)
class Permission:
    scope: str
    entity: str
    name: str
    attributes: tuple[str, ...]


PERMISSIONS = (
    Permission(
        "account.basic",
        "account",
        "Account name, type and balance",
        ("Name of account", "Type of account", "Account balance"),
    ),
    Permission(
        "account.detail", "account", "Account number and features", ("Account number", "Account holder", "Credit limit")
    ),
    Permission(
        "transaction.detail", "transaction", "Transaction details", ("Payments in and out", "Amounts", "Dates", "Texts")
    ),
    Permission(
        "customer.person.detail",
        "connection",
        "Name and contact details",
        ("Name", "Phone", "Email address", "Address"),
    ),
)


def consent_shape(consent: Consent, user_id: str, base: str, switches: Switches) -> dict[str, object]:
    """Tell a consent; the links begin with `base`."""
    revoked = {} if consent.revoked is None else {"revoked": instant(consent.revoked, switches)}
    return {
        "type": "consent",
        "id": consent.id,
        "created": instant(consent.created, switches),
        "updated": instant(consent.updated, switches),
        "expiryDate": instant(consent.expires, switches),
        "origin": "user",
        "status": consent.status,
        "purpose": {"primary": {"title": PURPOSE, "description": "To see all accounts in one place."}, "other": None},
        "data": {
            "retainData": False,
            "initialRetrievalDays": switches.retrieval_days,
            "organisation": None,
            "permissions": [_permission(permission) for permission in PERMISSIONS],
        },
        **revoked,
        "links": {
            "self": f"{base}/users/{user_id}/consents/{consent.id}",
            "consentPolicy": _policy_url(base, consent.policy_version),
            "latestConsentPolicy": _policy_url(base, switches.policy_version),
        },
    }


def _permission(permission: Permission) -> dict[str, object]:
    return {
        "scope": permission.scope,
        "required": True,
        "consented": True,
        "entity": permission.entity,
        "information": {
            "name": permission.name,
            "description": f"{permission.name} as the bank shows them.",
            "attributeList": list(permission.attributes),
        },
        "purpose": {"title": permission.name, "description": "Shown to you in the application."},
    }


def _policy_url(base: str, version: int) -> str:
    """Name a policy; nothing is documented to be served there."""
    return f"{base}/policies/{world_id('basiq', 'policy', str(version))}"
