"""Policies: what an application asks people to agree to (providers/basiq.md, section 2.4).

Consents link to `/policies/<id>`; nothing is documented to be served there.
"""

from __future__ import annotations

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.calls import Call, Gate
from bankweave_sandbox.basiq.consent_shape import policy_id, policy_shape


def routes(gate: Gate) -> list[Route]:
    return [gate.route("GET", "/policies/{policy_id}", get_policy, right="consent.read")]


def get_policy(call: Call) -> Response:
    """Tell the current policy, or an earlier one under which a consent still stands."""
    if not call.switches.policies_served:
        raise errors.unknown_route()
    wanted = call.path("policy_id")
    version = next((version for version in sorted(_versions(call)) if policy_id(version) == wanted), None)
    if version is None:
        raise errors.not_found("Requested policy does not exist.")
    return JSONResponse(policy_shape(version, call.base, call.switches))


def _versions(call: Call) -> set[int]:
    consents = (consent for user in call.platform.users.values() for consent in user.consents)
    return {call.switches.policy_version, *(consent.policy_version for consent in consents)}
