"""How a job runs: its steps follow the clock, and its end changes the connection (providers/basiq.md, section 4)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from bankweave_sandbox.basiq.banks.failures import (
    CONNECTION_GONE,
    DENIED,
    DOWN,
    SUPERSEDED,
    Failure,
    login_failure,
    scenario_failure,
)
from bankweave_sandbox.basiq.banks.mfa import planned_challenge
from bankweave_sandbox.basiq.events.occurrences import Chronicler
from bankweave_sandbox.basiq.retrieval import store_accounts
from bankweave_sandbox.basiq.state import Connection, Job, Link, Step, User
from bankweave_sandbox.basiq.switches import Switches
from bankweave_sandbox.world import World

VERIFY = "verify-credentials"
MFA = "mfa-challenge"
ACCOUNTS = "retrieve-accounts"
TRANSACTIONS = "retrieve-transactions"


class JobRunner:
    """Moves jobs along. It holds no state of its own: all is in the jobs, users and the world."""

    def __init__(self, world: World, switches: Switches, users: dict[str, User], chronicler: Chronicler) -> None:
        self._world = world
        self._chronicler = chronicler
        self._switches = switches
        self._users = users

    def start(self, user: User, connection: Connection, now: datetime, answers: tuple[str, ...] | None) -> Job:
        """Begin a job at `now`, which may lie ahead."""
        connection.jobs_started += 1
        person = self._world.person_at(connection.connector.bank, connection.login.name)
        titles = [VERIFY, *([MFA] if connection.connector.asks_mfa else []), ACCOUNTS, TRANSACTIONS]
        job = Job(
            id=str(uuid.uuid4()),
            user_id=user.id,
            connection_id=connection.id,
            connector=connection.connector,
            created=now,
            updated=now,
            steps=[Step(title) for title in titles],
            due=None,
            challenge=planned_challenge(connection.connector, person, connection.jobs_started, self._switches),
            given=answers,
            failure=self._planned_failure(connection),
        )
        self._begin(job, job.steps[0], now)
        return job

    def run(self, job: Job, now: datetime) -> None:
        """Let all steps happen that are due by `now`, each at its own time."""
        while job.due is not None and job.due <= now:
            self._end_running_step(job, job.due)

    def answer(self, job: Job, answers: tuple[str, ...], now: datetime) -> None:
        """Hand the person's answer to the bank; its verdict follows."""
        step = job.running_step
        if step is None:
            return
        job.given, step.result, job.updated = answers, None, now
        job.due = now + timedelta(seconds=self._switches.mfa_seconds)

    def _planned_failure(self, connection: Connection) -> Failure | None:
        wanted, connection.next_failure = connection.next_failure, None
        if connection.status == "pre-init":
            return DENIED
        if connection.connector.id in self._switches.institutions_down:
            return wanted or DOWN
        refused = login_failure(self._world, connection.connector, connection.login)
        return wanted or refused or scenario_failure(connection.login, self._switches.failing_step)

    def _begin(self, job: Job, step: Step, at: datetime) -> None:
        step.status = "in-progress"
        if step.title == MFA:
            self._begin_mfa(job, step, at)
            return
        seconds = {
            VERIFY: self._switches.verify_seconds,
            ACCOUNTS: self._switches.accounts_seconds,
            TRANSACTIONS: self._switches.transactions_seconds,
        }
        job.due = at + timedelta(seconds=seconds[step.title])

    def _begin_mfa(self, job: Job, step: Step, at: datetime) -> None:
        if job.challenge is None:
            step.status = "skipped"
            self._begin_next(job, step, at)
            return
        asked = job.given is None
        step.result = job.challenge if asked else None
        seconds = self._switches.mfa_window_seconds if asked else self._switches.mfa_seconds
        job.due = at + timedelta(seconds=seconds)

    def _begin_next(self, job: Job, step: Step, at: datetime) -> None:
        following = job.steps[job.steps.index(step) + 1 :]
        if following:
            self._begin(job, following[0], at)
            return
        job.due = None

    def _end_running_step(self, job: Job, at: datetime) -> None:
        step = job.running_step
        assert step is not None  # noqa: S101 - a job with a due time has a running step
        job.updated = at
        user = self._users[job.user_id]
        connection = user.connections.get(job.connection_id)
        if connection is None:
            self._fail(job, step, replace(CONNECTION_GONE, step=step.title))
            return
        connection.last_used = at
        if step.title == MFA:
            self._end_mfa(job, step, connection, at)
            return
        if job.failure is not None and job.failure.step == step.title:
            self._fail(job, step, job.failure, connection)
            return
        step.status, step.result = "success", self._retrieve(job, step, user, connection, at)
        self._begin_next(job, step, at)

    def _end_mfa(self, job: Job, step: Step, connection: Connection, at: datetime) -> None:
        """Judge the answer; a challenge that nobody answered in time has failed (section 4.4)."""
        challenge, given, job.given = job.challenge, job.given, None
        if challenge is not None and given == challenge.expected:
            step.status = "success"
            step.result = challenge if self._switches.mfa_result_kept else None
            self._begin_next(job, step, at)
            return
        if given is not None and self._switches.wrong_answer == "asked-again":
            self._begin_mfa(job, step, at)
            return
        self._fail(job, step, None, connection)

    def _fail(self, job: Job, step: Step, failure: Failure | None, connection: Connection | None = None) -> None:
        """Stop: the later steps stay pending for ever (section 4.2), and the connection is invalid (section 3.1)."""
        step.status, step.result, job.due = "failed", failure, None
        if connection is None:
            return
        was_valid = connection.status != "invalid"
        connection.status, connection.last_failure = "invalid", failure
        if was_valid:
            self._chronicler.invalidated(self._users[job.user_id], connection, failure, job.updated)

    def _retrieve(self, job: Job, step: Step, user: User, connection: Connection, at: datetime) -> Link:
        """Do what a successful step does, and say where its fruit is."""
        if step.title == VERIFY:
            connection.holder = self._world.person_at(connection.connector.bank, connection.login.name)
            return Link(f"/users/{user.id}/connections/{connection.id}")
        connection.churn_id = job.id
        with_rows = step.title == TRANSACTIONS
        changes = store_accounts(self._world, self._switches, user, connection, at, with_rows=with_rows)
        for account in changes.accounts:
            self._chronicler.account(user, account, at)
        if with_rows:
            self._activate(user, connection, at)
        if changes.new_rows:
            self._chronicler.transactions(user, connection.id, changes.new_rows, at)
        kind = "transactions" if with_rows else "accounts"
        return Link(f"/users/{user.id}/{kind}?filter=institution.id.eq('{connection.connector.id}')")

    def _activate(self, user: User, connection: Connection, at: datetime) -> None:
        for other in user.connections.values():
            if other.status == "active" and other.connector.excludes(connection.connector):
                other.status, other.last_failure = "invalid", SUPERSEDED
                self._chronicler.invalidated(user, other, SUPERSEDED, at)
        was_active = connection.status == "active"
        connection.status, connection.last_failure = "active", None
        self._chronicler.connection("updated" if was_active else "activated", user, connection, at)
