"""Events and their types over the API (providers/basiq.md, section 6.1)."""

from __future__ import annotations

import json
import re
from datetime import timedelta

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.calls import UUID, Call, Gate
from bankweave_sandbox.basiq.events.journal import Event, absolute
from bankweave_sandbox.basiq.events.types import event_types
from bankweave_sandbox.basiq.filters import parse_filter, select

_FILTERS = dict.fromkeys(("user.id", "event.entity", "event.type"), ("eq",))
_ID = re.compile(rf"[0-9a-f]{{64}}|{UUID.pattern}")
_TYPE_ID = re.compile(r"[a-z]+\.[a-z]+")


def routes(gate: Gate) -> list[Route]:
    return [
        gate.route("GET", "/events", list_events),
        gate.route("GET", "/events/types", list_types),
        gate.route("GET", "/events/types/", list_types),  # as its own link is printed
        gate.route("GET", "/events/types/{type_id}", get_type),
        gate.route("GET", "/events/{event_id}", get_event),
    ]


def list_events(call: Call) -> Response:
    """List the events of the last days; in which order is undocumented."""
    terms = parse_filter(call.query("filter"), _FILTERS)
    found = select(_recent(call), terms, _field)
    if call.switches.events_order == "newest-first":
        found.reverse()
    return call.listing([_event(event, call) for event in found])


def get_event(call: Call) -> Response:
    wanted = call.path("event_id")
    if not _ID.fullmatch(wanted):
        raise errors.path_not_valid("Event ID parameter is not valid", "eventId")
    event = next((event for event in _recent(call) if event.id == wanted), None)
    if event is None:
        raise errors.not_found("Requested event does not exist.")
    return JSONResponse(_event(event, call))


def list_types(call: Call) -> Response:
    data = [_type(id_, text, call) for id_, text in event_types(call.switches).items()]
    links = {"self": f"{call.base}/events/types/"}
    return JSONResponse({"type": "list", "size": len(data), "count": len(data), "data": data, "links": links})


def get_type(call: Call) -> Response:
    wanted = call.path("type_id")
    if not _TYPE_ID.fullmatch(wanted):
        raise errors.path_not_valid("Event Type ID parameter is not valid", "eventTypeId")
    description = event_types(call.switches).get(wanted)
    if description is None:
        raise errors.not_found("Requested event type does not exist.")
    return JSONResponse(_type(wanted, description, call))


def _recent(call: Call) -> list[Event]:
    oldest = call.platform.now() - timedelta(days=call.switches.event_days)
    return call.platform.journal.since(oldest)


def _field(event: Event, prop: str) -> str | tuple[str, ...]:
    match prop:
        case "user.id":
            return event.user_id
        case "event.entity":
            return event.entity
    # Whether the whole id or its second half is meant is undocumented: both are found.
    return (event.kind, event.type_id)


def _event(event: Event, call: Call) -> dict[str, object]:
    data = absolute(event.data, call.base)
    return {
        "type": "event",
        "id": event.id,
        "createdDate": call.instant(event.at),
        "entity": event.entity,
        "eventType": event.kind,
        "userId": event.user_id,
        "dataRef": call.base + event.path,
        "data": json.dumps(data) if call.switches.event_data == "text" else data,
        "links": {"self": f"{call.base}/events/{event.id}"},
    }


def _type(id_: str, description: str, call: Call) -> dict[str, object]:
    links = {"self": f"{call.base}/events/types/{id_}"}
    return {"type": "eventType", "id": id_, "description": description, "links": links}
