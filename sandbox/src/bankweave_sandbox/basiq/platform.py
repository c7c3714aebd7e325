"""Basiq itself, between two requests: who its users are, which jobs run, and what time has done to them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from bankweave_sandbox.basiq.banks.catalogue import Connector, connector_of
from bankweave_sandbox.basiq.banks.failures import Login
from bankweave_sandbox.basiq.events.journal import Journal
from bankweave_sandbox.basiq.events.occurrences import Chronicler
from bankweave_sandbox.basiq.job_runner import JobRunner
from bankweave_sandbox.basiq.notifications.courier import Courier
from bankweave_sandbox.basiq.notifications.postbox import Postbox
from bankweave_sandbox.basiq.retrieval import store_accounts
from bankweave_sandbox.basiq.state import Connection, Consent, Job, Report, Upload, User
from bankweave_sandbox.basiq.switches import Switches
from bankweave_sandbox.basiq.unasked_refreshes import next_refresh
from bankweave_sandbox.world import World


@dataclass(slots=True, weakref_slot=True)
class Platform:
    world: World
    switches: Switches = field(default_factory=Switches)
    users: dict[str, User] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)  # by the id of their jobs
    enriched: list[datetime] = field(default_factory=list)  # when /enrich was asked
    journal: Journal = field(default_factory=Journal)
    postbox: Postbox = field(init=False)
    _courier: Courier = field(init=False)
    _filed: set[str] = field(default_factory=set)
    _planned: datetime | None = None  # when the world wakes us next

    def __post_init__(self) -> None:
        self.postbox = Postbox(self.switches, self.now)
        self.journal.subscribe(self.postbox.hear)
        self._courier = Courier(self.postbox, self._next_due)

    @property
    def chronicler(self) -> Chronicler:
        return Chronicler(self.journal, self.switches)

    def now(self) -> datetime:
        return self.world.clock.now()

    @property
    def connectors(self) -> list[Connector]:
        by_open_banking = self.switches.institutions_open_banking
        return [connector_of(bank, by_open_banking) for bank in self.world.banks_of("basiq")]

    def connector(self, institution: str) -> Connector | None:
        return next((known for known in self.connectors if known.id == institution), None)

    def settle(self) -> None:
        """Let everything happen that the clock says has happened since the last request."""
        now = self.now()
        runner = self._runner
        for job in self.jobs.values():
            runner.run(job, now)
        for upload in self.uploads.values():
            self._file(upload, now)
        for user in self.users.values():
            self._remind(user, now)
            self._expire_consents(user, now)
            self._retrieve_live(user, now)
            self._refresh_by_itself(user, now)
        oldest = now - timedelta(days=self.switches.job_days)
        self.jobs = {job.id: job for job in self.jobs.values() if job.is_running or job.created > oldest}
        self.uploads = {one.job_id: one for one in self.uploads.values() if one.made > oldest}
        self._plan()
        self.deliver()

    def deliver(self) -> None:
        """Set out with the messages about what has happened."""
        self._courier.go(self.settle)

    async def all_delivered(self) -> None:
        await self._courier.idle()

    async def stop_delivering(self) -> None:
        await self._courier.stop()

    def grant_consent(self, user: User, scopes: frozenset[str]) -> Consent:
        now = self.now()
        until = now + timedelta(days=self.switches.consent_days)
        consent = Consent(str(uuid.uuid4()), now, now, until, self.switches.policy_version, scopes)
        user.consents.append(consent)
        self.chronicler.consent("created", user, consent, now)
        self._plan()
        return consent

    def extend_consent(self, user: User, consent: Consent) -> None:
        """Lengthen a consent, measured from now (section 2.2)."""
        consent.updated = self.now()
        consent.expires = consent.updated + timedelta(days=self.switches.consent_days)
        consent.warned, consent.reminders = False, 0
        self.chronicler.consent("updated", user, consent, consent.updated)
        self._plan()

    def revoke_consent(self, user: User, consent: Consent) -> None:
        consent.status, consent.revoked = "revoked", self.now()
        consent.updated = self.now()
        self.chronicler.consent("revoked", user, consent, consent.updated)
        self._forget_shared_data(user, consent, consent.updated)

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
        self.chronicler.connection("created", user, connection, now)
        return connection

    @property
    def connection_count(self) -> int:
        return sum(len(user.connections) for user in self.users.values())

    def delete_connection(self, user: User, connection_id: str) -> None:
        """Delete a connection alone; its data stays (section 3.1)."""
        connection = user.connections.pop(connection_id, None)
        if connection is not None:
            self._end(user, connection, "deleted", self.now())

    def start_job(self, user: User, connection: Connection, answers: tuple[str, ...] | None = None) -> Job:
        """Start retrieving; `answers` are those that the person already gave to the bank in the Consent UI."""
        job = self._runner.start(user, connection, self.now() + self._pause(user, connection), answers)
        self.jobs[job.id] = job
        self._plan()
        return job

    def _pause(self, user: User, connection: Connection) -> timedelta:
        """Wait before the first job of a login that is in use already, so that the bank locks nobody out (3.1)."""
        others = (c for c in user.connections.values() if c is not connection and c.login == connection.login)
        same = [c for c in others if c.connector.id == connection.connector.id and self._is_in_use(c)]
        is_paused = connection.jobs_started == 0 and bool(same)
        return timedelta(seconds=self.switches.same_credentials_pause_seconds if is_paused else 0)

    def _is_in_use(self, connection: Connection) -> bool:
        return self.switches.same_credentials == "ever" or self.running_job(connection) is not None

    def take_upload(self, upload: Upload) -> None:
        self.uploads[upload.job_id] = upload
        self._plan()

    def running_job(self, connection: Connection) -> Job | None:
        running = (job for job in self.jobs.values() if job.connection_id == connection.id and job.is_running)
        return next(running, None)

    def answer(self, job: Job, answers: tuple[str, ...]) -> None:
        self._runner.answer(job, answers, self.now())
        self._plan()

    def delete_user(self, user: User) -> None:
        del self.users[user.id]
        self.jobs = {job.id: job for job in self.jobs.values() if job.user_id != user.id}
        self.uploads = {one.job_id: one for one in self.uploads.values() if one.user_id != user.id}
        self.chronicler.user("deleted", user.id, self.now())

    @property
    def _runner(self) -> JobRunner:
        return JobRunner(self.world, self.switches, self.users, self.chronicler)

    def _plan(self) -> None:
        """Have the world wake us when the next thing is due: events happen then, and not when somebody looks."""
        due = self._next_due()
        if due is not None and (self._planned is None or due < self._planned or self._planned <= self.now()):
            self._planned = due
            self.world.schedule(due, self.settle)

    def _next_due(self) -> datetime | None:
        jobs = (job.due for job in self.jobs.values())
        consents = (consent.next_change for user in self.users.values() for consent in user.consents)
        uploads = (upload.due for upload in self.uploads.values() if upload.job_id not in self._filed)
        now = self.now()
        connections = (connection for user in self.users.values() for connection in user.connections.values())
        refreshes = (next_refresh(connection, self.switches) for connection in connections)
        waiting = (*jobs, *consents, *uploads, *refreshes, *self.postbox.dues)
        return min((at for at in waiting if at is not None and at > now), default=None)

    def _file(self, upload: Upload, now: datetime) -> None:
        """Put the account of a statement among the user's, once its job is over."""
        if upload.due > now or upload.job_id in self._filed:
            return
        self._filed.add(upload.job_id)
        user, account = self.users.get(upload.user_id), upload.account
        if user is None or account is None:
            return
        user.accounts[account.id] = account
        self.chronicler.account(user, account, upload.due)
        self.chronicler.transactions(user, account.connection_id, len(account.rows), upload.due)

    def _remind(self, user: User, now: datetime) -> None:
        """Note what is documented to come of itself: a warning 7 days before the end, a reminder after 90 (6.1)."""
        for consent in user.consents:
            if consent.status == "active" and not consent.warned and consent.warning <= now:
                consent.warned = True
                self.chronicler.consent("warning", user, consent, consent.warning)
            self._remind_of(user, consent, now)

    def _remind_of(self, user: User, consent: Consent, now: datetime) -> None:
        """Remind every 90 days, or after the first 90 only."""
        while consent.status == "active" and consent.next_reminder <= min(now, consent.expires):
            at = consent.next_reminder
            consent.reminders += 1
            if consent.reminders > 1 and not self.switches.reminders_repeat:
                continue
            self.chronicler.consent("reminder", user, consent, at)

    def _refresh_by_itself(self, user: User, now: datetime) -> None:
        for connection in user.connections.values():
            due = next_refresh(connection, self.switches)
            if due is not None and due <= now and self.running_job(connection) is None:
                job = self._runner.start(user, connection, due, None)
                self.jobs[job.id] = job

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
                self.chronicler.consent("expired", user, consent, consent.expires)
                self._forget_shared_data(user, consent, consent.expires)

    def _end(self, user: User, connection: Connection, status: Literal["revoked", "deleted"], at: datetime) -> None:
        self.chronicler.connection("deleted", user, connection, at, "deleted")
        connection.status, connection.holder = status, None
        user.ended_connections[connection.id] = connection

    def _forget_shared_data(self, user: User, consent: Consent, at: datetime) -> None:
        """Delete what a consent covered: its connections and their data (section 2.4)."""
        for connection in user.connections.values():
            if connection.consent_id == consent.id:
                self._end(user, connection, "revoked", at)
        user.connections = {c.id: c for c in user.connections.values() if c.consent_id != consent.id}
        # What a connection left behind when it was deleted goes too: only one consent is active at a time.
        user.accounts = {a.id: a for a in user.accounts.values() if a.connection_id in user.connections}
