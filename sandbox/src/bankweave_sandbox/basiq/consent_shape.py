"""How a consent and the policy behind it are told, by the API and in events (providers/basiq.md, section 2.4)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bankweave_sandbox.basiq.state import Consent
from bankweave_sandbox.basiq.switches import Switches
from bankweave_sandbox.basiq.timestamps import instant
from bankweave_sandbox.world import world_id

PURPOSE = "Share your financial data"
DESCRIPTION = "To see all accounts in one place."


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


def consented_scopes(chosen: Collection[str], switches: Switches) -> frozenset[str]:
    """Name what a person consents to: what is required, and of the rest what they chose."""
    required = {permission.scope for permission in PERMISSIONS} - set(switches.optional_scopes)
    scopes = required | (set(chosen) & set(switches.optional_scopes))
    # Details of accounts are told with the basics or not at all (section 2.4).
    return frozenset(scopes if "account.basic" in scopes else scopes - {"account.detail"})


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
        "purpose": _purpose(),
        "data": {
            **_retention(switches),
            "permissions": [
                {**_permission(permission, switches), "consented": permission.scope in consent.scopes}
                for permission in PERMISSIONS
            ],
            **({"disclosure": None} if switches.consent_disclosure else {}),
        },
        **revoked,
        "links": {
            "self": f"{base}/users/{user_id}/consents/{consent.id}",
            "consentPolicy": base + policy_path(consent.policy_version),
            "latestConsentPolicy": base + policy_path(switches.policy_version),
        },
    }


def policy_shape(version: int, base: str, switches: Switches) -> dict[str, object]:
    """Tell a policy. Undocumented: these are the terms that a consent names, before anybody agreed to them."""
    return {
        "type": "policy",
        "id": policy_id(version),
        "title": PURPOSE,
        "description": DESCRIPTION,
        "purpose": _purpose(),
        "data": {
            **_retention(switches),
            "permissions": [_permission(permission, switches) for permission in PERMISSIONS],
        },
        "links": {"self": base + policy_path(version)},
    }


def _purpose() -> dict[str, object]:
    return {"primary": {"title": PURPOSE, "description": DESCRIPTION}, "other": None}


def _retention(switches: Switches) -> dict[str, object]:
    return {
        "retainData": switches.retain_data,
        "initialRetrievalDays": switches.retrieval_days,
        "organisation": None,
    }


def _permission(permission: Permission, switches: Switches) -> dict[str, object]:
    return {
        "scope": permission.scope,
        "required": permission.scope not in switches.optional_scopes,
        "entity": permission.entity,
        "information": {
            "name": permission.name,
            "description": f"{permission.name} as the bank shows them.",
            "attributeList": list(permission.attributes),
        },
        "purpose": {"title": permission.name, "description": "Shown to you in the application."},
    }


def policy_id(version: int) -> str:
    return world_id("basiq", "policy", str(version))


def policy_path(version: int) -> str:
    return f"/policies/{policy_id(version)}"
