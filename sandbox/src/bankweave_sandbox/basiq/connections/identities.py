"""Identities: what each bank says about the person (providers/basiq.md, section 5.3)."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.calls import Call, Gate
from bankweave_sandbox.basiq.connections.connections import postal_address
from bankweave_sandbox.basiq.connections.organisations import organisation_shape
from bankweave_sandbox.basiq.state import Connection
from bankweave_sandbox.world import Person, world_id


def routes(gate: Gate) -> list[Route]:
    return [
        gate.route("GET", "/users/{user_id}/identities", list_identities),
        gate.route("GET", "/users/{user_id}/identities/{identity_id}", get_identity),
    ]


def list_identities(call: Call) -> Response:
    data = _identities(call)
    return JSONResponse({"type": "list", "count": len(data), "data": data})


def get_identity(call: Call) -> Response:
    found = next((i for i in _identities(call) if i["id"] == call.path("identity_id")), None)
    if found is None:
        raise errors.not_found("Requested identity does not exist.")
    return JSONResponse(found)


def _identities(call: Call) -> list[dict[str, object]]:
    user = call.user
    known = ((connection, user.identified_by(connection)) for connection in user.connections.values())
    return [_identity(connection, person, call) for connection, person in known if person is not None]


def _identity(connection: Connection, person: Person, call: Call) -> dict[str, object]:
    id_ = world_id("basiq", "identity", connection.id)
    organisation = organisation_shape(person)
    return {
        "type": "identity",
        "id": id_,
        "created": call.instant(connection.created),
        "updated": call.instant(connection.last_used),
        "connectionID": connection.id,
        "institutionID": connection.connector.id,
        "source": connection.connector.method,
        "fullName": person.name,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "middleName": "",
        "title": "",
        "DOB": person.birth_date.isoformat(),
        "occupationCode": "",
        "occupationCodeVersion": "",
        "phoneNumbers": [person.mobile],
        "emailAddresses": [person.email],
        # Unlike a profile's, the lines of an identity's address are never null in the specification.
        "physicalAddresses": [{name: text or "" for name, text in postal_address(person.address).items()}],
        **({} if organisation is None else {"organisation": organisation}),
        "links": {
            "self": f"{call.user_url}/identities/{id_}",
            "job": f"{call.user_url}/connections/{connection.id}",  # that it names the connection is as recorded
        },
    }
