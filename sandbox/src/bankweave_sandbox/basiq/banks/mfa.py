"""When a bank asks for more than the password, and what (providers/basiq.md, sections 4.4 and 8)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from bankweave_sandbox.basiq.banks.catalogue import Connector
from bankweave_sandbox.basiq.switches import Switches
from bankweave_sandbox.world import Person

_DOCUMENTED_ID = (
    "AU00000"  # the table's answer to "What's the ID of this institution?", whichever bank asks (section 8)
)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the bank asks during a job, and what it wants to hear."""

    method: Literal["token", "security-questions"]
    description: str
    inputs: tuple[str, ...]
    expected: tuple[str, ...] = field(repr=False)


# Banks with an app of their own are answered with this one word (section 4.4); the other words are ours.
APPROVAL = Challenge(
    "token",
    "Approve the request in your bank's app, then confirm it here",
    ("Confirmation",),
    ("confirmed",),
)


def challenge_for(person: Person | None) -> Challenge | None:
    """Build the challenge that a person meets: a code by SMS, or security questions."""
    if person is None:
        return None
    if person.answers:
        questions, answers = zip(*person.answers, strict=True)
        return Challenge("security-questions", "security-questions", questions, answers)
    if person.code is None:
        return None
    description = "A SMS code has been sent to your device, please enter valid number"
    return Challenge("token", description, ("OTP Password",), (person.code,))


def planned_challenge(
    connector: Connector, person: Person | None, job_number: int, switches: Switches
) -> Challenge | None:
    """Decide whether the bank asks during the `job_number`-th job of a connection."""
    asks = connector.authorization == "user-mfa" or (
        connector.authorization == "user-mfa-intermittent" and _asks_this_time(job_number, switches)
    )
    challenge = challenge_for(person) if asks else None
    if challenge is None:
        return None
    return APPROVAL if switches.mfa_method == "app" else _at(connector, challenge, switches)


def _at(connector: Connector, challenge: Challenge, switches: Switches) -> Challenge:
    """Expect the id of the bank that asks, where the switch says so, instead of that of the documented table."""
    if switches.institution_id_answer == "its-own":
        own = (connector.id if answer == _DOCUMENTED_ID else answer for answer in challenge.expected)
        return replace(challenge, expected=tuple(own))
    return challenge


def _asks_this_time(job_number: int, switches: Switches) -> bool:
    """Ask at every other job: a repeatable form of "about half of the time" that begins without a question."""
    if switches.intermittent_mfa == "alternate":
        return job_number % 2 == 0
    return switches.intermittent_mfa == "always"
