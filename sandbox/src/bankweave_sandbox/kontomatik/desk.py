"""Everything the endpoints work on, made once per world."""

from __future__ import annotations

from datetime import datetime

from bankweave_sandbox.kontomatik.catalog import Catalog
from bankweave_sandbox.kontomatik.commands import Commands
from bankweave_sandbox.kontomatik.consents import Consents
from bankweave_sandbox.kontomatik.redirections import Redirections
from bankweave_sandbox.kontomatik.sessions import Numbers, Sessions
from bankweave_sandbox.kontomatik.signin import SignIns
from bankweave_sandbox.kontomatik.switches import Switches
from bankweave_sandbox.world import World


class Desk:
    def __init__(self, world: World) -> None:
        numbers = Numbers()
        self.world = world
        self.switches = Switches()
        self.catalog = Catalog(world, self.switches)
        self.redirections = Redirections(world.clock, self.switches)
        self.sessions = Sessions(world.clock, self.switches)
        self.consents = Consents(world.clock, self.switches)
        self.commands = Commands(world, self.switches, numbers)
        self.sign_ins = SignIns(
            world,
            self.switches,
            catalog=self.catalog,
            sessions=self.sessions,
            consents=self.consents,
            numbers=numbers,
        )
        self.numbers = numbers

    def now(self) -> datetime:
        return self.world.clock.now()
