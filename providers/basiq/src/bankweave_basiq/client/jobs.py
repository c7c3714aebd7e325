"""What Basiq is doing for a person: where it stands, and what a bank asks meanwhile (section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, TypeAdapter

from bankweave.errors import InvalidOrder, WrongSubject
from bankweave_basiq.client.api import Api, segment
from bankweave_basiq.client.filters import Filter
from bankweave_basiq.client.record import Instant, Linked, Links, Listing, Record, Reference, Texts
from bankweave_basiq.following import pause
from bankweave_basiq.jobs import DONE, is_challenge
from bankweave_basiq.links import id_in
from bankweave_basiq.protocol import answer_challenge
from bankweave_basiq.refusals import refused
from bankweave_basiq.wire import only_one


class JobState(StrEnum):
    RUNNING = "running"
    ASKING = "asking"  # the bank waits for an answer: see `question`
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # see `failure`


class StepResult(Record):
    """A link, a failure or a question, told apart by what is in it."""

    type: str | None = None
    url: str | None = None
    code: str | None = None
    title: str | None = None
    detail: str | None = None
    method: str | None = None
    description: str | None = None
    input: Texts = ()
    expiry_ms: float | None = Field(default=None, allow_inf_nan=False)
    links: Links | None = None


class JobStep(Record):
    title: str
    status: str
    result: Annotated[StepResult | None, BeforeValidator(only_one)] = None

    @property
    def is_question(self) -> bool:
        return is_challenge(self.title)


class Job(Linked):
    """A job. Basiq gives it no status: `state` is what its steps say."""

    id: str
    created: Instant | None = None
    updated: Instant | None = None
    job_type: str | None = None
    institution: Reference | None = None
    steps: tuple[JobStep, ...] = ()

    @property
    def state(self) -> JobState:
        """Where it stands. Failure counts first: after it, later steps stay pending for ever."""
        statuses = {step.status.casefold() for step in self.steps}
        if "failed" in statuses:
            return JobState.FAILED
        if statuses and statuses <= DONE:
            return JobState.SUCCEEDED
        return JobState.ASKING if self.question else JobState.RUNNING

    @property
    def question(self) -> StepResult | None:
        """What the bank asks: answer its `input` in order, or "confirmed" where there is none."""
        asking = (step for step in self.steps if step.is_question and step.status.casefold() == "in-progress")
        return next((step.result for step in asking), None)

    @property
    def failure(self) -> StepResult | None:
        """Why it failed: `code`, `title` and `detail`, in Basiq's or the bank's words; None where it does not say."""
        return next((step.result for step in self.steps if step.status.casefold() == "failed"), None)

    @property
    def connection(self) -> str | None:
        """Basiq's id of the connection it works for; None until that is known."""
        results = (step.result.url for step in self.steps if step.result)
        links = (self.link("source"), *results)
        return next((id_ for link in links if link and (id_ := id_in(link, "connections"))), None)


_JOB = TypeAdapter(Job)
_JOBS = TypeAdapter(Listing[Job])


class Jobs:
    """The jobs of the last seven days; older ones are gone."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def list(self, *, connection: str | None = None) -> tuple[Job, ...]:
        """List the person's jobs, all or those of one connection."""
        params = Filter().equal("connection.id", connection).params
        return await self._api.rows(_JOBS, "list_jobs", await self._api.of_user("jobs"), params)

    async def get(self, job: str) -> Job:
        """Read a job. Raises `WrongSubject` when it is another person's."""
        found = await self._api.get(_JOB, "get_job", f"/jobs/{segment(job)}")
        source = found.link("source")
        owner = id_in(source, "users") if source else None
        if found.id != job or owner not in {None, await self._api.user_id()}:
            raise WrongSubject("Basiq answered about another job or person; nothing of it was used")
        return found

    async def wait(self, job: str, *, seconds: float = 60.0) -> Job:
        """Look at a job until it ends or asks something, less and less often; at the latest until the time is over."""
        ctx = self._api.session.ctx
        end, polls = ctx.now() + timedelta(seconds=seconds), 0
        while True:
            found = await self.get(job)
            left = (end - ctx.now()).total_seconds()
            if found.state is not JobState.RUNNING or left <= 0:
                return found
            await ctx.sleep(min(pause(polls).total_seconds(), left))
            polls += 1

    async def answer(self, job: str, answers: Sequence[str]) -> None:
        """Answer what the bank asks, in the order of its questions. Never repeated; whether it was right, the job tells.

        Raises `ProviderRefused` when the bank no longer asks, or not for that; `OutcomeUnknown` when the receipt was lost.
        """
        if isinstance(answers, str) or not answers:
            raise InvalidOrder(
                "answers must be a list of texts, one for each question; nothing was sent", code="answers"
            )
        segment(job)
        request = answer_challenge(self._api.session.settings, job, tuple(answers))
        response = await self._api.session.as_client(await self._api.user_id(), request)
        if not response.ok:
            raise refused(response, request.operation)
