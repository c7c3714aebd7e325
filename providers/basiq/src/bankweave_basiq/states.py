"""Where a flow of Basiq can stand, and what is kept of one that succeeded. Plain data that survives a process."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bankweave.flow import Failed, Reason


class Kept(BaseModel):
    """Stored between two steps. `version` grows when a stored one can no longer be read as it is."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    version: Literal[1] = 1


class BasiqGrant(Kept):
    """A user at Basiq and the Basiq connections that one connection of ours stands for.

    They can be several, because the consent page lets a person add another bank before coming back (section 2.2). The
    application's key gives access; nothing here is of use without it.
    """

    user_id: str
    connections: tuple[str, ...] = Field(min_length=1)


class JobFailure(Kept):
    """Why a job failed, kept until the others have ended."""

    reason: Reason
    message: str
    code: str | None = None
    retry_at: datetime | None = None
    connection: str | None = None  # where it failed, if the job told

    def step(self) -> Failed:
        return Failed(reason=self.reason, message=self.message, provider_code=self.code, retry_at=self.retry_at)


class AwaitingConsent(Kept):
    """The person is on the consent page."""

    kind: Literal["awaiting_consent"] = "awaiting_consent"
    user_id: str
    replaces: tuple[str, ...] = ()  # the connections of the grant that is renewed
    before: str | None = None  # how consents and connections stood when a renewal began; None: a first connection
    consent: str | None = None  # the active consent when a renewal began
    institution: str | None = None  # the bank to be connected, where that is known


class AwaitingAuthLink(Kept):
    """The person has a link by which to connect banks, whenever they like; nothing tells when they did (section 2.3)."""

    kind: Literal["awaiting_auth_link"] = "awaiting_auth_link"
    user_id: str
    url: str = Field(repr=False)
    expires_at: datetime
    known_jobs: tuple[str, ...] = ()  # that were there before
    replaces: tuple[str, ...] = ()
    ended: int = 0  # jobs that were seen to have ended, with none running
    ended_at: datetime | None = None  # since when it is as many
    polls: int = 0


class AwaitingJobs(Kept):
    """The person is back, and Basiq is fetching."""

    kind: Literal["awaiting_jobs"] = "awaiting_jobs"
    user_id: str
    jobs: tuple[str, ...]  # not ended yet
    deadline: datetime
    connections: tuple[str, ...] = ()  # of the jobs that succeeded
    replaces: tuple[str, ...] = ()
    consent: str | None = None  # the active consent when a renewal began
    failure: JobFailure | None = None  # of the first job that failed
    polls: int = 0


class RefreshingJobs(Kept):
    """Basiq is fetching fresh data; the bank may have a question."""

    kind: Literal["refreshing_jobs"] = "refreshing_jobs"
    user_id: str
    connections: tuple[str, ...]
    jobs: tuple[str, ...]  # not ended yet
    deadline: datetime
    answered: tuple[str, ...] = ()  # jobs whose question was answered
    polls: int = 0


class AwaitingAnswer(Kept):
    """The bank asks something; nothing goes on until the person answers."""

    kind: Literal["awaiting_answer"] = "awaiting_answer"
    refreshing: RefreshingJobs
    job: str
    inputs: int  # how many answers there must be; 0: an approval in the bank's app
    expires_at: datetime


State: TypeAlias = AwaitingConsent | AwaitingAuthLink | AwaitingJobs | RefreshingJobs | AwaitingAnswer
STATES: TypeAdapter[State] = TypeAdapter(Annotated[State, Field(discriminator="kind")])
GRANTS: TypeAdapter[BasiqGrant] = TypeAdapter(BasiqGrant)
