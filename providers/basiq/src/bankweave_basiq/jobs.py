"""Where a job of Basiq stands. A connection's job has no status of its own: its steps tell (section 4.2). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bankweave.errors import MalformedAnswer, Origin, WrongSubject
from bankweave_basiq.links import NAME, locate
from bankweave_basiq.refusals import spell
from bankweave_basiq.wire import WireJob, WireResult, WireStep

DONE = frozenset({"success", "skipped"})
_SHORTEST_LIFE_MS = 10_000
_UNKNOWN_LIFE_S = 120.0
_LONGEST_LIFE_S = 3600.0


@dataclass(frozen=True, slots=True)
class Question:
    """What the bank wants to know before it goes on. `seconds`: how long it waits for the answer."""

    method: str
    message: str | None
    inputs: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Running:
    pass


@dataclass(frozen=True, slots=True)
class Asking:
    question: Question


@dataclass(frozen=True, slots=True)
class Succeeded:
    connection: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """It failed. `code` is Basiq's or the bank's word for why; None where it did not say, as after a wrong MFA answer."""

    code: str | None
    in_challenge: bool = False
    locked: bool = False
    denied: bool = False
    connection: str | None = None


Outcome: TypeAlias = Running | Asking | Succeeded | Stopped


def judge(job: WireJob, base_url: str, user_id: str) -> Outcome:
    """Say where a job stands. Raises `WrongSubject` when it is not about this user.

    Failure is looked for first: after it, later steps stay pending for ever (section 4.2).
    """
    connection = connection_of(job, base_url, user_id)
    failed = next((step for step in job.steps if _status(step) == "failed"), None)
    if failed is not None:
        return _stopped(failed, connection)
    if job.steps and all(_status(step) in DONE for step in job.steps):
        return Succeeded(_named(connection))
    question = _question(job, base_url)
    return Asking(question) if question else Running()


def connection_of(job: WireJob, base_url: str, user_id: str) -> str | None:
    """The connection a job works for; None until Basiq knows it (section 4.2)."""
    places = [locate(base_url, link, "get_job") for link in _links(job)]
    if any(place.after("users") not in {user_id, None} for place in places):
        raise WrongSubject("the job is another user's; nothing of it was used", origin=_origin())
    return next((c for place in places if place.after("users") and (c := place.after("connections"))), None)


def _links(job: WireJob) -> tuple[str, ...]:
    source = job.links.source if job.links else None
    urls = tuple(step.result.url for step in job.steps if step.result)
    return tuple(link for link in (source, *urls) if link)


def _named(connection: str | None) -> str:
    if connection is None:
        raise MalformedAnswer(
            "Basiq ended a job without saying which connection it was for; nothing of it was used", origin=_origin()
        )
    return connection


def _status(step: WireStep) -> str:
    return step.status.casefold()


def is_challenge(title: str) -> bool:
    """Whether a step of this title is the bank's question."""
    return title.casefold().startswith("mfa-")  # a page of the documents misspells the rest (section 4.2)


def _stopped(step: WireStep, connection: str | None) -> Stopped:
    result = step.result or WireResult()
    detail = (result.detail or result.details or "").casefold()
    return Stopped(
        code=spell(result.code),
        in_challenge=is_challenge(step.title),
        # Banks' own words, not a closed list (section 4.6): what they give away is used, nothing depends on it.
        locked="locked" in detail,
        denied="access_denied" in detail,
        connection=connection,
    )


def _question(job: WireJob, base_url: str) -> Question | None:
    step = next((step for step in job.steps if is_challenge(step.title) and _status(step) == "in-progress"), None)
    if step is None or step.result is None:
        return None  # nothing asked yet, or the answer is being tried
    result = step.result
    if result.links and result.links.response:
        # The answer goes to an address that we make ourselves; a link elsewhere is still no good sign.
        locate(base_url, result.links.response, "get_job")
    return Question(result.method or "", result.description, result.input or (), _life(result.expiry_ms))


def _life(milliseconds: float | None) -> float:
    """How long the bank waits. An example has 3600, seconds misnamed: so little is taken for unknown (section 4.3)."""
    if milliseconds is None or milliseconds < _SHORTEST_LIFE_MS:
        return _UNKNOWN_LIFE_S
    return min(milliseconds / 1000, _LONGEST_LIFE_S)


def _origin() -> Origin:
    return Origin(adapter=NAME, operation="get_job")
