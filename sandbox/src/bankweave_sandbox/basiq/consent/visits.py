"""A person's visit to the Consent UI: where it stands and what each button does (providers/basiq.md, section 2.2)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from bankweave_sandbox.basiq.banks.catalogue import Connector
from bankweave_sandbox.basiq.banks.failures import Login, login_failure
from bankweave_sandbox.basiq.banks.mfa import APPROVAL, Challenge, planned_challenge
from bankweave_sandbox.basiq.consent_shape import consented_scopes
from bankweave_sandbox.basiq.platform import Platform
from bankweave_sandbox.basiq.state import Connection, User
from bankweave_sandbox.basiq.switches import Switches
from bankweave_sandbox.world import Account

Action = Literal["default", "connect", "manage", "extend", "update", "reauthorise"]
Stage = Literal[
    "consent",
    "institutions",
    "credentials",
    "mfa",
    "accounts",
    "success",
    "failed",
    "manage",
    "extend",
    "extended",
    "renew",
]


class VisitRefusedError(Exception):
    """The page cannot be shown; the text tells the person why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(slots=True)
class Visit:
    """One opening of the Consent UI. Nothing reaches the bank's records before the last step, so leaving is free."""

    id: str
    platform: Platform
    user: User
    ends: datetime
    action: Action
    state: str | None
    redirect: str | None = None  # where the query asks to return to
    stage: Stage = "consent"
    connector: Connector | None = None
    renewed: Connection | None = None  # the connection whose login is being updated or re-authorised
    login_name: str = ""  # as typed, so that a mistake in the password costs the password only
    login: Login | None = None
    challenge: Challenge | None = None
    answers: tuple[str, ...] | None = None
    problem: str = ""
    shared: list[str] = field(default_factory=list)  # jobs of connections that the person completed
    attempted: list[str] = field(default_factory=list)  # the same and those that the bank refused, in order

    def begin(self, institution: str | None, connection_id: str | None) -> None:
        """Go to the first page that the query asks for, or refuse."""
        if self.action in {"connect", "extend", "update"} and self.user.active_consent is None:
            raise VisitRefusedError(400, "There is no active consent. Start again without this action.")
        if institution is not None:
            self.connector = self._known_connector(institution)
        if connection_id is not None and self.action not in {"manage", "extend"}:
            self._renew(connection_id)
            return
        self.stage = self._first_stage()

    def agree(self, chosen: Collection[str]) -> None:
        """Grant what the page asked for, and of what may be left out the chosen scopes.

        A changed policy replaces the old consent and all that hung on it.
        """
        consent = self.user.active_consent
        if self.action == "update" and consent is not None:
            self.platform.revoke_consent(self.user, consent)
            consent = None
        if consent is None:
            self.platform.grant_consent(self.user, consented_scopes(chosen, self._switches))
        self.stage = self._connecting_stage()

    def choose_institution(self, institution: str) -> None:
        if institution in self.platform.switches.institutions_down:
            self.problem = "This institution cannot be reached at present."
            return
        self.connector = self._known_connector(institution)
        self.stage = "credentials"

    def sign_in(self, name: str, password: str) -> None:
        """Try the login at the bank; one that it refuses makes a failing job, as at Basiq."""
        self.login_name = name
        if not name or not password:
            self.problem = "Enter your login ID and your password."
            return
        connector = self._chosen_connector()
        self.login = Login(name.strip(), password)
        if login_failure(self.platform.world, connector, self.login) is not None:
            self._attempt(refused=True)
            return
        person = self.platform.world.person_at(connector.bank, self.login.name)
        number = 1 + (self.renewed.jobs_started if self.renewed else 0)
        self.challenge = planned_challenge(connector, person, number, self.platform.switches)
        self.stage = "mfa" if self.challenge else self._stage_after_mfa()
        self._share_if_nothing_is_left_to_ask()

    def answer(self, answers: tuple[str, ...]) -> None:
        """Give the answers to the bank; wrong ones make a failing job."""
        self.answers = tuple(answer.strip() for answer in answers)
        if self.challenge is not None and self.answers != self.challenge.expected:
            self._attempt(refused=True)
            return
        self.stage = self._stage_after_mfa()
        self._share_if_nothing_is_left_to_ask()

    def share(self, account_ids: frozenset[str]) -> None:
        """Connect, with the ticked accounts only."""
        offered = {account.id for account in self.offered_accounts}
        if offered and not account_ids & offered:
            self.problem = "Choose at least one account."
            return
        self._attempt(refused=False, chosen=account_ids & offered if offered else None)

    def connect_another(self) -> None:
        self._forget_bank()
        self.stage = "institutions"

    def retry(self) -> None:
        self.login = self.challenge = self.answers = None
        self.stage = "credentials"

    def extend(self) -> None:
        """Lengthen the consent, and with it the open-banking connections."""
        consent = self.user.active_consent
        if consent is None:
            raise VisitRefusedError(400, "The consent has ended meanwhile. Start again.")
        self.platform.extend_consent(self.user, consent)
        for connection in self.user.connections.values():
            self._prolong(connection)
        self.stage = "extended"

    def renew(self, connection_id: str) -> None:
        self._renew(connection_id)

    def delete_connection(self, connection_id: str) -> None:
        self.platform.delete_connection(self.user, connection_id)

    def revoke(self) -> None:
        consent = self.user.active_consent
        if consent is not None:
            self.platform.revoke_consent(self.user, consent)

    @property
    def offered_accounts(self) -> list[Account]:
        """What the person could share: the bank shows it once the login is accepted."""
        connector, world = self._chosen_connector(), self.platform.world
        person = world.person_at(connector.bank, self.login.name) if self.login else None
        return world.accounts_of(person, connector.bank) if person else []

    @property
    def asks_for_approval(self) -> bool:
        return self.challenge is APPROVAL

    def leave(self) -> list[str]:
        """Go away, and name the jobs that the application is told of.

        Who was at an open-banking bank already may leave a connection behind, or a job that was denied (section 3.1).
        """
        is_at_bank = self.stage in {"mfa", "accounts"} and self.renewed is None
        connector, login, consent = self.connector, self.login, self.user.active_consent
        if not is_at_bank or connector is None or login is None or consent is None:
            return self.shared
        if connector.method != "openbanking" or not (self._switches.pre_init_kept or self._switches.denied_job):
            return self.shared
        connection = self.platform.connect(self.user, consent, connector, login)
        connection.status = "pre-init"
        denied = [self.platform.start_job(self.user, connection).id] if self._switches.denied_job else []
        return [*self.shared, *denied]

    @property
    def _switches(self) -> Switches:
        return self.platform.switches

    @property
    def may_connect_another(self) -> bool:
        return self.platform.switches.allow_multiple_connections and self.renewed is None

    def _first_stage(self) -> Stage:
        match self.action:
            case "manage":
                return "manage"
            case "extend":
                return "extend"
            case "reauthorise":
                return "renew"
            case "connect":
                return self._connecting_stage()
            case "update" if not self._policy_has_changed():
                return "extend"
        return "consent"

    def _connecting_stage(self) -> Stage:
        return "institutions" if self.connector is None else "credentials"

    def _stage_after_mfa(self) -> Stage:
        """Go to the choice of accounts, which only open banking offers again at a renewal."""
        return "accounts" if self.renewed is None or self.renewed.is_open_banking else "mfa"

    def _share_if_nothing_is_left_to_ask(self) -> None:
        asked_all = self.challenge is None or self.answers is not None
        if self.renewed is not None and not self.renewed.is_open_banking and asked_all:
            self._attempt(refused=False, chosen=self.renewed.chosen)

    def _policy_has_changed(self) -> bool:
        consent = self.user.active_consent
        return consent is not None and consent.policy_version != self.platform.switches.policy_version

    def _renew(self, connection_id: str) -> None:
        connection = self.user.connections.get(connection_id)
        if connection is None:
            raise VisitRefusedError(404, "This connection does not exist any more.")
        if self.platform.running_job(connection) is not None:
            raise VisitRefusedError(409, "This connection is being refreshed. Try again in a minute.")
        self.renewed, self.connector, self.stage = connection, connection.connector, "credentials"

    def _attempt(self, *, refused: bool, chosen: frozenset[str] | None = None) -> None:
        """Start the job of what the person entered, whether the bank will take it or not."""
        connection = self._connection()
        connection.chosen = chosen
        job = self.platform.start_job(self.user, connection, self.answers)
        self.attempted.append(job.id)
        if refused:
            self.stage = "failed"
            return
        self._prolong(connection)
        self.shared.append(job.id)
        self.stage = "success"

    def _connection(self) -> Connection:
        login, consent = self.login, self.user.active_consent
        if login is None or consent is None:
            raise VisitRefusedError(400, "The consent has ended meanwhile. Start again.")
        if self.renewed is not None:
            self.renewed.login, self.renewed.login_changed = login, self.platform.now()
            self.renewed.status = "init" if self.renewed.status == "pre-init" else self.renewed.status
            return self.renewed
        if self.platform.switches.other_method == "refused" and self._is_connected_another_way():
            raise VisitRefusedError(409, "You have connected this institution already, in another way.")
        if self.platform.connection_count >= self.platform.switches.sandbox_connections:
            raise VisitRefusedError(403, "The sandbox has as many connections as it may have.")
        return self.platform.connect(self.user, consent, self._chosen_connector(), login)

    def _is_connected_another_way(self) -> bool:
        active = [connection for connection in self.user.connections.values() if connection.status == "active"]
        return any(connection.connector.excludes(self._chosen_connector()) for connection in active)

    def _prolong(self, connection: Connection) -> None:
        if connection.is_open_banking:
            connection.expires = self.platform.now() + timedelta(days=self.platform.switches.consent_days)

    def _known_connector(self, institution: str) -> Connector:
        connector = self.platform.connector(institution)
        if connector is None:
            raise VisitRefusedError(404, "This institution is not known.")
        return connector

    def _chosen_connector(self) -> Connector:
        if self.connector is None:
            raise VisitRefusedError(400, "Choose an institution first.")
        return self.connector

    def _forget_bank(self) -> None:
        self.login_name = ""
        self.connector = self.renewed = self.login = self.challenge = self.answers = None
