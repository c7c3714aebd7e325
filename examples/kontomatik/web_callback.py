"""Connect a bank in a web application whose people come back in another browser than they left in.

    pip install 'starlette' 'uvicorn'
    uvicorn --app-dir examples/kontomatik web_callback:app --port 8910 --workers 2 --no-access-log

A person begins where they are signed in. The bank's app, or a link opened on another device, may bring them back in a browser
that has no session here: the callback finishes the flow by the redirectionId in its address and by nothing else, signs
nobody in, and says where the flow stands and no more. It may come twice, or be reloaded; that changes nothing.

The access log is off because callback addresses hold the key of a flow. Starlette is no dependency of bankweave.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import escape

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bankweave import AsyncBankweave, Flow, FlowStatus, Redirect
from bankweave.errors import BankweaveError, FlowError, ProviderUnavailable

PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@asynccontextmanager
async def opened(app: Starlette) -> AsyncIterator[None]:
    async with AsyncBankweave() as bank:
        app.state.bank = bank
        yield


def bank_of(request: Request) -> AsyncBankweave:
    bank: AsyncBankweave = request.app.state.bank
    return bank


def owner_of(request: Request) -> str | None:
    """Ask your own session here; `None` is somebody who is not signed in."""
    return request.headers.get("x-signed-in-as")


async def banks(request: Request) -> Response:
    """The person's own page: their banks, and a button for one more."""
    owner = owner_of(request)
    if owner is None:
        return page("Please sign in first.", status=401)
    known = await bank_of(request).connections(owner=owner)
    names = "".join(f"<li>{escape(one.institution_name or one.adapter)}</li>" for one in known)
    return page(f'<ul>{names}</ul><form method="post" action="/banks"><button>Connect a bank</button></form>')


async def begin(request: Request) -> Response:
    """Begin on a POST, and protect its form against forgery (CSRF) in a real page: every begin is another flow."""
    owner = owner_of(request)
    if owner is None:
        return page("Please sign in first.", status=401)
    back = str(request.url_for("come_back"))
    flow = await bank_of(request).connect("kontomatik", owner=owner, redirect_uri=back)
    if isinstance(flow.interaction, Redirect):
        return RedirectResponse(flow.interaction.url, status_code=303, headers=PRIVATE)
    return page(said(flow))


async def come_back(request: Request) -> Response:
    """Take the redirectionId, from whatever browser: one without a session, but not one of somebody else's."""
    try:
        flow = await bank_of(request).resume(str(request.url), owner=owner_of(request))
    except FlowError as error:  # it is over, it is too late, or another process is just at it
        if error.flow is None:
            return page("This address leads nowhere. Please begin again.", status=404)
        flow = error.flow
    task = BackgroundTask(finish, bank_of(request), flow.id) if flow.waits else None
    return page(said(flow), background=task)


async def finish(bank: AsyncBankweave, flow_id: str) -> None:
    """See the import through and store it, while the person may leave. `sweep` and `sync` do so if this process dies."""
    flow = await bank.wait(flow_id)
    if flow.status is FlowStatus.CONNECTED:
        await bank.sync(connection_id=flow.connection_id)


def said(flow: Flow) -> str:
    """What a stranger may read, too: no name, no bank, no number."""
    if flow.waits:
        return '<meta http-equiv="refresh" content="5"><p>Thank you. Your bank is being read; you may close this window.</p>'
    if flow.failure is not None:
        return f'<p>{escape(flow.failure.message)}</p><p><a href="/banks">Begin again</a></p>'
    if flow.status is FlowStatus.CONNECTED:
        return '<p>Your bank is connected.</p><p><a href="/banks">To your banks</a>, where you may have to sign in.</p>'
    return "<p>The sign-in at your bank is not finished yet.</p>"


def page(body: str, *, status: int = 200, background: BackgroundTask | None = None) -> Response:
    return HTMLResponse(f"<!doctype html><title>Banks</title>{body}", status, headers=PRIVATE, background=background)


async def explain(_: Request, error: Exception) -> Response:
    """Messages of bankweave hold no secret and no name, so that they may be shown."""
    return page(f"<p>{escape(str(error))}</p>", status=503 if isinstance(error, ProviderUnavailable) else 502)


app = Starlette(
    routes=[
        Route("/banks", banks),
        Route("/banks", begin, methods=["POST"]),
        Route("/kontomatik/callback", come_back, name="come_back"),
    ],
    exception_handlers={BankweaveError: explain},
    lifespan=opened,
)
