"""Basiq v3 as one Starlette application: the API, and the Consent UI on the same origin."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bankweave_sandbox.basiq import users
from bankweave_sandbox.basiq.calls import Gate
from bankweave_sandbox.basiq.connections import connections, identities
from bankweave_sandbox.basiq.consent import auth_links, consents, policies
from bankweave_sandbox.basiq.consent.pages import ConsentUi
from bankweave_sandbox.basiq.controls import control_routes
from bankweave_sandbox.basiq.data import accounts, statements, transactions
from bankweave_sandbox.basiq.describe import describe
from bankweave_sandbox.basiq.enrichment import enrich
from bankweave_sandbox.basiq.errors import ApiError, answer_error, answer_unknown_route, answer_unreadable
from bankweave_sandbox.basiq.insights import reports, snapshots
from bankweave_sandbox.basiq.institutions import connectors, institutions
from bankweave_sandbox.basiq.institutions.logos import logo_routes
from bankweave_sandbox.basiq.jobs import jobs
from bankweave_sandbox.basiq.news import events, messages, webhooks
from bankweave_sandbox.basiq.platform import Platform
from bankweave_sandbox.basiq.tokens import TokenOffice
from bankweave_sandbox.world import World

_PEOPLE = (users, consents, policies, auth_links, identities)
_BANKS = (connectors, institutions, connections, jobs, accounts, transactions)
_INSIGHTS = (statements, enrich, snapshots, reports)
_NEWS = (events, webhooks, messages)


class BasiqDialect:
    """The Basiq v3 API and Consent UI over one world."""

    name = "basiq"

    def __init__(self, world: World) -> None:
        self.platform = Platform(world)
        self.switches = self.platform.switches
        office = TokenOffice(self.platform)
        gate = Gate(self.platform, office)
        api = [route for area in (*_PEOPLE, *_BANKS, *_INSIGHTS, *_NEWS) for route in area.routes(gate)]
        pages = ConsentUi(self.platform, office).routes()
        self.app = Starlette(
            # Basiq's own pages call the API from browsers (section 4.4), so it has to allow other origins.
            middleware=[Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])],
            routes=[_token_route(office), *api, *pages, *logo_routes(self.platform)],
            exception_handlers={
                ApiError: answer_error,
                400: answer_unreadable,
                404: answer_unknown_route,
                405: answer_unknown_route,
            },
        )
        self.app.router.redirect_slashes = False  # Basiq does not redirect; see answer_unknown_route
        self.controls: list[BaseRoute] = list(control_routes(self.platform))

    async def close(self) -> None:
        """Break off the deliveries to webhooks that are under way; a sandbox that starts again makes them anew."""
        await self.platform.stop_delivering()

    def describe(self, url: str) -> dict[str, Any]:
        return describe(url, self.platform)


def _token_route(office: TokenOffice) -> Route:
    async def issue(request: Request) -> Response:
        return JSONResponse(office.issue(request.headers, await request.body()))

    return Route("/token", issue, methods=["POST"])
