"""The picture of the flows in the documents is what the flows do: every arrow of it is driven, and no other is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from providers.basiq.tests.conftest import (
    BASE,
    USER,
    Desk,
    Reply,
    asking,
    connection,
    connector,
    consent,
    done,
    failed,
    listing,
    mfa,
    refusal,
    reply,
    running,
    step,
    token,
    user,
)

from bankweave.errors import OutcomeUnknown
from bankweave.flow import Answer, Ask, Callback, Connect, Due, Event, Intent, Refresh, Renew, Step, Wait
from bankweave_basiq.states import State

pytestmark = pytest.mark.anyio

PAGE = Path(__file__).resolve().parents[3] / "docs/providers/basiq.md"

NOW = timedelta(0)
LONG = timedelta(minutes=30)
WEEK = timedelta(days=7)

GRANT = Desk().grant("con-1")
BANK = [listing(connection()), listing(consent()), listing(connector())]  # read of a bank that was connected
MENDED = [listing(connection()), listing(connector())]  # read of a bank where it failed
UNKNOWN = refusal(404, "resource-not-found")
GONE = refusal(410, "resource-no-longer-available")


@dataclass(frozen=True)
class Hop:
    """What happens to a flow, and what Basiq says to it."""

    event: Event
    replies: list[Reply]
    after: timedelta = NOW


Way = list[Hop]


@dataclass(frozen=True)
class Beginning:
    intent: Intent
    replies: list[Reply]


def _link() -> Reply:
    links = {"public": "https://connect.basiq.io/4f3a", "self": f"{BASE}/users/{USER}/auth_link"}
    return reply({"userId": USER, "expiresAt": "2026-11-29T10:00:00Z", "links": links}, 201)


def _login(status: str, code: str | None = None) -> Reply:
    steps = [step("verify-credentials", status, {"code": code} if code else None)]
    return listing({"id": "job-1", "steps": steps, "links": {"source": f"{BASE}/users/{USER}/connections/con-1"}})


BY_PAGE = Beginning(Connect(redirect_uri=None), [token(), user(), token()])
RENEWED = Beginning(
    Renew(grant=GRANT, redirect_uri=None, institution="AU00000"),
    [token(), user(), listing(consent()), listing(connection()), token()],
)
BY_LINK = Beginning(Connect(redirect_uri=None, options={"via": "auth_link"}), [token(), user(), listing(), _link()])
RENEWED_BY_LINK = Beginning(
    Renew(grant=GRANT, redirect_uri=None, options={"via": "auth_link"}),
    [token(), user(), listing(), _link()],
)
STARTED = reply({"type": "job", "id": "job-1"}, 202)
REFRESHED = Beginning(Refresh(grant=GRANT, since=None), [token(), listing(connection()), STARTED])

BACK = Callback({"jobIds": "job-1"})
ASKED = asking("job-1", mfa())

# Coming back, and what becomes of the jobs: all that follows is tried after all that leads there.
ENDS: list[tuple[list[Reply], timedelta]] = [
    ([done("job-1"), *BANK], NOW),
    ([failed("job-1", "invalid-credentials"), *MENDED], NOW),
    ([UNKNOWN], NOW),
]
GIVEN_UP: tuple[list[Reply], timedelta] = ([running("job-1")], LONG)
WAITING: list[Reply] = [running("job-1"), ASKED]  # the page puts the bank's question itself


def _returns() -> Iterator[Way]:
    """Every way from the consent page to an end."""
    yield [Hop(Callback({}), [])]
    yield from ([Hop(BACK, replies)] for replies, _ in ENDS)
    for first in WAITING:
        for replies, after in (*ENDS, GIVEN_UP):
            yield [Hop(BACK, [first]), Hop(Due(), replies, after)]
            yield [Hop(BACK, [first]), Hop(Due(), [running("job-1")]), Hop(Due(), replies, after)]


def _returns_of_renewals() -> Iterator[Way]:
    """What `extend`, `update` and turning back lead to, of which no job tells."""
    extended = consent(expiryDate="2028-01-01T00:00:00Z")
    yield [Hop(Callback({}), [listing(extended), listing(connection())])]
    yield [Hop(Callback({}), [listing(consent()), listing(connection())])]
    yield [Hop(Callback({}), [listing(consent(status="revoked")), listing()])]
    replaced = Hop(Callback({}), [listing(consent("consent-2")), listing(), token()])
    yield from ([replaced, *way] for way in _returns())


def _links() -> Iterator[Way]:
    """Every way from a link that was sent to an end."""
    waiting: list[Way] = [
        [],
        [Hop(Due(), [listing(), _link()])],
        [Hop(Due(), [_login("in-progress"), _link()])],
        [Hop(Due(), [_login("failed", "invalid-credentials"), _link()])],
    ]
    quiet = [Hop(Due(), [_login("success"), _link()]), Hop(Due(), [_login("success"), _link(), *BANK], LONG)]
    ends: list[Way] = [
        [Hop(Due(), [listing(), GONE])],
        [Hop(Due(), [listing()], WEEK)],
        [Hop(Due(), [_login("failed", "invalid-credentials"), GONE, *MENDED])],
        [Hop(Due(), [_login("success"), GONE, *BANK])],
        quiet,
    ]
    yield from ([*way, *end] for way in waiting for end in ends)


def _refreshes() -> Iterator[Way]:
    """Every way from a refresh that was started to an end."""
    ends: list[Hop] = [
        Hop(Due(), [done("job-1")]),
        Hop(Due(), [failed("job-1", "service-unavailable")]),
        Hop(Due(), [UNKNOWN]),
        Hop(Due(), [running("job-1")], LONG),
    ]
    yield from ([end] for end in ends)
    yield from ([Hop(Due(), [running("job-1")]), end] for end in ends)
    asked, code = Hop(Due(), [ASKED]), Answer({"answer-1": "1234"})
    yield [asked, Hop(code, [token(), refusal(400, "parameter-not-valid")])]
    yield [asked, Hop(code, [token(), UNKNOWN])]
    for received in ([token(), reply({})], [token(), OutcomeUnknown("lost")]):
        yield from ([asked, Hop(code, [*received]), end] for end in ends)
        yield [asked, Hop(code, [*received]), asked]  # the same question again: the answer was wrong


async def _journey(beginning: Beginning, way: Way) -> set[tuple[str, str]]:
    """Go with a flow to its end; returns its steps."""
    desk = Desk().know_user().answers(*beginning.replies)
    flow = await desk.begin(beginning.intent)
    path = ["[*]", _name(flow)]
    for hop in way:
        assert isinstance(flow, Ask | Wait), path
        desk.ctx.clock += hop.after
        flow = await desk.answers(*hop.replies).resume(hop.event)
        path.append(_name(flow))
    assert not desk.ctx.http.answers, path
    assert not isinstance(flow, Ask | Wait), path
    return set(pairwise(path))


def _name(step: Step) -> str:
    return type(step.state if isinstance(step, Ask | Wait) else step).__name__


def _journeys() -> Iterator[tuple[Beginning, Way]]:
    yield from ((BY_PAGE, way) for way in _returns())
    jobs = [way for way in _returns() if way[0].event == BACK]
    yield from ((RENEWED, way) for way in (*jobs, *_returns_of_renewals()))
    yield from ((beginning, way) for beginning in (BY_LINK, RENEWED_BY_LINK) for way in _links())
    yield from ((REFRESHED, way) for way in _refreshes())


def _drawn() -> set[tuple[str, str]]:
    return set(re.findall(r"^ +(\S+) --> (\w+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE))


async def test_every_arrow_is_a_step_that_flows_take_and_there_are_no_others() -> None:
    driven: set[tuple[str, str]] = set()
    for beginning, way in _journeys():
        driven |= await _journey(beginning, way)
    assert _drawn() == driven


def test_every_state_is_drawn_and_explained() -> None:
    explained = set(re.findall(r"^    (\w+): \S", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert explained == {state.__name__ for state in get_args(State)}
