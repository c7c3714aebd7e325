"""Consents: what a person allowed, until when (providers/basiq.md, section 2.4)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.calls import Call, Gate
from bankweave_sandbox.basiq.state import Consent
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


def routes(gate: Gate) -> list[Route]:
    return [
        gate.route("GET", "/users/{user_id}/consents", list_consents, right="consent.read"),
        gate.route("DELETE", "/users/{user_id}/consents/{consent_id}", delete_consent, right="consent.delete"),
    ]


def list_consents(call: Call) -> Response:
    data = [_consent(consent, call) for consent in call.user.consents]
    links = {"self": f"{call.user_url}/consents"}
    return JSONResponse({"type": "list", "size": len(data), "data": data, "links": links})


def delete_consent(call: Call) -> Response:
    """Revoke for ever; a second time is no error (undocumented)."""
    user = call.user
    consent = next((c for c in user.consents if c.id == call.path("consent_id")), None)
    if consent is None:
        raise errors.not_found("Requested consent does not exist.")
    if consent.status == "active":
        call.platform.revoke_consent(user, consent)
    return Response(status_code=204)


def _consent(consent: Consent, call: Call) -> dict[str, object]:
    revoked = {} if consent.revoked is None else {"revoked": call.instant(consent.revoked)}
    return {
        "type": "consent",
        "id": consent.id,
        "created": call.instant(consent.created),
        "updated": call.instant(consent.updated),
        "expiryDate": call.instant(consent.expires),
        "origin": "user",
        "status": consent.status,
        "purpose": {"primary": {"title": PURPOSE, "description": "To see all accounts in one place."}, "other": None},
        "data": {
            "retainData": False,
            "initialRetrievalDays": call.switches.retrieval_days,
            "organisation": None,
            "permissions": [_permission(permission) for permission in PERMISSIONS],
        },
        **revoked,
        "links": {
            "self": f"{call.user_url}/consents/{consent.id}",
            "consentPolicy": _policy_url(call, consent.policy_version),
            "latestConsentPolicy": _policy_url(call, call.switches.policy_version),
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


def _policy_url(call: Call, version: int) -> str:
    """Name a policy; nothing is documented to be served there."""
    return f"{call.base}/policies/{world_id('basiq', 'policy', str(version))}"
