"""The picture of the flows in the documents is what the flows do: every arrow of it is driven, and no other is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

from bankweave.errors import OutcomeUnknown, ProviderUnavailable
from bankweave.flow import Ask, Callback, Connect, Intent, Refresh, Renew, Step, Wait
from bankweave.testing import FakeContext
from bankweave.testing.context import Answer as Scripted
from bankweave_kontomatik import TEST, Kontomatik
from bankweave_kontomatik.flow import AnyState
from bankweave_kontomatik.grant import Grant

from . import payloads
from .conftest import NOW
from .payloads import OWNER
from .travel import BACK, go_on

pytestmark = pytest.mark.anyio

PAGE = Path(__file__).resolve().parents[3] / "docs/providers/kontomatik.md"

AWAY = ProviderUnavailable("down")
LOST = OutcomeUnknown("lost")
MAINTENANCE = payloads.exception("ServiceMaintenance", 503)
LINK = payloads.redirection()
NOT_YET = payloads.status("created")
SIGNED_IN = payloads.success()
LAPSED = payloads.status("expired")
FORGOTTEN = payloads.exception("InvalidRedirectionId", 404)
REFUSED = payloads.status("error", exception="InvalidCredentials")
OVERLOADED = payloads.exception("TooManyRequests", 429)
SESSION = payloads.session()
STARTED = payloads.started()
NOT_STARTED = payloads.exception("DefaultImportAlreadyExecuted")
RUNS = payloads.xml(payloads.command("in_progress"))
ENDED = payloads.failed_command("error", "AccessBlocked")
BROKEN = payloads.failed_command("fatal", "InternalError")
DONE = payloads.xml(payloads.result())
NO_LOGIN = payloads.exception("InvalidCredentials")

BY_PAGE = Connect(redirect_uri="https://app.example/")
BY_MOCK = Connect(redirect_uri=None, options={"mock_login": "test1", "country": "pl"})

# What becomes of a link, of a session and of an import: all that follows is tried after all that leads there.
LINKS: list[list[Scripted]] = [[SIGNED_IN], [NOT_YET, OVERLOADED, AWAY, SIGNED_IN]]
LINKS_ENDED: list[list[Scripted]] = [[REFUSED], [LAPSED], [FORGOTTEN]]
STARTS: list[list[Scripted]] = [[STARTED], [MAINTENANCE, STARTED]]
STARTS_ENDED: list[list[Scripted]] = [[NOT_STARTED], [LOST]]
IMPORTS: list[list[Scripted]] = [[DONE], [RUNS, AWAY, DONE], [ENDED], [BROKEN]]


def _sessions() -> Iterator[list[Scripted]]:
    """Every way from a session to an end."""
    yield from STARTS_ENDED
    yield from ([*start, *end] for start in STARTS for end in IMPORTS)


def _sign_ins() -> Iterator[list[Scripted]]:
    yield from ([LINK, *end] for end in LINKS_ENDED)
    yield from ([LINK, *way, *rest] for way in LINKS for rest in _sessions())


async def _journey(intent: Intent, answers: list[Scripted], came_back: Callback | None = None) -> set[tuple[str, str]]:
    """Go with a flow to its end; returns its steps."""
    adapter = Kontomatik(payloads.settings(base_url=TEST, country="pl"))
    ctx = FakeContext(owner=OWNER, clock=NOW)
    ctx.http.answers = list(answers)
    step = await adapter.begin(ctx, intent)
    path = ["[*]", _name(step)]
    while isinstance(step, Ask | Wait):
        step = await go_on(adapter, ctx, step, came_back if isinstance(step, Ask) else None)
        path.append(_name(step))
    assert not ctx.http.answers, path
    return set(pairwise(path))


def _name(step: Step) -> str:
    return type(step.state if isinstance(step, Ask | Wait) else step).__name__


async def _driven(grant: Grant) -> set[tuple[str, str]]:
    """Every step that any journey took."""
    renewal = Renew(grant=grant, redirect_uri="https://app.example/")
    since = NOW.date()
    arrows: set[tuple[str, str]] = set()
    for answers in _sign_ins():
        arrows |= await _journey(BY_PAGE, answers) | await _journey(renewal, answers)
    for answers in _sessions():
        arrows |= await _journey(BY_PAGE, [LINK, SIGNED_IN, *answers], BACK)
        arrows |= await _journey(BY_MOCK, [SESSION, *answers])
        arrows |= await _journey(Refresh(grant=grant, since=since), [SESSION, *answers])
    kept = grant.model_copy(update={"imported_at": NOW})
    arrows |= await _journey(Refresh(grant=kept, since=None), [])
    return arrows | await _journey(BY_MOCK, [NO_LOGIN])


def _drawn() -> set[tuple[str, str]]:
    return set(re.findall(r"^ +(\S+) --> (\w+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE))


async def test_every_arrow_is_a_step_that_flows_take_and_there_are_no_others(grant: Grant) -> None:
    assert _drawn() == await _driven(grant)


def test_every_state_is_drawn_and_explained() -> None:
    explained = set(re.findall(r"^    (\w+): \S", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    union, _ = get_args(AnyState)
    assert explained == {state.__name__ for state in get_args(union)}
