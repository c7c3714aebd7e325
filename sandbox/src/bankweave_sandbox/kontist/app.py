"""Kontist's servers: every route at one origin, and what the control origin may do to them."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute

from bankweave_sandbox.kontist.cards.controls import CardControls
from bankweave_sandbox.kontist.describe import describe
from bankweave_sandbox.kontist.devices.device_endpoints import DeviceControls, DeviceEndpoints
from bankweave_sandbox.kontist.devices.push_challenges import Challenges
from bankweave_sandbox.kontist.devices.push_endpoints import ChallengeEndpoints, Phone
from bankweave_sandbox.kontist.devices.sms import Inbox
from bankweave_sandbox.kontist.graphql.endpoint import GraphQLEndpoint
from bankweave_sandbox.kontist.graphql.operations import Operations
from bankweave_sandbox.kontist.live.sockets import SocketControls, Sockets
from bankweave_sandbox.kontist.oauth.codes import Codes
from bankweave_sandbox.kontist.oauth.token_endpoint import TokenEndpoint
from bankweave_sandbox.kontist.oauth.tokens import TokenMint
from bankweave_sandbox.kontist.papers.endpoint import DocumentEndpoint, Postman
from bankweave_sandbox.kontist.people import People
from bankweave_sandbox.kontist.problems import Problem, answer_problem
from bankweave_sandbox.kontist.receipts.asset_endpoints import AssetEndpoints
from bankweave_sandbox.kontist.request_limit import RequestLimit
from bankweave_sandbox.kontist.services import make_services
from bankweave_sandbox.kontist.signin.pages import AuthorizePages
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.switches import switch_routes
from bankweave_sandbox.world import World


class KontistDialect:
    """Kontist as a client sees it: OAuth, push MFA and GraphQL."""

    def __init__(self, world: World) -> None:
        self.name = "kontist"
        self.switches = Switches()
        self.world = world
        self._people = People(world)
        self.services = make_services(world, self._people, self.switches)
        self._mint = TokenMint(world.clock, self.switches, self.services.devices.removed)
        self._challenges = Challenges(world.clock, self.switches)
        self._codes = Codes(world.clock, self.switches)
        self.app = Starlette(
            routes=self._routes(),
            middleware=self._middleware(),
            exception_handlers={HTTPException: answer_problem, Problem: answer_problem},
        )
        self.controls: list[BaseRoute] = [
            *switch_routes(self.switches),
            *Phone(self._challenges, self.services.clients).routes(),
            *Inbox(self.services.messages).routes(),
            *Postman(self.services).routes(),
            *DeviceControls(self.services.devices, self.services.binding_requests).routes(),
            *CardControls(self.services).routes(),
            *SocketControls(self._sockets).routes(),
        ]

    def describe(self, url: str) -> dict[str, Any]:
        return describe(url, self._people, self.switches)

    def _routes(self) -> list[BaseRoute]:
        pages = AuthorizePages(
            self.world, self._people, self._challenges, self._codes, self.services.clients, self.switches
        )
        push = ChallengeEndpoints(self._challenges, self._mint, self.services)
        token = TokenEndpoint(self._mint, self._codes, self._people, self.services.clients, self.switches)
        operations = Operations(self.services, self._mint)
        graphql = GraphQLEndpoint(operations, self.switches)
        self._sockets = Sockets(self.services, operations)

        return [
            *pages.routes(),
            Route("/api/oauth/token", token.answer, methods=["POST"]),
            *push.routes(),
            *AssetEndpoints(self.services, self._mint).routes(),
            *DeviceEndpoints(self.services, self._mint).routes(),
            *DocumentEndpoint(self.services, self._mint).routes(),
            Route("/api/graphql", graphql.answer, methods=["POST"]),
            WebSocketRoute("/api/graphql", self._sockets.answer),
        ]

    def _middleware(self) -> list[Middleware]:
        # The SDK runs in browsers as well: any origin may call, with a token in a header and never with the cookie.
        cors = Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
        return [cors, Middleware(RequestLimit, clock=self.world.clock, switches=self.switches)]
