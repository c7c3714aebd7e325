"""The control origin: what tests and demonstrations do to the world from outside. JSON in, JSON out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bankweave_sandbox.dialect import Dialect
from bankweave_sandbox.jsonbody import Body
from bankweave_sandbox.mishap_routes import mishap_routes
from bankweave_sandbox.payment_routes import payment_routes
from bankweave_sandbox.stage import Stage
from bankweave_sandbox.truth import account_truth

_WHAT_THERE_IS = {
    "GET /clock": "the sandbox's time",
    "POST /clock": "move it: {advance: seconds} or {set: ISO instant}; it never goes back",
    "GET /truth": "accounts and what can be seen of them; ?provider= and ?account= narrow it",
    "POST /payments": "{account, amount, text, counterparty, counterparty_iban, kind, pending}",
    "POST /payments/{id}/book": "book a pending payment: {amount, text} if they changed",
    "POST /payments/{id}/lapse": "let a pending payment vanish",
    "GET|POST|DELETE /faults": "what goes wrong: {provider, path, method, status, body, content_type, headers, "
    "delay, truncate, times}",
    "GET|DELETE /requests": "what each provider's origin received; ?provider= and ?path= narrow it",
    "GET|PUT /redirect-url": "where hosted pages send people back: {url}",
    "POST /reset": "a fresh world: {seed}",
    "GET|PATCH /{provider}/switches": "how a provider behaves where its documents are silent",
}


def control_origin(stage: Stage) -> ASGIApp:
    """The control app; its dialects' own controls follow the stage through resets."""
    built: tuple[Mapping[str, Dialect], ASGIApp] = (stage.dialects, control_app(stage))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal built
        if built[0] is not stage.dialects:
            built = (stage.dialects, control_app(stage))
        await built[1](scope, receive, send)

    return app


def control_app(stage: Stage) -> Starlette:
    mounts = [Mount(f"/{name}", routes=list(dialect.controls)) for name, dialect in stage.dialects.items()]
    routes: list[BaseRoute] = [
        *_clock_routes(stage),
        *_world_routes(stage),
        *payment_routes(stage),
        *mishap_routes(stage),
        *mounts,
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _say_error})


def _world_routes(stage: Stage) -> list[BaseRoute]:
    async def index(_request: Request) -> Response:
        now = stage.clock.now().isoformat()
        return JSONResponse({"seed": stage.seed, "now": now, "routes": _WHAT_THERE_IS, "origins": stage.describe()})

    async def truth(request: Request) -> Response:
        return JSONResponse({"accounts": _true_accounts(stage, request)})

    async def reset(request: Request) -> Response:
        stage.reset((await Body.read(request, "seed")).whole_number("seed"))
        return JSONResponse({"seed": stage.seed, "now": stage.clock.now().isoformat()})

    return [
        Route("/", index),
        Route("/truth", truth),
        Route("/redirect-url", partial(_redirect_url, stage), methods=["GET", "PUT"]),
        Route("/reset", reset, methods=["POST"]),
    ]


async def _redirect_url(stage: Stage, request: Request) -> Response:
    if request.method == "PUT":
        url = (await Body.read(request, "url")).text("url")
        if not urlsplit(url).scheme:
            raise HTTPException(400, "url must be absolute")
        stage.world.redirect_url = url
    return JSONResponse({"url": stage.world.redirect_url})


def _clock_routes(stage: Stage) -> list[BaseRoute]:
    async def show_clock(_request: Request) -> Response:
        return JSONResponse({"now": stage.clock.now().isoformat()})

    async def move_clock(request: Request) -> Response:
        by = _asked_advance(await Body.read(request, "advance set"), stage.clock.now())
        return JSONResponse({"now": stage.advance(by).isoformat()})

    return [
        Route("/clock", show_clock, methods=["GET"]),
        Route("/clock", move_clock, methods=["POST"]),
    ]


def _asked_advance(body: Body, now: datetime) -> timedelta:
    seconds, instant = body.number("advance"), body.optional_text("set")
    if (seconds is None) == (instant is None):
        raise HTTPException(400, 'give either {"advance": seconds} or {"set": "2026-01-31T12:00:00+00:00"}')
    by = timedelta(seconds=seconds) if seconds is not None else _parsed_instant(instant or "") - now
    if by < timedelta(0):
        raise HTTPException(400, "the clock only moves forward; POST /reset to go back")
    return by


def _parsed_instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise HTTPException(400, "set must be an ISO 8601 instant") from None
    if instant.tzinfo is None:
        raise HTTPException(400, "set must name its UTC offset, for example 2026-01-31T12:00:00+00:00")
    return instant


def _true_accounts(stage: Stage, request: Request) -> list[dict[str, object]]:
    provider, key = request.query_params.get("provider"), request.query_params.get("account")
    known = {bank.provider for bank in stage.world.banks}
    if provider is not None and provider not in known:
        raise HTTPException(404, f"no provider is called {provider!r}; known: {', '.join(sorted(known))}")
    return [
        account_truth(stage.world, account)
        for account in stage.world.accounts
        if provider in {None, account.bank.provider} and key in {None, account.id, account.number, account.iban}
    ]


async def _say_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    return JSONResponse({"error": error.detail}, status_code=error.status_code, headers=error.headers)
