"""The institutions' logos, which connectors link to (providers/basiq.md, section 3.2)."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq.banks.catalogue import Connector
from bankweave_sandbox.basiq.platform import Platform


def logo_routes(platform: Platform) -> list[Route]:
    """Serve both shapes of each logo; pictures need no token."""

    async def show(request: Request) -> Response:
        connector = platform.connector(request.path_params["institution"])
        shape = request.path_params["shape"]
        if connector is None or shape not in {"square", "full"}:
            return PlainTextResponse("There is no such logo.", status_code=404)
        return Response(_draw(connector, full=shape == "full"), media_type="image/svg+xml")

    return [Route("/logos/{institution}-{shape}.svg", show, methods=["GET"])]


def _draw(connector: Connector, *, full: bool) -> str:
    name = connector.bank.name
    width, text = (320, name) if full else (100, name[0])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 100" role="img" aria-label="{escape(name)}">'
        f'<rect width="{width}" height="100" rx="16" fill="{connector.colour}"/>'
        f'<text x="{width // 2}" y="66" font-family="sans-serif" font-size="48" fill="#fff" text-anchor="middle">'
        f"{escape(text)}</text></svg>"
    )
