"""Scenarios by user name: who signs in decides what happens (providers/kontomatik.md section 15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bankweave_sandbox.kontomatik.catalog import Target
from bankweave_sandbox.kontomatik.switches import Switches
from bankweave_sandbox.world import Person, World

PASSWORD = "Test123"  # also the one-time code, as at the mock bank (section 11)
HAPPY_USER = "test1"

ImportOutcome = Literal["successful", "partial", "partial-card", "empty", "error", "fatal", "cancelled"]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What becomes of a sign-in and of the imports that follow it."""

    name: str
    meaning: str
    exception: str | None = None  # the sign-in ends with it; "outage" and "refusal" stand for the switches' names
    outcome: ImportOutcome = "successful"
    keeps_access: bool = True  # a multiple access is granted when it was asked for
    access_ends_at_once: bool = False
    access_is_short: bool = False
    uses_by_others: int = 0  # of the imports that the access allows a day
    leaves_out_row: int = 0  # counted from the newest
    session_is_dead: bool = False
    hides_result: bool = False
    is_slow: bool = False


HAPPY = Scenario("happy", "signs in and imports everything")

SCENARIOS = {
    s.name: s
    for s in (
        Scenario("refuse", "the person refuses at the bank: status error", exception="refusal"),
        Scenario("outage", "the bank does not answer the sign-in: status error", exception="outage"),
        Scenario("invalid-credentials", "the bank rejects the login: status error", exception="InvalidCredentials"),
        Scenario("access-blocked", "the bank has blocked the login: status error", exception="AccessBlocked"),
        Scenario(
            "credentials-mismatch", "the login is of another target: error", exception="TargetCredentialsMismatch"
        ),
        Scenario("identification-level", "not identified well enough", exception="InsufficientIdentificationLevel"),
        Scenario("language", "the bank's page speaks another language: error", exception="UnsupportedLanguage"),
        Scenario("login-method", "the person logs in in another way: error", exception="UnsupportedLoginMethod"),
        Scenario("locked-out", "blocked for a while: status error", exception="AccessTemporarilyBlocked"),
        Scenario("manual-action", "must do something at the bank first: error", exception="ManualActionRequired"),
        Scenario("unknown-status", "the status says an unknown word for ten minutes, then success", hides_result=True),
        Scenario("expired-session", "success, but the session is over before any import", session_is_dead=True),
        Scenario("import-error", "the import ends in state error", outcome="error"),
        Scenario("import-fatal", "the import ends in state fatal", outcome="fatal"),
        Scenario("cancelled", "the import ends in state cancelled, as one old client knew it", outcome="cancelled"),
        Scenario("partial-card", "a credit card is cut short, the accounts are not", outcome="partial-card"),
        Scenario("row-missing", "a row is lost, so that the balances do not add up", leaves_out_row=3),
        Scenario("partial", "the first account is cut short (partialDueToTimeout)", outcome="partial"),
        Scenario("empty", "accounts without any transaction", outcome="empty"),
        Scenario("slow", "the import takes ten minutes", is_slow=True),
        Scenario("single-only", "no multiple access is given, whatever was asked for", keeps_access=False),
        Scenario("consent-revoked", "the multiple access ends with the first import", access_ends_at_once=True),
        Scenario("consent-ends-early", "the multiple access ends after 30 days, unannounced", access_is_short=True),
        Scenario("shared-access", "another company takes two of the four imports a day", uses_by_others=2),
    )
}


@dataclass(frozen=True, slots=True)
class Customer:
    """Who signed in, and with which fate."""

    person: Person
    scenario: Scenario
    code: str | None  # None: this bank asks for no one-time code


def recognise(world: World, target: Target, username: str, password: str) -> Customer | None:
    """Check a login at a bank."""
    customer = known_at(world, target, username)
    expected = PASSWORD if customer is None or customer.scenario is not HAPPY else customer.person.password
    return customer if password == expected else None


def known_at(world: World, target: Target, username: str) -> Customer | None:
    """Find a customer by the user name alone, as mock-session.xml does (section 11).

    Scenario users exist at every bank and see what its customer test1 would; a real customer of that name goes first.
    """
    name = username.strip().casefold()
    person = world.person_at(target.bank, name)
    if person is not None:
        return Customer(person, HAPPY, person.code)
    return _scenario_user(world, target, SCENARIOS[name]) if name in SCENARIOS else None


def scenario_in_force(customer: Customer, switches: Switches) -> Scenario:
    """The switch, when set, outranks the user name."""
    return SCENARIOS.get(switches.scenario, customer.scenario)


def sign_in_exception(scenario: Scenario, switches: Switches) -> str | None:
    """Name what ends the sign-in; `None`: nothing does."""
    if switches.sign_in_exception:
        return switches.sign_in_exception
    named = {"outage": switches.outage_exception, "refusal": switches.refusal_exception}
    return named.get(scenario.exception or "", scenario.exception)


def customers_of(world: World, target: Target) -> list[Person]:
    """Everybody who can sign in at a target's bank, in the world's order."""
    return [p for p in world.people if world.person_at(target.bank, p.username) is p]


def _scenario_user(world: World, target: Target, scenario: Scenario) -> Customer | None:
    person = world.person_at(target.bank, HAPPY_USER) or next(iter(customers_of(world, target)), None)
    return None if person is None else Customer(person, scenario, PASSWORD)
