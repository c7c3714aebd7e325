"""Routes of the control origin that ask for faults and show the requests received."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import uuid4

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bankweave_sandbox.faults import Fault, ReceivedRequest
from bankweave_sandbox.jsonbody import Body
from bankweave_sandbox.stage import Stage

_FAULT_FIELDS = "provider path method status body content_type headers delay truncate times"


def mishap_routes(stage: Stage) -> list[BaseRoute]:
    async def add_fault(request: Request) -> Response:
        fault = _asked_fault(stage, await Body.read(request, _FAULT_FIELDS))
        stage.mishaps.faults.append(fault)
        return JSONResponse({"id": fault.id}, status_code=201)

    async def show_faults(_request: Request) -> Response:
        return JSONResponse({"faults": [asdict(fault) for fault in stage.mishaps.faults]})

    async def clear_faults(_request: Request) -> Response:
        stage.mishaps.faults.clear()
        return Response(status_code=204)

    async def show_requests(request: Request) -> Response:
        query = request.query_params
        received = stage.mishaps.requests(query.get("provider"), query.get("path"))
        return JSONResponse({"requests": [_shown_request(r) for r in received]})

    async def forget_requests(_request: Request) -> Response:
        stage.mishaps.forget_requests()
        return Response(status_code=204)

    return [
        Route("/faults", add_fault, methods=["POST"]),
        Route("/faults", show_faults, methods=["GET"]),
        Route("/faults", clear_faults, methods=["DELETE"]),
        Route("/requests", show_requests, methods=["GET"]),
        Route("/requests", forget_requests, methods=["DELETE"]),
    ]


def _asked_fault(stage: Stage, body: Body) -> Fault:
    provider, status, times = body.text("provider"), body.whole_number("status"), body.whole_number("times")
    if provider not in stage.dialects:
        raise HTTPException(400, f"no provider is called {provider!r}; known: {', '.join(stage.dialects)}")
    if status is not None and not 200 <= status <= 599:
        raise HTTPException(400, "status must be between 200 and 599")
    method = body.optional_text("method")
    return Fault(
        id=str(uuid4()),
        provider=provider,
        path=body.text("path"),
        method=None if method is None else method.upper(),
        status=status,
        body=body.optional_text("body"),
        content_type=body.optional_text("content_type") or "application/json",
        headers=body.texts("headers"),
        delay=max(0.0, body.number("delay") or 0.0),
        truncate=body.whole_number("truncate"),
        times=1 if times is None else times,
    )


def _shown_request(request: ReceivedRequest) -> dict[str, Any]:
    return {**asdict(request), "at": request.at.isoformat()}
