"""Connectors: the banks that can be reached, and how (providers/basiq.md, section 3.2)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.banks.catalogue import Connector, logo_path
from bankweave_sandbox.basiq.calls import Call, Gate
from bankweave_sandbox.basiq.consent_shape import PERMISSIONS
from bankweave_sandbox.basiq.filters import EQUALITY, SELECTION, parse_filter, select
from bankweave_sandbox.basiq.switches import Switches

COUNTRIES = {"AU": "Australia", "NZ": "New Zealand"}
_FILTERS = {
    "connector.id": ("eq",),
    "connector.method": ("eq",),
    "connector.status": SELECTION,
    "connector.stage": SELECTION,
    "connector.scopes": SELECTION,
    "connector.institution.country": SELECTION,
    "connector.institution.tier": SELECTION,
    "connector.institution.type": EQUALITY,
    "connector.authorization.type": SELECTION,
    "connector.connectorEngine": EQUALITY,
}


def routes(gate: Gate) -> list[Route]:
    return [
        gate.route("GET", "/connectors", list_connectors, right="connector.read"),
        gate.route("GET", "/connectors/{connector_id}", get_linked_connector, right="connector.read"),
        gate.route("GET", "/connectors/{connector_id}/{method}", get_connector, right="connector.read"),
        gate.route("GET", "/public/connectors", public(list_connectors), right="public"),
        gate.route("GET", "/public/connectors/{connector_id}/{method}", public(get_connector), right="public"),
    ]


def public(handler: Callable[[Call], Response]) -> Callable[[Call], Response]:
    """Let a handler answer everybody, as long as the switch says so."""

    def answer(call: Call) -> Response:
        if not call.switches.public_lists_served:
            raise errors.unknown_route()
        return handler(call)

    return answer


def list_connectors(call: Call) -> Response:
    terms = parse_filter(call.query("filter"), _FILTERS)
    found = select(call.platform.connectors, terms, partial(_field, call.switches))
    return call.listing([_connector(connector, call) for connector in found], totalCount=len(found))


def get_linked_connector(call: Call) -> Response:
    """Answer where links of other things lead to by switch; that such links name no method is documented."""
    if call.switches.institution_links != "connectors":
        raise errors.unknown_route()
    connector = call.platform.connector(call.path("connector_id"))
    if connector is None:
        raise errors.not_found("Requested connector does not exist.")
    return JSONResponse(_connector(connector, call))


def get_connector(call: Call) -> Response:
    connector = call.platform.connector(call.path("connector_id"))
    # Both spellings of open banking occur (section 3.1).
    if connector is None or connector.method != call.path("method").replace("-", ""):
        raise errors.not_found("Requested connector does not exist.")
    return JSONResponse(_connector(connector, call))


def _field(switches: Switches, connector: Connector, prop: str) -> str | tuple[str, ...]:
    fields: dict[str, str | tuple[str, ...]] = {
        "connector.id": connector.id,
        "connector.method": connector.method if connector.method == "web" else "open-banking",
        "connector.status": status_of(connector, switches),
        "connector.stage": "live",
        "connector.scopes": tuple(permission.scope for permission in PERMISSIONS),
        "connector.institution.country": COUNTRIES[connector.bank.country],
        "connector.institution.tier": "4",
        "connector.institution.type": "Test Bank",
        "connector.authorization.type": connector.authorization,
        "connector.connectorEngine": "node",  # which engine drives which bank is undocumented
    }
    return fields[prop]


def status_of(connector: Connector, switches: Switches) -> str:
    """Tell how well an institution can be reached."""
    if connector.id in switches.institutions_down:
        return "major-outage"
    return "degraded-performance" if connector.id in switches.institutions_degraded else "operational"


def _connector(connector: Connector, call: Call) -> dict[str, object]:
    return {
        "type": "connector",
        "id": connector.id,
        "method": connector.method,
        "stage": "live",
        "status": status_of(connector, call.switches),
        "scopes": [permission.scope for permission in PERMISSIONS],
        "authorization": {"type": connector.authorization, "meta": _captions()},
        "institution": institution_shape(connector, call.base),
        "stats": {"averageDurationMs": durations(call.switches)},
        "links": {"self": f"{call.base}/connectors/{connector.id}/{connector.method}"},
    }


def _captions() -> dict[str, str]:
    return {
        "login_id_caption": "Login ID",
        "password_caption": "Password",
        "secondary_login_id_caption": "",
        "security_code_caption": "",
        "forgotten_password_url": "",
    }


def institution_shape(connector: Connector, base: str) -> dict[str, object]:
    """Tell what a connector says of its bank."""
    return {
        "type": "Test Bank",
        "name": connector.bank.name,
        "shortName": connector.bank.name,
        "tier": "4",
        "country": COUNTRIES[connector.bank.country],
        "logo": {
            "type": "image",
            "colors": {"primary": connector.colour},
            "links": {
                "square": base + logo_path(connector, "square"),
                "full": base + logo_path(connector, "full"),
            },
        },
    }


def durations(switches: Switches) -> dict[str, int] | None:
    """Tell how many milliseconds each step of a job takes, if that is known (section 3.2)."""
    if not switches.durations_known:
        return None
    verify, accounts = int(switches.verify_seconds * 1000), int(switches.accounts_seconds * 1000)
    transactions = int(switches.transactions_seconds * 1000)
    return {
        "verifyCredentials": verify,
        "retrieveAccounts": accounts,
        "retrieveTransactions": transactions,
        "retrieveMeta": 0,
        "total": verify + accounts + transactions,
    }
