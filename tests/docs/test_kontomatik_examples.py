"""Kontomatik's examples do what they say, against the sandbox and on a clock that moves."""

from __future__ import annotations

import builtins
import functools
import runpy
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import pytest
from documents import CALLBACK, DOCS, EXAMPLES, SignIn, blocks, run
from sandboxed import SandboxClock

import bankweave
from bankweave.cli.demo.browser import Browser, Person
from bankweave_sandbox import Sandbox

KONTOMATIK = EXAMPLES / "kontomatik"
DAY = 86_400
ADDRESS = "zofia@example.com"
THANKS = "https://app.example/thank-you"
COME_BACK = "http://127.0.0.1:8910/kontomatik/callback"

Tell: TypeAlias = Callable[..., list[str]]
pytestmark = pytest.mark.usefixtures("configured", "on_the_sandboxs_clock")


def person(username: str = "test1") -> Person:
    known = {"User name": username, "Password": "Test123", "One-time code": "Test123"}
    return Person(known, chooses="KontoBankApi")


def sign_in(link: str, back: str, username: str = "test1") -> str:
    """Walk the hosted pages in a browser of its own; returns the address they lead back to."""
    with Browser() as browser:
        return browser.sign_in(link, person(username), back)


@pytest.fixture
def on_the_sandboxs_clock(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the examples wait on the sandbox's clock: nobody waits in truth."""
    clock = SandboxClock(sandbox)
    for door in (bankweave.Bankweave, bankweave.AsyncBankweave):
        monkeypatch.setattr(bankweave, door.__name__, functools.partial(door, clock=clock))


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.urls["control"], trust_env=False) as client:
        yield client


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Run an example as its docstring says; gives the lines that it printed."""

    def run(example: str, *arguments: str) -> list[str]:
        capsys.readouterr()
        before, sys.argv = sys.argv, [example, *arguments]
        try:
            runpy.run_path(str(KONTOMATIK / example), run_name="__main__")
        finally:
            sys.argv = before
        return capsys.readouterr().out.splitlines()

    return run


def count(control: httpx.Client, path: str) -> int:
    return len(control.get("/requests", params={"provider": "kontomatik", "path": path}).json()["requests"])


# The mailed link ------------------------------------------------------------------------------------------------------


def link_in(printed: list[str]) -> str:
    (line,) = printed
    before, _, link = line.partition("within an hour: ")
    assert before == f"To {ADDRESS}: please open "
    return link


def test_a_mailed_link_connects_although_nobody_comes_back(sandbox: Sandbox, tell: Tell) -> None:
    link = link_in(tell("mailed_link.py", "send", "zofia", ADDRESS))
    assert tell("mailed_link.py", "check") == [], "nothing has happened yet"

    sign_in(link, THANKS)  # the page of thanks knows nothing of bankweave
    assert tell("mailed_link.py", "check") == [], "it is not yet time to look"
    sandbox.advance(300)
    (line,) = tell("mailed_link.py", "check")

    assert line.startswith(f"To {ADDRESS}: your bank is connected; ")
    assert int(line.split()[-4]) > 1000
    assert tell("mailed_link.py", "check") == []


def test_a_link_is_looked_at_every_five_minutes_however_often_the_check_runs(
    sandbox: Sandbox, tell: Tell, control: httpx.Client
) -> None:
    tell("mailed_link.py", "send", "zofia", ADDRESS)
    for _ in range(20):
        assert tell("mailed_link.py", "check") == []
        sandbox.advance(60)

    assert count(control, "/v1/signin/redirection-status") == 3


def test_an_unused_link_is_followed_by_a_new_one_twice(sandbox: Sandbox, tell: Tell) -> None:
    links = [link_in(tell("mailed_link.py", "send", "zofia", ADDRESS))]
    for _ in range(2):
        sandbox.advance(3600)
        links.append(link_in(tell("mailed_link.py", "check")))
    sandbox.advance(3600)
    (line,) = tell("mailed_link.py", "check")

    assert len(set(links)) == 3
    assert line.startswith(f"To {ADDRESS}: not connected: The sign-in link was not used within its hour")
    assert tell("mailed_link.py", "check") == []


def test_the_second_link_connects_as_the_first_would_have(sandbox: Sandbox, tell: Tell) -> None:
    tell("mailed_link.py", "send", "zofia", ADDRESS)
    sandbox.advance(2 * DAY)  # nothing looked meanwhile, and Kontomatik has forgotten the first one
    sign_in(link_in(tell("mailed_link.py", "check")), THANKS)
    sandbox.advance(300)

    (line,) = tell("mailed_link.py", "check")

    assert "your bank is connected" in line


def test_who_was_turned_away_by_the_bank_is_not_mailed_another_link(sandbox: Sandbox, tell: Tell) -> None:
    sign_in(link_in(tell("mailed_link.py", "send", "zofia", ADDRESS)), THANKS, "access-blocked")
    sandbox.advance(300)

    (line,) = tell("mailed_link.py", "check")

    assert line.startswith(f"To {ADDRESS}: not connected: The bank wants something done")


# Repeated access ------------------------------------------------------------------------------------------------------


@pytest.fixture
def signing_in_at_kontobank(signing_in: SignIn) -> None:
    signing_in(person())


@pytest.mark.usefixtures("signing_in_at_kontobank")
def test_after_one_sign_in_syncs_need_nobody(sandbox: Sandbox, tell: Tell, control: httpx.Client) -> None:
    connected, first = tell("repeated_access.py", "connect", "zofia")
    opened = count(control, "/redirection/")
    sandbox.advance(10 * DAY)
    (second,) = tell("repeated_access.py", "sync", "zofia")

    assert connected.startswith("connected: KontoBank, until ")
    assert int(first.removeprefix("KontoBank: ").split()[0]) > 1000
    assert 0 < int(second.removeprefix("KontoBank: ").split()[0]) < 100
    assert count(control, "/redirection/") == opened, "nobody has signed in again"


@pytest.mark.usefixtures("signing_in_at_kontobank")
def test_the_imports_of_a_day_are_used_up_until_the_oldest_is_a_day_old(sandbox: Sandbox, tell: Tell) -> None:
    tell("repeated_access.py", "connect", "zofia")
    unattended = [tell("repeated_access.py", "sync", "zofia")[0] for _ in range(4)]
    present = [tell("repeated_access.py", "sync", "zofia", "--present")[0] for _ in range(2)]

    used_up = "KontoBank: used up for now, again at "
    assert [line.startswith(used_up) for line in unattended] == [False, False, False, True]
    assert present[0].endswith(" added"), "one import is kept back for whoever waits for it"
    assert present[1].startswith(used_up)
    sandbox.advance(DAY)
    assert tell("repeated_access.py", "sync", "zofia")[0].endswith(" added")


@pytest.mark.usefixtures("signing_in_at_kontobank")
def test_the_page_reads_what_is_used_up_and_what_is_kept_back(tell: Tell, capsys: pytest.CaptureFixture[str]) -> None:
    tell("repeated_access.py", "connect", "zofia")
    for _ in range(3):
        tell("repeated_access.py", "sync", "zofia")
    with bankweave.Bankweave() as bank:
        names = run(blocks(DOCS / "providers/kontomatik.md", "python"), {"bank": bank})

    assert capsys.readouterr().out.startswith("KontoBank again at 2026-")
    assert [one.outcome for one in names["report"].connections] == ["synced"]


@pytest.mark.usefixtures("signing_in_at_kontobank")
def test_a_gap_that_no_import_reaches_back_over_is_said(sandbox: Sandbox, tell: Tell) -> None:
    tell("repeated_access.py", "connect", "zofia")
    sandbox.advance(120 * DAY)
    (late,) = tell("repeated_access.py", "sync", "zofia")

    assert late.endswith(" added, but not all there is (cut short, or longer ago than an import reaches)")


@pytest.mark.usefixtures("signing_in_at_kontobank")
def test_the_end_of_a_consent_is_announced_and_then_there(sandbox: Sandbox, tell: Tell) -> None:
    tell("repeated_access.py", "connect", "zofia")
    sandbox.advance(151 * DAY)
    warned = tell("repeated_access.py", "sync", "zofia")
    sandbox.advance(30 * DAY)
    (ended,) = tell("repeated_access.py", "sync", "zofia")

    assert any("the consent ends in 2" in line for line in warned)
    assert ended == "KontoBank: zofia has to renew it"


@pytest.mark.usefixtures("signing_in_at_kontobank")
def test_the_old_access_works_while_a_new_one_is_asked_for(
    sandbox: Sandbox, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell("repeated_access.py", "connect", "zofia")
    for _ in range(2):
        sandbox.advance(85 * DAY)  # an import reaches back no further than 90
        tell("repeated_access.py", "sync", "zofia")
    answer, synced = builtins.input, []

    def sync_before_signing_in(question: str = "") -> str:
        with bankweave.Bankweave() as bank:
            synced.append(bank.sync(owner="zofia").connections[0].outcome)
        return answer(question)

    monkeypatch.setattr(builtins, "input", sync_before_signing_in)
    (renewed,) = tell("repeated_access.py", "renew", "zofia")
    sandbox.advance(20 * DAY)

    assert synced == [bankweave.Outcome.SYNCED]
    assert renewed.startswith("connected: KontoBank, until ")
    assert tell("repeated_access.py", "sync", "zofia")[0].endswith(" added"), "180 days from the new sign-in on"


def test_a_refusal_is_said(tell: Tell, signing_in: SignIn) -> None:
    signing_in(person("refuse"))

    with pytest.raises(SystemExit, match="not connected: The person did not allow the access"):
        tell("repeated_access.py", "connect", "zofia")


# The web application: it shares nothing with the browser that comes back --------------------------------------------


@asynccontextmanager
async def serving() -> AsyncIterator[Any]:
    """The application, loaded and opened anew as in a process of its own; makes browsers in front of it."""
    app = runpy.run_path(str(KONTOMATIK / "web_callback.py"), run_name="web_callback")["app"]
    async with app.router.lifespan_context(app):

        def browser(signed_in_as: str | None = None) -> httpx.AsyncClient:
            headers = {"x-signed-in-as": signed_in_as} if signed_in_as else {}
            transport = httpx.ASGITransport(app=app)
            return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8910", headers=headers)

        yield browser


async def begun() -> str:
    """Begin as Zofia, in a process that is gone afterwards; returns the link."""
    async with serving() as browser, browser("zofia") as client:
        answer = await client.post("/banks")
    assert answer.status_code == 303
    return str(answer.headers["location"])


@pytest.mark.anyio
async def test_a_foreign_browser_finishes_the_flow_and_is_not_signed_in() -> None:
    callback = sign_in(await begun(), COME_BACK)

    async with serving() as browser, browser() as foreign, browser("zofia") as own:
        first = await foreign.get(callback)
        second = await foreign.get(callback)
        theirs = await own.get("/banks")
        strangers = await foreign.get("/banks")

    assert (first.status_code, second.status_code) == (200, 200)
    assert "may close this window" in first.text
    assert "Your bank is connected." in second.text
    assert "<li>KontoBank</li>" in theirs.text
    assert strangers.status_code == 401
    assert not [page for page in (first, second) if "set-cookie" in page.headers]


@pytest.mark.anyio
async def test_what_a_foreign_browser_reads_names_nobody_and_no_bank() -> None:
    callback = sign_in(await begun(), COME_BACK)

    async with serving() as browser, browser() as foreign:
        pages = [(await foreign.get(callback)) for _ in range(2)]

    for page in pages:
        assert not [word for word in ("zofia", "Zofia", "KontoBank", "PL", "redirectionId") if word in page.text]
        assert page.headers["referrer-policy"] == "no-referrer"


@pytest.mark.anyio
async def test_a_callback_that_comes_three_times_imports_once(control: httpx.Client) -> None:
    callback = sign_in(await begun(), COME_BACK)

    async with serving() as browser, browser() as foreign, browser("zofia") as own:
        for client in (foreign, own, foreign):
            assert (await client.get(callback)).status_code == 200

    assert count(control, "/v1/command/default-import.xml") == 1
    with bankweave.Bankweave() as bank:
        assert len(bank.connections(owner="zofia")) == 1
        assert len(list(bank.transactions(owner="zofia"))) > 1000


@pytest.mark.anyio
async def test_somebody_elses_session_cannot_finish_it() -> None:
    callback = sign_in(await begun(), COME_BACK)

    async with serving() as browser, browser("mallory") as other, browser() as foreign:
        refused = await other.get(callback)
        accepted = await foreign.get(callback)

    assert (refused.status_code, accepted.status_code) == (404, 200)


@pytest.mark.anyio
@pytest.mark.parametrize(("username", "message"), [("refuse", "did not allow"), ("outage", "cannot be reached")])
async def test_a_failed_sign_in_says_why_as_often_as_it_is_asked(username: str, message: str) -> None:
    callback = sign_in(await begun(), COME_BACK, username)

    async with serving() as browser, browser() as foreign:
        pages = [await foreign.get(callback) for _ in range(2)]

    assert [page.status_code for page in pages] == [200, 200]
    assert all(message in page.text and "Begin again" in page.text for page in pages)


@pytest.mark.anyio
async def test_an_expired_link_leads_to_a_new_beginning(sandbox: Sandbox) -> None:
    link = await begun()
    sandbox.advance(3600)
    callback = sign_in(link, COME_BACK)  # the dead link sends people back at once

    async with serving() as browser, browser() as foreign:
        page = await foreign.get(callback)

    assert "was not used within its hour" in page.text
    assert "Begin again" in page.text


@pytest.mark.anyio
async def test_an_unknown_callback_and_an_outage_are_told_apart(sandbox: Sandbox) -> None:
    callback = sign_in(await begun(), COME_BACK)
    outage = {"provider": "kontomatik", "path": "/v1/signin/redirection-status", "status": 503, "times": 0}

    origin = httpx.AsyncClient(base_url=sandbox.urls["control"], trust_env=False)
    async with serving() as browser, browser() as foreign, origin as control:
        unknown = await foreign.get("/kontomatik/callback?redirectionId=unknown")
        (await control.post("/faults", json=outage)).raise_for_status()
        down = await foreign.get(callback)
        (await control.delete("/faults")).raise_for_status()
        up = await foreign.get(callback)

    assert (unknown.status_code, down.status_code, up.status_code) == (404, 503, 200)


def test_no_example_of_kontomatiks_is_left_out() -> None:
    source = Path(__file__).read_text()
    names = {path.name for path in KONTOMATIK.glob("*.py")}

    assert names == {"mailed_link.py", "repeated_access.py", "web_callback.py"}
    assert {name for name in names if f'"{name}"' not in source} == set()
    assert CALLBACK == "http://127.0.0.1:8910/callback"
