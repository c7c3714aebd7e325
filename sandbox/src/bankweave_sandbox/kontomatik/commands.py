"""Commands: imports that run by the clock (providers/kontomatik.md section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from bankweave_sandbox.kontomatik.advanced import DEFAULT_IMPORT, Advanced
from bankweave_sandbox.kontomatik.holdings import Holdings, Teller
from bankweave_sandbox.kontomatik.refusals import (
    already_imported,
    command_not_available,
    invalid_command,
    invalid_since,
    jobs_quota,
)
from bankweave_sandbox.kontomatik.scenarios import ImportOutcome, Scenario, scenario_in_force
from bankweave_sandbox.kontomatik.sessions import Numbers, Session
from bankweave_sandbox.kontomatik.switches import Switches
from bankweave_sandbox.world import World

State = Literal["setup", "in_progress", "successful", "error", "fatal", "cancelled"]


@dataclass(frozen=True, slots=True)
class Command:
    id: str
    session: Session
    since: date | None
    started_at: datetime
    known_at: datetime  # from here on the target is told and the state is in_progress
    ends_at: datetime
    outcome: ImportOutcome
    holdings: Holdings
    advanced: Advanced | None = None  # None: the default import

    @property
    def name(self) -> str:
        return self.advanced.name if self.advanced else DEFAULT_IMPORT

    def state(self, now: datetime) -> State:
        if now >= self.ends_at:
            return self.outcome if self.outcome in {"error", "fatal", "cancelled"} else "successful"
        return "in_progress" if now >= self.known_at else "setup"

    def progress(self, now: datetime) -> int:
        """Say how far it is in whole percent of its time."""
        lasts = (self.ends_at - self.started_at).total_seconds()
        return min(100, int(100 * (now - self.started_at).total_seconds() / lasts)) if lasts > 0 else 100


class Commands:
    def __init__(self, world: World, switches: Switches, numbers: Numbers) -> None:
        self._world = world
        self._switches = switches
        self._numbers = numbers
        self._teller = Teller(world, switches)
        self._commands: dict[str, Command] = {}

    def start(self, session: Session, since: date | None) -> Command:
        """Start the one import that a session allows; a refused start leaves the session as it was."""
        if session.import_started:
            raise already_imported()
        if session.advanced_commands:  # the two ways cannot be mixed (section 4.3); the name is undocumented
            raise command_not_available(DEFAULT_IMPORT, session.target.name)
        since = self._reachable(session, since)
        self._check_quota()
        command = self._command(session, since)
        session.import_started = True
        if session.consent is not None and scenario_in_force(session.customer, self._switches).access_ends_at_once:
            session.consent.is_ended = True
        return command

    def start_advanced(self, session: Session, advanced: Advanced, since: date | None) -> Command:
        """Start one of the older step-by-step imports; a session allows any number of them."""
        if session.import_started:
            raise already_imported()
        since = self._reachable(session, since)
        self._check_quota()
        command = self._command(session, since, advanced)
        session.advanced_commands += 1
        return command

    def find(self, command_id: str) -> Command:
        command = self._commands.get(command_id)
        keeps = timedelta(hours=self._switches.command_hours)
        if command is None or self._world.clock.now() >= command.ends_at + keeps:
            raise invalid_command()
        return command

    def successful_of(self, owner: str) -> list[Command]:
        """What is stored for an owner: successful imports within the retention, oldest first (section 9)."""
        now, keeps = self._world.clock.now(), timedelta(hours=self._switches.data_hours)
        mine = (c for c in self._commands.values() if c.session.owner == owner and c.advanced is None)
        return [c for c in mine if c.state(now) == "successful" and now < c.ends_at + keeps]

    def forget(self, owner: str) -> None:
        """Remove what is stored for an owner; its commands can no longer be read either."""
        for command in self.successful_of(owner):
            del self._commands[command.id]

    def _command(self, session: Session, since: date | None, advanced: Advanced | None = None) -> Command:
        now, scenario = self._world.clock.now(), scenario_in_force(session.customer, self._switches)
        lasts = timedelta(seconds=self._duration(scenario))
        setup = timedelta(0) if advanced else timedelta(seconds=self._switches.import_setup_seconds)
        holdings = self._teller.take(session.customer.person, session.target.bank, scenario)
        if advanced is not None:
            advanced.check(holdings)
        command = Command(
            self._numbers.next(),
            session,
            since,
            started_at=now,
            known_at=now + min(lasts, setup),
            ends_at=now + lasts,
            outcome=scenario.outcome,
            holdings=holdings,
            advanced=advanced,
        )
        self._commands[command.id] = command
        session.import_ends_at = command.ends_at
        return command

    def _duration(self, scenario: Scenario) -> float:
        return self._switches.slow_import_seconds if scenario.is_slow else self._switches.import_seconds

    def _check_quota(self) -> None:
        limit, now = self._switches.imports_at_once, self._world.clock.now()
        if limit and sum(now < c.ends_at for c in self._commands.values()) >= limit:
            raise jobs_quota()

    def _reachable(self, session: Session, since: date | None) -> date | None:
        """Hold `since` against how far this session may look back."""
        days = self._switches.consent_history_days if session.is_reuse else self._switches.history_days
        if not days:
            return since
        oldest = self._world.clock.now().astimezone(session.target.bank.zone).date() - timedelta(days=days)
        if since is not None and since >= oldest:
            return since
        if since is not None and session.is_reuse and self._switches.older_since == "refused":
            raise invalid_since(f"Since may reach back at most {days} days.")
        return oldest
