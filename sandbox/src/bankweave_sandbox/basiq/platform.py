"""Basiq itself, between two requests: who its users are, which jobs run, and what time has done to them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bankweave_sandbox.basiq.banks.catalogue import Connector, connector_of
from bankweave_sandbox.basiq.data.retrieval import store_accounts
from bankweave_sandbox.basiq.jobs.runner import JobRunner
from bankweave_sandbox.basiq.state import Connection, Consent, Job, Login, User
from bankweave_sandbox.basiq.switches import Switches
from bankweave_sandbox.world import World


@dataclass(slots=True)
class Platform:
    world: World
    switches: Switches = field(default_factory=Switches)
    users: dict[str, User] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)

    def now(self) -> datetime:
        return self.world.clock.now()

    @property
    def connectors(self) -> list[Connector]:
        return [connector_of(bank) for bank in self.world.banks_of("basiq")]

    def connector(self, institution: str) -> Connector | None:
        return next((known for known in self.connectors if known.id == institution), None)

    def settle(self) -> None:
        """Let everything happen that the clock says has happened since the last request."""
        now = self.now()
        runner = JobRunner(self.world, self.switches, self.users)
        for job in self.jobs.values():
            runner.run(job, now)
        for user in self.users.values():
            self._expire_consents(user, now)
            self._retrieve_live(user, now)
        oldest = now - timedelta(days=self.switches.job_days)
        self.jobs = {job.id: job for job in self.jobs.values() if job.is_running or job.created > oldest}

    def grant_consent(self, user: User) -> Consent:
        now = self.now()
        until = now + timedelta(days=self.switches.consent_days)
        consent = Consent(str(uuid.uuid4()), now, now, until, self.switches.policy_version)
        user.consents.append(consent)
        return consent

    def extend_consent(self, consent: Consent) -> None:
        """Lengthen a consent, measured from now (section 2.2)."""
        consent.updated = self.now()
        consent.expires = consent.updated + timedelta(days=self.switches.consent_days)

    def revoke_consent(self, user: User, consent: Consent) -> None:
        consent.status, consent.revoked = "revoked", self.now()
        consent.updated = self.now()
        self._forget_shared_data(user, consent)

    def connect(self, user: User, consent: Consent, connector: Connector, login: Login) -> Connection:
        now = self.now()
        connection = Connection(
            id=str(uuid.uuid4()),
            connector=connector,
            login=login,
            consent_id=consent.id,
            created=now,
            last_used=now,
            status="init" if connector.method == "openbanking" else "pending",  # section 3.1
        )
        connection.expires = consent.expires if connection.is_open_banking else None
        user.connections[connection.id] = connection
        return connection

    def start_job(self, user: User, connection: Connection, answers: tuple[str, ...] | None = None) -> Job:
        """Start retrieving; `answers` are those that the person already gave to the bank in the Consent UI."""
        runner = JobRunner(self.world, self.switches, self.users)
        job = runner.start(user, connection, self.now(), answers)
        self.jobs[job.id] = job
        return job

    def running_job(self, connection: Connection) -> Job | None:
        running = (job for job in self.jobs.values() if job.connection_id == connection.id and job.is_running)
        return next(running, None)

    def answer(self, job: Job, answers: tuple[str, ...]) -> None:
        JobRunner(self.world, self.switches, self.users).answer(job, answers, self.now())

    def delete_user(self, user: User) -> None:
        del self.users[user.id]
        self.jobs = {job.id: job for job in self.jobs.values() if job.user_id != user.id}

    def _retrieve_live(self, user: User, now: datetime) -> None:
        if not self.switches.data_is_live:
            return
        for connection in user.connections.values():
            if connection.status == "active":
                store_accounts(self.world, self.switches, user, connection, now, with_rows=True)

    def _expire_consents(self, user: User, now: datetime) -> None:
        for consent in user.consents:
            if consent.status == "active" and consent.expires <= now:
                consent.status, consent.updated = "expired", consent.expires
                self._forget_shared_data(user, consent)

    @staticmethod
    def _forget_shared_data(user: User, consent: Consent) -> None:
        """Delete what a consent covered: its connections and their data (section 2.4)."""
        user.connections = {c.id: c for c in user.connections.values() if c.consent_id != consent.id}
        # What a connection left behind when it was deleted goes too: only one consent is active at a time.
        user.accounts = {a.id: a for a in user.accounts.values() if a.connection_id in user.connections}
