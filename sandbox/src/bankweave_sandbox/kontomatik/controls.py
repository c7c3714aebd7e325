"""What tests may see and do behind Kontomatik's back, served by the control origin under /kontomatik/."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.kontomatik.consents import Consent
from bankweave_sandbox.kontomatik.desk import Desk
from bankweave_sandbox.kontomatik.redirections import Redirection
from bankweave_sandbox.kontomatik.refusals import Refused
from bankweave_sandbox.switches import switch_routes


def control_routes(desk: Desk) -> list[Route]:
    """Build the redirections (no poll is counted), the multiple accesses, their ending by the bank, the switches."""

    async def redirections(_request: Request) -> Response:
        return JSONResponse([_redirection(desk, r) for r in desk.redirections.all()])

    async def consents(_request: Request) -> Response:
        return JSONResponse([_consent(desk, c) for c in desk.consents.all()])

    async def end_consent(request: Request) -> Response:
        try:
            desk.consents.end(request.path_params["access_id"])
        except Refused as refused:
            return JSONResponse({"error": refused.message}, 404)
        return Response(status_code=204)

    return [
        Route("/redirections", redirections, methods=["GET"]),
        Route("/consents", consents, methods=["GET"]),
        Route("/consents/{access_id}", end_consent, methods=["DELETE"]),
        *switch_routes(desk.switches),
    ]


def _redirection(desk: Desk, redirection: Redirection) -> dict[str, Any]:
    return {
        "id": redirection.id,
        "status": desk.redirections.status(redirection),
        "is_final": desk.redirections.is_final(redirection),
        "owner": redirection.order.owner,
        "country": redirection.order.country,
        "target": redirection.target.name if redirection.target else None,
        "access_mode": redirection.order.mode,
        "created_at": redirection.created_at.isoformat(),
    }


def _consent(desk: Desk, consent: Consent) -> dict[str, Any]:
    return {
        "id": consent.id,
        "owner": consent.owner,
        "target": consent.target.name,
        "is_valid": desk.consents.is_valid(consent),
        "granted_at": consent.granted_at.isoformat(),
    }
