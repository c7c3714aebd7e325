"""Stored data, the catalog and the health checks (providers/kontomatik.md sections 1, 9 and 10)."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bankweave_sandbox.kontomatik.catalog import ACCESS_MODES, targets_element
from bankweave_sandbox.kontomatik.commands import Command
from bankweave_sandbox.kontomatik.data_xml import owner_element
from bankweave_sandbox.kontomatik.desk import Desk
from bankweave_sandbox.kontomatik.endpoint import done, xml_route
from bankweave_sandbox.kontomatik.envelope import reply, xml_response
from bankweave_sandbox.kontomatik.guard import required
from bankweave_sandbox.kontomatik.refusals import invalid_owner, invalid_parameter


def data_routes(desk: Desk) -> list[Route]:
    return [
        xml_route("/v1/data.xml", desk, _read_data, method="GET"),
        xml_route("/v1/data.xml", desk, _delete_data, method="DELETE"),
        # The catalog had two names over the years (section 10).
        xml_route("/v1/catalog.xml", desk, _catalog, method="GET"),
        xml_route("/v1/command-catalog.xml", desk, _catalog, method="GET"),
        Route("/isItWorking", _is_it_working, methods=["GET"]),
        Route("/v1/health", _health, methods=["GET"]),
    ]


def _read_data(desk: Desk, _request: Request, parameters: Mapping[str, str]) -> Response:
    owner = required(parameters, "ownerExternalId")
    root = reply(desk.now(), owner=owner, schema="get_data")
    owner_element(root, owner, _stored(desk, owner), desk.switches)
    return xml_response(root, 200)


def _delete_data(desk: Desk, _request: Request, parameters: Mapping[str, str]) -> Response:
    owner = required(parameters, "ownerExternalId")
    _stored(desk, owner)
    desk.commands.forget(owner)
    return done(desk, owner)


def _stored(desk: Desk, owner: str) -> list[Command]:
    imports = desk.commands.successful_of(owner)
    if not imports:
        raise invalid_owner()
    return imports


def _catalog(desk: Desk, _request: Request, parameters: Mapping[str, str]) -> Response:
    asked = parameters.get("accessMode") or "MIXED"
    mode = next((m for m in ACCESS_MODES if m == asked), None)
    if mode is None:
        raise invalid_parameter("accessMode", "is not one of " + ", ".join(ACCESS_MODES))
    root = reply(desk.now(), schema="get_command_catalog")
    targets_element(root, desk.catalog.listed(parameters.get("country") or "all", mode))
    return xml_response(root, 200)


async def _is_it_working(_request: Request) -> Response:
    return PlainTextResponse("OK")


async def _health(_request: Request) -> Response:
    return JSONResponse({"status": "UP"})
