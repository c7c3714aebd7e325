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
from bankweave_sandbox.kontist.devices.device_challenges import DeviceChallenges
from bankweave_sandbox.kontist.devices.device_endpoints import DeviceControls, DeviceEndpoints
from bankweave_sandbox.kontist.devices.push_challenges import PushChallenges
from bankweave_sandbox.kontist.devices.push_endpoints import Phone, PushEndpoints
from bankweave_sandbox.kontist.devices.sms import Inbox
from bankweave_sandbox.kontist.graphql.endpoint import GraphQLEndpoint
from bankweave_sandbox.kontist.graphql.operations import Operations
from bankweave_sandbox.kontist.live.sockets import SocketControls, Sockets
from bankweave_sandbox.kontist.oauth.bearers import Bearers
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
        self._operations = Operations(self.services, self._mint)
        self._pushes = PushChallenges(world.clock, self.switches)
        self._sockets = Sockets(self.services.books, self._operations)
        self.app = Starlette(
            routes=[*self._sign_in_routes(), *self._rest_routes(), *self._graphql_routes()],
            middleware=self._middleware(),
            exception_handlers={HTTPException: answer_problem, Problem: answer_problem},
        )
        self.controls = self._control_routes()

    def describe(self, url: str) -> dict[str, Any]:
        return describe(url, self._people, self.switches)

    def _sign_in_routes(self) -> list[BaseRoute]:
        codes, clients = Codes(self.world.clock, self.switches), self.services.clients
        pages = AuthorizePages(self.world, self._people, self._pushes, codes, clients, self.switches)
        token = TokenEndpoint(self._mint, codes, self._people, clients, self.switches)
        return [*pages.routes(), Route("/api/oauth/token", token.answer, methods=["POST"])]

    def _rest_routes(self) -> list[BaseRoute]:
        services, records = self.services, self.services.records
        bearers = Bearers(self._mint, self._people, services.clients)
        device_challenges = DeviceChallenges(self.world.clock, services.devices, self.switches)
        return [
            *PushEndpoints(bearers, self._pushes, services.devices, self.switches).routes(),
            *DeviceEndpoints(
                bearers, services.devices, device_challenges, services.binding_requests, self.switches
            ).routes(),
            *AssetEndpoints(bearers, services.assets, self.switches).routes(),
            *DocumentEndpoint(bearers, records.documents, records.mail, self.switches).routes(),
        ]

    def _graphql_routes(self) -> list[BaseRoute]:
        graphql = GraphQLEndpoint(self._operations, self.switches)
        return [
            Route("/api/graphql", graphql.answer, methods=["POST"]),
            WebSocketRoute("/api/graphql", self._sockets.answer),
        ]

    def _control_routes(self) -> list[BaseRoute]:
        services, records = self.services, self.services.records
        return [
            *switch_routes(self.switches),
            *Phone(self._pushes, services.clients).routes(),
            *Inbox(services.messages).routes(),
            *Postman(self._people, records.user, records.mail).routes(),
            *DeviceControls(services.devices, services.binding_requests).routes(),
            *CardControls(services.cards, services.card_payments, services.fraud_cases).routes(),
            *SocketControls(self._sockets).routes(),
        ]

    def _middleware(self) -> list[Middleware]:
        # The SDK runs in browsers as well: any origin may call, with a token in a header and never with the cookie.
        cors = Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
        return [cors, Middleware(RequestLimit, clock=self.world.clock, switches=self.switches)]
