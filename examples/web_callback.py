"""Connect banks in a web application: begin, come back in any process, answer what the bank asks.

    pip install 'starlette' 'uvicorn'
    uvicorn --app-dir examples web_callback:app --port 8910 --workers 2 --no-access-log

Starlette is no dependency of bankweave; any framework will do. The access log is off because callback addresses hold codes.
Nothing is kept in memory between two requests: every step reads the flow from the store, so that workers can share the work.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import escape
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bankweave import AsyncBankweave, Challenge, Flow, Redirect
from bankweave.errors import BankweaveError, FlowError

OPTIONS = {"basiq": {"email": "anna@example.com"}}  # Basiq wants an address of every new person


@asynccontextmanager
async def opened(app: Starlette) -> AsyncIterator[None]:
    async with AsyncBankweave() as bank:
        app.state.bank = bank
        yield


def bank_of(request: Request) -> AsyncBankweave:
    bank: AsyncBankweave = request.app.state.bank
    return bank


def owner_of(request: Request) -> str:
    """Ask your own session here. Never take the owner from the callback's address."""
    return request.headers.get("x-signed-in-as", "anna")


async def own_flow(request: Request) -> Flow | None:
    """The flow of the address, if it belongs to who is signed in: nobody else may see or answer it."""
    flow = await bank_of(request).flow(request.path_params["flow_id"])
    return flow if flow.owner == owner_of(request) else None


async def begin(request: Request) -> Response:
    adapter = request.path_params["adapter"]
    flow = await bank_of(request).connect(
        adapter,
        owner=owner_of(request),
        redirect_uri=str(request.url_for("come_back")),
        institution=request.query_params.get("institution"),
        options=OPTIONS.get(adapter),
    )
    return to_next_page(request, flow)


async def come_back(request: Request) -> Response:
    """The person is back, perhaps in another browser. The key in the address finds the flow; it signs nobody in."""
    flow = await bank_of(request).resume(str(request.url))
    return to_next_page(request, flow)


async def show(request: Request) -> Response:
    flow = await own_flow(request)
    if flow is None:
        return Response("no such flow", status_code=404)
    if flow.waits:
        flow = await bank_of(request).wait(flow.id, seconds=2)  # the page below looks again by itself
    return HTMLResponse(page(flow))


async def answer(request: Request) -> Response:
    """Take the form of `show`. A real page protects its forms against forgery (CSRF) as well."""
    if await own_flow(request) is None:
        return Response("no such flow", status_code=404)
    answers = dict(parse_qsl((await request.body()).decode()))
    flow = await bank_of(request).answer(request.path_params["flow_id"], answers)
    return to_next_page(request, flow)


async def status(request: Request) -> Response:
    """The same for a page that is made in the browser."""
    flow = await own_flow(request)
    return Response(status_code=404) if flow is None else JSONResponse(flow.public())


def to_next_page(request: Request, flow: Flow) -> Response:
    if isinstance(flow.interaction, Redirect):
        return RedirectResponse(flow.interaction.url, status_code=303)
    return RedirectResponse(request.url_for("show", flow_id=flow.id), status_code=303)


def page(flow: Flow) -> str:
    if isinstance(flow.interaction, Challenge):
        return form(flow.interaction)
    if flow.failure is not None:
        return f"<h1>Not connected</h1><p>{escape(flow.failure.message)}</p>"
    again = '<meta http-equiv="refresh" content="2">' if flow.waits else ""
    return f"{again}<h1>{escape(flow.status)}</h1>"


def form(challenge: Challenge) -> str:
    fields = "".join(
        f'<label>{escape(field.label)} <input name="{escape(field.name)}" '
        f'type="{"password" if field.secret else "text"}" autocomplete="one-time-code"></label>'
        for field in challenge.fields
    )
    button = "Send" if challenge.fields else "I have approved it"
    return f'<p>{escape(challenge.message)}</p><form method="post">{fields}<button>{button}</button></form>'


async def explain(_: Request, error: Exception) -> Response:
    """Messages of bankweave hold no secret and no name, so that they may be shown."""
    code = 409 if isinstance(error, FlowError) else 502
    return Response(json.dumps({"error": str(error)}), status_code=code, media_type="application/json")


app = Starlette(
    routes=[
        Route("/connect/{adapter}", begin),
        Route("/callback", come_back, name="come_back"),
        Route("/flows/{flow_id}", show, name="show"),
        Route("/flows/{flow_id}", answer, methods=["POST"], name="answer"),
        Route("/flows/{flow_id}/status", status, name="status"),
    ],
    exception_handlers={BankweaveError: explain},
    lifespan=opened,
)
