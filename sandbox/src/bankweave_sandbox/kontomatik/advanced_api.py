"""The endpoints of the older step-by-step imports (providers/kontomatik.md section 4.3)."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bankweave_sandbox.kontomatik.advanced import PARTS, Advanced, Part
from bankweave_sandbox.kontomatik.command_xml import started_reply
from bankweave_sandbox.kontomatik.desk import Desk
from bankweave_sandbox.kontomatik.endpoint import Handler, xml_route
from bankweave_sandbox.kontomatik.envelope import xml_response
from bankweave_sandbox.kontomatik.guard import read_since, required
from bankweave_sandbox.kontomatik.refusals import invalid_argument

_NUMBERS: Mapping[Part, str] = {"account-rows": "iban", "card-rows": "cardNumber"}


def advanced_routes(desk: Desk) -> list[Route]:
    return [
        xml_route(f"/v1/command/{path}.xml", desk, _starter(name, part), method="POST")
        for path, (name, part) in PARTS.items()
    ]


def _starter(name: str, part: Part) -> Handler:
    def start(desk: Desk, _request: Request, parameters: Mapping[str, str]) -> Response:
        session_id, signature = required(parameters, "sessionId"), required(parameters, "sessionIdSignature")
        number = required(parameters, _NUMBERS[part]) if part in _NUMBERS else ""
        since = read_since(parameters, desk.now(), desk.switches) if part in _NUMBERS else None
        if parameters.get("fast", "false") not in {"true", "false"}:  # taken, and without effect
            raise invalid_argument("fast")
        session = desk.sessions.find(session_id, signature)
        command = desk.commands.start_advanced(session, Advanced(name, part, number), since)
        return xml_response(started_reply(command, desk.now()), 202)

    return start
