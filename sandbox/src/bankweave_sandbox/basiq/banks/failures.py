"""How a job can fail at the bank, and the test people with whom it does (providers/basiq.md, sections 4.6 and 8)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bankweave_sandbox.basiq.banks.catalogue import Connector
from bankweave_sandbox.world import World


@dataclass(frozen=True, slots=True)
class Login:
    """What the person typed into the Consent UI; kept for refreshes, as Basiq does for web connectors."""

    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a step failed; `step` is the title of the step at which it shows (section 4.6)."""

    step: str
    code: str
    title: str
    detail: str


_REFUSED = "Cannot login to target institution, check credentials."

WRONG_PASSWORD = Failure("verify-credentials", "invalid-credentials", _REFUSED, "Invalid username or password")
LOCKED = Failure("verify-credentials", "invalid-credentials", _REFUSED, "Account is locked")
USER_ACTION = Failure(
    "retrieve-accounts",
    "account-not-accessible-requires-user-action",
    "Account not accessible",
    "An action is required from end-user before account details can be returned.",
)
UNAVAILABLE = Failure(
    "retrieve-accounts",
    "service-unavailable",
    "Service Unavailable",
    "Service is currently unavailable. Please try again later.",
)
DOWN = replace(UNAVAILABLE, step="verify-credentials")
CONNECTION_GONE = Failure(
    "verify-credentials", "invalid-connection", "Invalid connection", "The connection no longer exists."
)
DENIED = Failure("verify-credentials", "authorization-failed", "Authorization failed", "access_denied")
SUPERSEDED = Failure(
    "verify-credentials", "invalid-connection", "Invalid connection", "The institution is connected another way now."
)

_PEOPLE = {"erlich": USER_ACTION, "jianyang": UNAVAILABLE}


def login_failure(world: World, connector: Connector, login: Login) -> Failure | None:
    """Say why the bank does not let someone in: unknown name, wrong password, locked."""
    person = world.person_at(connector.bank, login.name)
    if person is None or person.password != login.password:
        return WRONG_PASSWORD
    return LOCKED if login.name.casefold() == "bighead" else None


def scenario_failure(login: Login, step: str) -> Failure | None:
    """Name the failure that a test person meets after signing in; the documents do not name the step (section 8)."""
    failure = _PEOPLE.get(login.name.casefold())
    return None if failure is None else replace(failure, step=step)
