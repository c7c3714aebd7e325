"""Connections: list, read, refresh, purge, delete (providers/basiq.md, section 3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.banks.catalogue import institution_path, institution_reference
from bankweave_sandbox.basiq.calls import Call, Gate
from bankweave_sandbox.basiq.data.accounts import account_summary
from bankweave_sandbox.basiq.errors import ApiError
from bankweave_sandbox.basiq.filters import EQUALITY, parse_filter, select
from bankweave_sandbox.basiq.state import Connection, User
from bankweave_sandbox.world import Person

# The notes name the properties without a prefix; "connection." before them is tolerated, as elsewhere.
_FILTERS = dict.fromkeys(("id", "connection.id", "status", "connection.status", "institution.id"), EQUALITY)


def routes(gate: Gate) -> list[Route]:
    one = "/users/{user_id}/connections/{connection_id}"
    return [
        gate.route("GET", "/users/{user_id}/connections", list_connections, right="connection.read"),
        gate.route("POST", "/users/{user_id}/connections/refresh", refresh_all),
        gate.route("GET", one, get_connection, right="connection.read"),
        gate.route("DELETE", one, delete_connection, right="connection.delete"),
        gate.route("POST", one + "/refresh", refresh_connection),
        gate.route("POST", one + "/purge", purge_connection),
    ]


def list_connections(call: Call) -> Response:
    terms = parse_filter(call.query("filter"), _FILTERS)
    found = select(_told(call, call.user).values(), terms, _field)
    return call.listing([_listed(connection, call) for connection in found])


def get_connection(call: Call) -> Response:
    user = call.user
    connection = _found(call, _told(call, user))
    accounts = [
        account_summary(a, call.base, user.id, call.switches)
        for a in user.accounts.values()
        if a.connection_id == connection.id
    ]
    shown = _common(connection, call, list_=False)
    shown["accounts"] = {"type": "list", "data": accounts}
    person = user.identified_by(connection)
    if person is not None and call.switches.profile_included:
        shown["profile"] = _profile(person)
    shown["links"] = {**_links(connection, call), "user": call.user_url}
    return JSONResponse(shown)


def refresh_all(call: Call) -> Response:
    """Refresh what the bank has neither refused nor yet allowed; a job that runs already is answered as it is."""
    user = call.user
    refreshable = [c for c in user.connections.values() if not _is_refused(c, call) and not _is_unfinished(c, call)]
    data = [_refresh(call, user, connection)[0] for connection in refreshable]
    return JSONResponse({"type": "list", "data": data}, status_code=202)


def refresh_connection(call: Call) -> Response:
    user = call.user
    connection = _connection(call, user)
    if connection.connector.id in call.switches.institutions_live:
        raise errors.no_production_access()
    if _is_unfinished(connection, call):
        raise _unfinished(call)
    if _is_refused(connection, call):
        raise errors.bad_credentials()
    job, is_new = _refresh(call, user, connection)
    return JSONResponse(job, status_code=202 if is_new else call.switches.refresh_while_running)


def purge_connection(call: Call) -> Response:
    """Wipe what was retrieved and keep the connection."""
    user = call.user
    connection = _connection(call, user)
    if connection.status != "active" and call.switches.purge_of_inactive == "refuse":
        raise errors.not_valid("Only an active connection can be purged.", "connectionId")
    user.accounts = {a.id: a for a in user.accounts.values() if a.connection_id != connection.id}
    return Response(status_code=204)


def delete_connection(call: Call) -> Response:
    """Delete the connection alone: its accounts and transactions stay with the user."""
    user = call.user
    call.platform.delete_connection(user, _connection(call, user).id)
    return Response(status_code=204)


def _told(call: Call, user: User) -> dict[str, Connection]:
    """List what can be read; of what has ended nothing but that it did, and only by switch."""
    return user.connections | (user.ended_connections if call.switches.ended_connections == "listed" else {})


def _connection(call: Call, user: User) -> Connection:
    return _found(call, user.connections)


def _found(call: Call, connections: Mapping[str, Connection]) -> Connection:
    connection = connections.get(call.path("connection_id"))
    if connection is None:
        raise errors.not_found("Requested connection does not exist.")
    return connection


def _is_refused(connection: Connection, call: Call) -> bool:
    failure = connection.last_failure
    refused = failure is not None and failure.code == "invalid-credentials"
    return refused and call.switches.refresh_with_bad_credentials == "refuse"


def _is_unfinished(connection: Connection, call: Call) -> bool:
    """Say whether the person left the bank's pages before the bank allowed anything (section 3.1)."""
    return connection.status == "pre-init" and call.switches.refresh_of_pre_init != "job"


def _unfinished(call: Call) -> ApiError:
    if call.switches.refresh_of_pre_init == "not-found":
        return errors.not_found("Requested connection does not exist.")
    return errors.not_valid("The person has not finished connecting at the institution.", "connectionId")


def _refresh(call: Call, user: User, connection: Connection) -> tuple[dict[str, object], bool]:
    running = call.platform.running_job(connection)
    if running is None:
        _count_open_banking(connection, call)
    job = running or call.platform.start_job(user, connection)
    return call.job_reference(job.id), running is None


def _count_open_banking(connection: Connection, call: Call) -> None:
    now = call.platform.now()
    connection.refreshed = [at for at in connection.refreshed if at > now - timedelta(days=1)]
    if connection.is_open_banking and len(connection.refreshed) >= call.switches.open_banking_refreshes_per_day:
        raise errors.too_many_requests(call.switches.too_many_requests_status)
    connection.refreshed.append(now)


def _field(connection: Connection, prop: str) -> str:
    match prop:
        case "institution.id":
            return connection.connector.id
        case "status" | "connection.status":
            return connection.status
    return connection.id


def _listed(connection: Connection, call: Call) -> dict[str, object]:
    return {**_common(connection, call, list_=True), "links": _links(connection, call)}


def _common(connection: Connection, call: Call, *, list_: bool) -> dict[str, object]:
    shown: dict[str, object] = {
        "type": "connection",
        "id": connection.id,
        "method": _method(connection, call, list_=list_),
        # Empty or null, but there, for web connectors (section 3.1).
        "expiryDate": call.instant(connection.expires) if connection.expires else call.absent_date,
        "institution": institution_reference(connection.connector.id, call.base, call.switches),
    }
    if call.token.scope == "SERVER_ACCESS":  # section 1
        shown["status"] = connection.status
        shown["createdDate"] = call.instant(connection.created)
        shown["lastUsed"] = call.instant(connection.last_used)
    return shown


def _method(connection: Connection, call: Call, *, list_: bool) -> str:
    if not connection.is_open_banking:
        return "web"
    spelling = call.switches.method_spelling
    if spelling == "mixed":
        return "openbanking" if list_ else "open-banking"
    return spelling


def _links(connection: Connection, call: Call) -> dict[str, str]:
    institution = connection.connector.id
    selected = f"filter=institution.id.eq('{institution}')"
    return {
        "self": f"{call.user_url}/connections/{connection.id}",
        "institution": call.base + institution_path(institution, call.switches),
        "accounts": f"{call.user_url}/accounts?{selected}",
        "transactions": f"{call.user_url}/transactions?{selected}",
    }


def _profile(person: Person) -> dict[str, object]:
    return {
        "fullName": person.name,
        "firstName": person.first_name,
        "middleName": "",
        "lastName": person.last_name,
        "emailAddresses": [person.email],
        "phoneNumbers": [person.mobile],
        "physicalAddresses": [postal_address(person.address)],
    }


def postal_address(text: str) -> dict[str, str | None]:
    """Cut an address as far as its commas tell: street, town with state and postcode."""
    street, _, town = text.rpartition(",")
    words = town.split()
    postcode = words.pop() if words and words[-1].isdecimal() else ""
    state = words.pop() if len(words) > 1 and words[-1].isupper() else ""
    return {
        "addressLine1": street.strip(),
        "addressLine2": None,
        "addressLine3": None,
        "city": " ".join(words),
        "state": state,
        "postcode": postcode,
        "country": "Australia",
        "countryCode": "AUS",
        "formattedAddress": text,
    }
