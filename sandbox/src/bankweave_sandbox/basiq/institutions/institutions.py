"""Institutions, as they were told before there were connectors (providers/basiq.md, section 3.2).

v3 has connectors instead, but links in its payloads still lead here, and Basiq's own kits list and read institutions with
v3 tokens. What they look like is documented for v2 only.
"""

from __future__ import annotations

from functools import partial

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.banks.catalogue import Connector
from bankweave_sandbox.basiq.calls import Call, Gate
from bankweave_sandbox.basiq.filters import EQUALITY, SELECTION, parse_filter, select
from bankweave_sandbox.basiq.institutions.connectors import COUNTRIES, durations, institution_shape, public, status_of
from bankweave_sandbox.basiq.switches import Switches

_TYPE = "Test Bank"
_SERVICE = "Personal Banking"
_FILTERS = {
    "institution.country": SELECTION,
    "institution.tier": SELECTION,
    "institution.authorization": SELECTION,
    "institution.serviceType": EQUALITY,
    "institution.institutionType": EQUALITY,
    "institution.stage": EQUALITY,
    "institution.connectorStatus": EQUALITY,  # only seen in basiq-connect-control, which wants the "active" ones
}
# What the features name, each with the method that it is had by.
_FEATURES = {
    "accounts": ("accountHolder", "accountNo", "availableFunds", "balance", "currency", "lastUpdated", "name"),
    "transactions": ("amount", "balance", "description", "direction", "postDate", "status", "transactionDate"),
    "profile": ("emailAddresses", "firstName", "fullName", "lastName", "phoneNumbers", "physicalAddresses"),
}


def routes(gate: Gate) -> list[Route]:
    return [
        gate.route("GET", "/institutions", list_institutions, right="connector.read"),
        gate.route("GET", "/institutions/{institution_id}", get_institution, right="connector.read"),
        gate.route("GET", "/public/institutions", public(list_institutions), right="public"),
    ]


def list_institutions(call: Call) -> Response:
    _demand_served(call)
    terms = parse_filter(call.query("filter"), _FILTERS)
    found = select(call.platform.connectors, terms, partial(_field, call.switches))
    return call.listing([_institution(connector, call) for connector in found], totalCount=len(found))


def get_institution(call: Call) -> Response:
    _demand_served(call)
    connector = call.platform.connector(call.path("institution_id"))
    if connector is None:
        raise errors.not_found("Requested institution does not exist.")
    return JSONResponse(_institution(connector, call))


def _demand_served(call: Call) -> None:
    if not call.switches.institutions_served:
        raise errors.unknown_route()


def _field(switches: Switches, connector: Connector, prop: str) -> str:
    fields: dict[str, str] = {
        "institution.country": COUNTRIES[connector.bank.country],
        "institution.tier": "4",
        "institution.authorization": connector.authorization,
        "institution.serviceType": _SERVICE,
        "institution.institutionType": _TYPE,
        "institution.stage": "live",
        "institution.connectorStatus": "inactive" if connector.id in switches.institutions_down else "active",
    }
    return fields[prop]


def _institution(connector: Connector, call: Call) -> dict[str, object]:
    shape = institution_shape(connector, call.base)
    del shape["type"]
    return {
        "type": "institution",
        "id": connector.id,
        **shape,
        "institutionType": _TYPE,
        "serviceName": "Personal Online Banking",
        "serviceType": _SERVICE,
        "loginIdCaption": "Login ID",
        "passwordCaption": "Password",
        "authorization": connector.authorization,
        "features": _features(connector),
        "forgottenPasswordUrl": "",
        "stage": "live",
        "status": status_of(connector, call.switches),
        "stats": {"averageDurationMs": durations(call.switches)},
        "links": {"self": f"{call.base}/institutions/{connector.id}"},
    }


def _features(connector: Connector) -> dict[str, object]:
    method = connector.method
    asked = [method] if connector.asks_mfa else []
    return {
        "login": [method],
        "mfaChallenge": asked,
        **{topic: {name: [method] for name in names} for topic, names in _FEATURES.items()},
    }
