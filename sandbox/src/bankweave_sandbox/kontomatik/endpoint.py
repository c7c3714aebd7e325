"""One gate before every endpoint of the API, and one place where refusals become answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.kontomatik.desk import Desk
from bankweave_sandbox.kontomatik.envelope import comment_reply, exception_reply, reply, xml_response
from bankweave_sandbox.kontomatik.guard import identify, read_parameters
from bankweave_sandbox.kontomatik.refusals import Refused, Unidentified, refused_with

Handler = Callable[[Desk, Request, Mapping[str, str]], Response]


def xml_route(path: str, desk: Desk, handler: Handler, *, method: str) -> Route:
    """Serve an XML endpoint: its parameters come as a form or as a query."""

    async def endpoint(request: Request) -> Response:
        return await _answer(desk, request, handler, _xml_refusal)

    return Route(path, endpoint, methods=[method])


def json_route(path: str, desk: Desk, handler: Handler, *, method: str) -> Route:
    """Serve a JSON endpoint. The handler finds a read body in `request.state.body`."""

    async def endpoint(request: Request) -> Response:
        return await _answer(desk, request, handler, _json_refusal)

    return Route(path, endpoint, methods=[method])


def done(desk: Desk, owner: str | None = None) -> Response:
    """Answer what has nothing to tell: deletions and signing out (14.22; switch deletion_body)."""
    if desk.switches.deletion_body == "empty":
        return Response(status_code=200)
    return xml_response(reply(desk.now(), owner=owner), 200)


async def _answer(
    desk: Desk, request: Request, handler: Handler, refusal: Callable[[Desk, Refused], Response]
) -> Response:
    parameters = await read_parameters(request)
    request.state.body = await request.body()
    try:
        identify(request, parameters, desk.switches)
        if desk.switches.refuse_all_with:
            raise refused_with(desk.switches.refuse_all_with)
        return handler(desk, request, parameters)
    except Unidentified as unidentified:
        # Also before the JSON endpoints: the gate's answer was only ever recorded as XML (section 7).
        return xml_response(comment_reply(desk.now(), str(unidentified)), 401)
    except Refused as refused:
        return refusal(desk, refused)


def _xml_refusal(desk: Desk, refused: Refused) -> Response:
    return xml_response(exception_reply(desk.now(), refused), refused.status, _headers(refused))


def _json_refusal(desk: Desk, refused: Refused) -> Response:
    """The error body of the JSON endpoints is undocumented (14.5; switch json_errors)."""
    if desk.switches.json_errors == "xml":
        return _xml_refusal(desk, refused)
    body = {"exception": {"name": refused.name, "message": refused.message}}
    return JSONResponse(body, refused.status, headers=_headers(refused))


def _headers(refused: Refused) -> dict[str, str]:
    return {} if refused.retry_after is None else {"Retry-After": str(refused.retry_after)}
