"""When a bank asks for more than the password, and what (providers/basiq.md, sections 4.4 and 8)."""

from __future__ import annotations

from bankweave_sandbox.basiq.banks.catalogue import Connector
from bankweave_sandbox.basiq.state import Challenge
from bankweave_sandbox.basiq.switches import Switches
from bankweave_sandbox.world import Person


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
    match connector.authorization:
        case "user-mfa":
            return challenge_for(person)
        case "user-mfa-intermittent" if _asks_this_time(job_number, switches):
            return challenge_for(person)
    return None


def _asks_this_time(job_number: int, switches: Switches) -> bool:
    """Ask at every other job: a repeatable form of "about half of the time" that begins without a question."""
    if switches.intermittent_mfa == "alternate":
        return job_number % 2 == 0
    return switches.intermittent_mfa == "always"
