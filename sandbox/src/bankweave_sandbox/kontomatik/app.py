"""The Kontomatik dialect: the API, the hosted page and the controls, put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bankweave_sandbox.kontomatik.advanced_api import advanced_routes
from bankweave_sandbox.kontomatik.command_api import command_routes
from bankweave_sandbox.kontomatik.controls import control_routes
from bankweave_sandbox.kontomatik.data_api import data_routes
from bankweave_sandbox.kontomatik.describe import describe
from bankweave_sandbox.kontomatik.desk import Desk
from bankweave_sandbox.kontomatik.pages import Pages
from bankweave_sandbox.kontomatik.redirection_api import redirection_routes
from bankweave_sandbox.kontomatik.switches import Switches
from bankweave_sandbox.world import World


class KontomatikDialect:
    """Kontomatik's Account Information Service over the world's Polish and Czech banks."""

    name = "kontomatik"

    def __init__(self, world: World) -> None:
        self._desk = Desk(world)
        commands = [*advanced_routes(self._desk), *command_routes(self._desk)]
        routes = [*redirection_routes(self._desk), *commands, *data_routes(self._desk)]
        self.app = Starlette(routes=[*routes, *Pages(self._desk).routes()])
        self.controls: Sequence[BaseRoute] = control_routes(self._desk)

    @property
    def switches(self) -> Switches:
        return self._desk.switches

    def describe(self, url: str) -> dict[str, Any]:
        return describe(self._desk, url)
