"""What is recorded, and how it is replayed: the same path through the public API, with fakes in place of every secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from bankweave import Challenge, Flow, Redirect
from bankweave.adapter import AnyAdapter
from bankweave.engine.report import SyncReport
from bankweave.testing import Person, Rig, StillClock
from bankweave.testing.driver import Driver, Surface
from bankweave.testing.wire import Wire
from bankweave_basiq import Basiq
from bankweave_basiq import protocol as basiq_protocol
from bankweave_kontist import Kontist
from bankweave_kontomatik import Kontomatik

from . import basiq_courses, kontist_courses
from .scrubbing import MFA_ANSWER, SMS_CODE
from .tape import replaying

CASSETTES = Path(__file__).parents[2] / "cassettes"
START = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)  # the instant at which every recording begins; its clock stands still
CALLBACK = "https://app.example/callback"


# The path -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Course:
    """How it went."""

    flow: Flow
    first: SyncReport
    second: SyncReport


def follow(drive: Driver) -> Course:
    """Connect, sync to the end, and sync again when nothing has changed."""
    flow = drive.connected()
    first = drive.synced()
    drive.rest()
    return Course(flow, first, drive.synced())


# What is recorded -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One cassette. `settings` are those of the replay; where a setting is secret, its value stands in the file."""

    name: str
    about: str
    adapter: type[AnyAdapter]
    origin: str  # the provider's own, in place of the sandbox's
    settings: Mapping[str, Any]
    callback: str = ""  # what the person came back with, but for the flow's `state`
    course: Callable[[Driver], object] = follow  # what is done
    answers: Sequence[str] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    pause: timedelta = timedelta(0)  # between the two syncs
    small_pages: Callable[[], AbstractContextManager[object]] = (
        nullcontext  # where a whole page would make a large file
    )

    @property
    def path(self) -> Path:
        return CASSETTES / f"{self.name}.yaml"


KONTIST = Recording(
    name="kontist/secret",
    about="sign-in by code with a client secret; two pages of history; renewal of the access token; a second sync",
    adapter=Kontist,
    origin="https://api.kontist.com",
    settings={"client_id": "fake-client", "client_secret": "fake-secret"},
    callback="code=fake-code-1",
    pause=timedelta(hours=2),  # an access token lives for one
)
KONTIST_PUSH = Recording(
    name="kontist/pkce_and_push",
    about="sign-in by PKCE without the second factor; a push to the app and its exchange; two syncs",
    adapter=Kontist,
    origin="https://api.kontist.com",
    settings={"client_id": "fake-client", "skip_mfa": True},
    callback="code=fake-code-1",
)
KONTOMATIK = Recording(
    name="kontomatik/multiple_access",
    about="sign-in by redirection and its import; a second import under the consent",
    adapter=Kontomatik,
    origin="https://api.kontomatik.com",
    settings={"api_key": "fake-key", "country": "pl"},
    callback="redirectionId=00000000-0000-4000-8000-000000000001",
    pause=timedelta(hours=6),  # a consent is good for four imports a day
)
BASIQ = Recording(
    name="basiq/code",
    about="a user, a consent and a job that asks for a code on the consent page; pages of posted rows, then pending ones; "
    "a refresh that asks for the code again, and its pull",
    adapter=Basiq,
    origin="https://au-api.basiq.io",
    settings={"api_key": "fake-key"},
    callback="jobId=00000000-0000-4000-8000-000000000002&jobIds=00000000-0000-4000-8000-000000000002",
    answers=(MFA_ANSWER,),
    options={"email": "anna@mail.example"},
    small_pages=lambda: patch.object(basiq_protocol, "PAGE_SIZE", 5),  # instead of 500
)
BASIQ_CLIENT = Recording(
    name="basiq/consents_and_events",
    about="the client: the user, its consent, a consent that is none; events, read once each; the end of the consent, "
    "and the events that tell of it",
    adapter=Basiq,
    origin="https://au-api.basiq.io",
    settings={"api_key": "fake-key"},
    callback=BASIQ.callback,
    answers=(MFA_ANSWER,),
    options=BASIQ.options,
    course=basiq_courses.consents_and_events,
)


BASIQ_WEBHOOKS = Recording(
    name="basiq/webhooks",
    about="the client of the application: a webhook, made, tested, listed, moved and deleted; an event that another one has",
    adapter=Basiq,
    origin="https://au-api.basiq.io",
    settings={"api_key": "fake-key"},
    course=basiq_courses.webhooks,
)


def _of_kontists_client(name: str, about: str, course: Callable[[Driver], object], **options: str) -> Recording:
    """A connection that a password opens, without a page."""
    return Recording(
        name=f"kontist/{name}",
        about=about,
        adapter=Kontist,
        origin="https://api.kontist.com",
        settings={
            "client_id": "fake-client",
            "client_secret": "fake-secret",
            "scopes": ["offline", "accounts", "users", "transactions", "transfers", "statements"],
        },
        options={"username": "anna@kontist.example", "password": "fake-password", **options},
        answers=(SMS_CODE,),
        course=course,
    )


KONTIST_PASSWORD = _of_kontists_client(
    "password_and_push",
    "sign-in by password without a second factor; the client's push and its exchange",
    kontist_courses.password_and_push,
    second_factor="none",
)
KONTIST_DEVICE = _of_kontists_client(
    "device_binding",
    "sign-in by password; a device bound by the code of an SMS, its challenge, and a transfer by its signature; its end. "
    "Keys and signatures are replaced, and compared by their form only",
    kontist_courses.device_binding,
    bind_device="till",
)
KONTIST_TRANSFERS = _of_kontists_client(
    "transfers",
    "transfers by code: one, a batch, a standing order and its end; a wrong code; insufficient funds; lists",
    kontist_courses.transfers,
)
KONTIST_CARDS = _of_kontists_client(
    "cards",
    "cards: listed, blocked, unblocked, limited, a PIN set by the code of an SMS, ordered",
    kontist_courses.cards,
)
KONTIST_TRANSACTIONS = _of_kontists_client(
    "transactions",
    "transactions of the client: pages, a search, a filter, a category and a note, a CSV file",
    kontist_courses.transactions,
)
KONTIST_DOCUMENTS = _of_kontists_client(
    "documents", "statements: listed, renamed, their categories; statistics of the account", kontist_courses.documents
)
KONTIST_CLIENT = (
    KONTIST_PASSWORD,
    KONTIST_DEVICE,
    KONTIST_TRANSFERS,
    KONTIST_CARDS,
    KONTIST_TRANSACTIONS,
    KONTIST_DOCUMENTS,
)
RECORDINGS = (KONTIST, KONTIST_PUSH, *KONTIST_CLIENT, KONTOMATIK, BASIQ, BASIQ_CLIENT, BASIQ_WEBHOOKS)


# Replaying it ---------------------------------------------------------------------------------------------------------


@dataclass
class RecordedPerson(Person):
    """Comes back with what the person came back with when the recording was made, and gives the fakes of their answers."""

    recording: Recording

    def sign_in(self, flow: Flow) -> str:
        assert isinstance(flow.interaction, Redirect)
        state = parse_qs(urlsplit(flow.interaction.url).query).get("state")
        return f"{CALLBACK}?{self.recording.callback}" + (f"&state={state[0]}" if state else "")

    def answer(self, challenge: Challenge) -> Sequence[str]:
        return self.recording.answers[: len(challenge.fields)]


@contextmanager
def replayed(recording: Recording, store: Path, surface: Surface = "async", **settings: object) -> Iterator[Driver]:
    """A driver whose provider is a cassette; the path that was recorded has to be followed to its end."""
    rig = Rig(
        adapter=recording.adapter,
        settings={**recording.settings, **settings},
        person=RecordedPerson(recording),
        truth=tuple,
        redirect_uri=CALLBACK,
        options=recording.options,
        clock=StillClock(START),
        pause=recording.pause,
    )
    with recording.small_pages(), replaying(recording.path) as replay:
        yield Driver(rig=rig, store=store, surface=surface, wire=Wire(replay.transport))
