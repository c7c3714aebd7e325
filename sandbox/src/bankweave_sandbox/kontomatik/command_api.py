"""Imports, multiple access and sign-out: the command endpoints (providers/kontomatik.md sections 4, 8 and 11)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal, cast

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bankweave_sandbox.kontomatik.catalog import SIGN_OUT
from bankweave_sandbox.kontomatik.command_xml import polled_reply, started_reply, unseen_reply
from bankweave_sandbox.kontomatik.commands import Command
from bankweave_sandbox.kontomatik.desk import Desk
from bankweave_sandbox.kontomatik.endpoint import done, xml_route
from bankweave_sandbox.kontomatik.envelope import child, reply, xml_response
from bankweave_sandbox.kontomatik.guard import read_since, required
from bankweave_sandbox.kontomatik.refusals import (
    Refused,
    command_not_available,
    invalid_parameter,
    refused_with,
)
from bankweave_sandbox.kontomatik.scenarios import Customer, known_at, scenario_in_force, sign_in_exception
from bankweave_sandbox.kontomatik.sessions import Session


def command_routes(desk: Desk) -> list[Route]:
    return [
        xml_route("/v1/command/default-import.xml", desk, _default_import, method="POST"),
        xml_route("/v1/command/reuse-multiple-access.xml", desk, _reuse, method="POST"),
        xml_route("/v1/command/delete-multiple-access.xml", desk, _revoke, method="POST"),
        xml_route("/v1/command/sign-out.xml", desk, _sign_out, method="POST"),
        xml_route("/v1/command/{command_id}.xml", desk, _poll, method="GET"),
        xml_route("/v1/mock-session.xml", desk, _mock_session, method="POST"),
    ]


def _default_import(desk: Desk, _request: Request, parameters: Mapping[str, str]) -> Response:
    session_id, signature = required(parameters, "sessionId"), required(parameters, "sessionIdSignature")
    since = read_since(parameters, desk.now(), desk.switches)
    session = desk.sessions.find(session_id, signature)
    try:
        command = _start(desk, session, since)
    except Refused as refused:
        raise _of_owner(refused, session) from None
    return xml_response(started_reply(command, desk.now()), 202)


def _start(desk: Desk, session: Session, since: date | None) -> Command:
    counted = session.consent if session.is_reuse and desk.switches.uses_count_at == "import" else None
    if counted is not None and not session.import_started:
        desk.consents.check_uses(counted)
    command = desk.commands.start(session, since)
    if counted is not None:
        desk.consents.count_use(counted)
    return command


def _poll(desk: Desk, request: Request, _parameters: Mapping[str, str]) -> Response:
    command = desk.commands.find(request.path_params["command_id"])
    root = polled_reply(command, desk.now(), desk.switches)
    return xml_response(root, int(cast("str", root.get("status")).split()[0]))


def _reuse(desk: Desk, _request: Request, parameters: Mapping[str, str]) -> Response:
    access_id = required(parameters, "multipleAccessId")
    consent = desk.consents.find(access_id)
    if desk.catalog.is_down(consent.target):
        message = "Multiple access is not available while the bank is on another target."
        raise refused_with(desk.switches.moved_access_exception, message)
    desk.sessions.check_room()
    if desk.switches.uses_count_at == "reuse":
        desk.consents.check_uses(consent)
        desk.consents.count_use(consent)
    session = desk.sessions.open(desk.numbers.next(), consent.target, consent.customer, consent.owner)
    session.consent, session.is_reuse = consent, True
    if desk.switches.reuse_answers == "command":
        return xml_response(unseen_reply(desk.numbers.next(), session.owner, desk.now()), 202)
    return xml_response(_session_reply(session, desk.now()), 200)


def _revoke(desk: Desk, _request: Request, parameters: Mapping[str, str]) -> Response:
    desk.consents.end(required(parameters, "multipleAccessId"))
    return done(desk)


def _sign_out(desk: Desk, _request: Request, parameters: Mapping[str, str]) -> Response:
    session = desk.sessions.find(required(parameters, "sessionId"), required(parameters, "sessionIdSignature"))
    if not session.target.signs_out:
        raise _of_owner(command_not_available(SIGN_OUT, session.target.name), session)
    session.is_closed = True
    return done(desk)


def _mock_session(desk: Desk, _request: Request, parameters: Mapping[str, str]) -> Response:
    """Sign in at the mock bank without a browser."""
    login, country = required(parameters, "login"), required(parameters, "country")
    allows_reuse = _read_flag(parameters, "multipleAccess")
    owner = parameters.get("ownerExternalId") or f"kontomatik-{uuid.uuid4()}"
    target = desk.catalog.mock_target(country)
    if target is None:
        raise invalid_parameter("country", "has no mock bank")
    customer = known_at(desk.world, target, login)
    if customer is None:
        raise invalid_parameter("login", "is not a user of the mock bank")
    _check_sign_in(desk, customer)
    session = desk.sign_ins.grant(target, customer, owner, allows_reuse=allows_reuse)
    access_id = session.consent.id if session.consent else None
    root = _session_reply(session, desk.now(), access_id, desk.switches.access_id_place)
    return xml_response(root, 200)


def _check_sign_in(desk: Desk, customer: Customer) -> None:
    # How mock-session reports a sign-in that fails is undocumented; the name is the one of the redirection.
    exception = sign_in_exception(scenario_in_force(customer, desk.switches), desk.switches)
    if desk.switches.sign_in_outage:
        exception = desk.switches.outage_exception
    if exception is not None:
        raise refused_with(exception, "The sign-in failed.")


def _session_reply(
    session: Session, now: datetime, access_id: str | None = None, place: Literal["session", "reply"] = "session"
) -> etree._Element:
    root = reply(now, owner=session.owner)
    element = child(root, "session", attributes={"id": session.id, "signature": session.signature})
    if access_id is not None:
        child(element if place == "session" else root, "multipleAccessId", access_id)
    return root


def _read_flag(parameters: Mapping[str, str], name: str) -> bool:
    value = parameters.get(name, "false").lower()
    if value not in {"true", "false"}:
        raise invalid_parameter(name, "is neither true nor false")
    return value == "true"


def _of_owner(refused: Refused, session: Session) -> Refused:
    refused.owner = session.owner
    return refused
