"""Consents: what a person allowed, until when (providers/basiq.md, section 2.4)."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.calls import Call, Gate
from bankweave_sandbox.basiq.consent_shape import consent_shape
from bankweave_sandbox.basiq.state import Consent, User


def routes(gate: Gate) -> list[Route]:
    one = "/users/{user_id}/consents/{consent_id}"
    return [
        gate.route("GET", "/users/{user_id}/consents", list_consents, right="consent.read"),
        # Not in the specification, but the consents' own links lead here.
        gate.route("GET", one, get_consent, right="consent.read"),
        gate.route("DELETE", one, delete_consent, right="consent.delete"),
    ]


def list_consents(call: Call) -> Response:
    user = call.user
    data = [consent_shape(consent, user.id, call.base, call.switches) for consent in user.consents]
    links = {"self": f"{call.user_url}/consents"}
    return JSONResponse({"type": "list", "size": len(data), "data": data, "links": links})


def get_consent(call: Call) -> Response:
    if not call.switches.consents_read_alone:
        raise errors.unknown_route()
    user = call.user
    return JSONResponse(consent_shape(_consent(call, user), user.id, call.base, call.switches))


def delete_consent(call: Call) -> Response:
    """Revoke for ever."""
    user = call.user
    consent = _consent(call, user)
    if consent.status == "active":
        call.platform.revoke_consent(user, consent)
    elif call.switches.second_revocation == 404:
        raise errors.not_found("Requested consent does not exist.")
    return Response(status_code=204)


def _consent(call: Call, user: User) -> Consent:
    consent = next((c for c in user.consents if c.id == call.path("consent_id")), None)
    if consent is None:
        raise errors.not_found("Requested consent does not exist.")
    return consent
