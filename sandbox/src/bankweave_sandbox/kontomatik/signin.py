"""What a person does on the hosted page, step by step, and what a finished sign-in leaves behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from bankweave_sandbox.kontomatik.catalog import Catalog, Target
from bankweave_sandbox.kontomatik.consents import Consents
from bankweave_sandbox.kontomatik.redirections import Broken, Redirection, SignedIn
from bankweave_sandbox.kontomatik.refusals import Refused
from bankweave_sandbox.kontomatik.scenarios import (
    Customer,
    Scenario,
    recognise,
    scenario_in_force,
    sign_in_exception,
)
from bankweave_sandbox.kontomatik.sessions import Numbers, Session, Sessions
from bankweave_sandbox.kontomatik.switches import Switches
from bankweave_sandbox.world import World

Step = Literal["bank", "consent", "login", "code"]


class WrongAnswer(Exception):
    """The login or the one-time code was wrong; the page says so and asks again."""


def step_of(redirection: Redirection) -> Step:
    """Say what the person has to do next."""
    if redirection.target is None:
        return "bank"
    if not redirection.has_consented:
        return "consent"
    return "login" if redirection.customer is None else "code"


class SignIns:
    def __init__(
        self,
        world: World,
        switches: Switches,
        *,
        catalog: Catalog,
        sessions: Sessions,
        consents: Consents,
        numbers: Numbers,
    ) -> None:
        self._world = world
        self._switches = switches
        self._catalog = catalog
        self._sessions = sessions
        self._consents = consents
        self._numbers = numbers

    def choices(self, redirection: Redirection) -> list[Target]:
        return self._catalog.offered(redirection.order.country, redirection.order.mode)

    def choose(self, redirection: Redirection, name: str) -> None:
        target = next((t for t in self.choices(redirection) if t.name == name), None)
        if target is None:
            raise WrongAnswer("Please choose a bank from the list.")
        redirection.target, redirection.session_id = target, self._numbers.next()

    def consent(self, redirection: Redirection, *, allows_reuse: bool) -> None:
        redirection.has_consented = True
        redirection.allows_reuse = allows_reuse or redirection.order.mode == "MULTIPLE"
        redirection.session_id = redirection.session_id or self._numbers.next()
        if self._switches.sign_in_outage or self._catalog.is_down(_chosen(redirection)):
            self._break(redirection, self._switches.outage_exception)

    def log_in(self, redirection: Redirection, username: str, password: str) -> None:
        customer = recognise(self._world, _chosen(redirection), username, password)
        if customer is None:
            self._miss(redirection, "The user name or the password is wrong.")
            return
        redirection.customer = customer
        exception = sign_in_exception(scenario_in_force(customer, self._switches), self._switches)
        if exception is not None:
            self._break(redirection, exception)
        elif customer.code is None:
            self._succeed(redirection, customer)

    def enter_code(self, redirection: Redirection, code: str) -> None:
        customer = redirection.customer
        if customer is None or code.strip() != customer.code:
            self._miss(redirection, "The one-time code is wrong.")
            return
        self._succeed(redirection, customer)

    def refuse(self, redirection: Redirection) -> None:
        self._break(redirection, self._switches.refusal_exception)

    def grant(
        self, target: Target, customer: Customer, owner: str, *, allows_reuse: bool, session_id: str | None = None
    ) -> Session:
        """Open a session and, where the person, the target and the scenario allow it, a multiple access."""
        self._sessions.check_room()
        session = self._sessions.open(session_id or self._numbers.next(), target, customer, owner)
        scenario = scenario_in_force(customer, self._switches)
        session.is_closed = scenario.session_is_dead
        if allows_reuse and target.is_psd2 and scenario.keeps_access:
            session.consent = self._consents.grant(owner, target, customer)
        return session

    def _succeed(self, redirection: Redirection, customer: Customer) -> None:
        order, now = redirection.order, self._world.clock.now()
        reuse = redirection.allows_reuse and order.mode != "SINGLE"
        try:
            session = self.grant(
                _chosen(redirection), customer, order.owner, allows_reuse=reuse, session_id=redirection.session_id
            )
        except Refused as refused:
            self._break(redirection, refused.name)
            return
        session.created_at = shown_at = now + self._hidden_for(scenario_in_force(customer, self._switches))
        access_id = session.consent.id if session.consent else None
        redirection.ending = SignedIn(session, access_id, now, shown_at)

    def _hidden_for(self, scenario: Scenario) -> timedelta:
        return timedelta(seconds=self._switches.unknown_status_seconds if scenario.hides_result else 0)

    def _miss(self, redirection: Redirection, message: str) -> None:
        redirection.wrong_answers += 1
        if redirection.wrong_answers < self._switches.wrong_answers_allowed:
            raise WrongAnswer(message)
        self._break(redirection, "AccessTemporarilyBlocked")

    def _break(self, redirection: Redirection, exception: str) -> None:
        redirection.ending = Broken(exception, self._world.clock.now())


def _chosen(redirection: Redirection) -> Target:
    if redirection.target is None:
        raise RuntimeError("a bank is chosen before anybody logs in")
    return redirection.target
