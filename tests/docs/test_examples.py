"""The examples do what they say, against the sandbox."""

from __future__ import annotations

import builtins
import runpy
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from documents import ANNA, CALLBACK, EXAMPLES, SignIn

from bankweave import AsyncBankweave, Bankweave, Change, ConnectionReport, Outcome
from bankweave.cli.demo.browser import Browser, Person
from bankweave.errors import Failure
from bankweave_sandbox import Sandbox

BEN = Person({"E-mail address": "ben@kontist.example", "Password": "Ben-2026"})  # has fewer rows than Anna
ZOFIA = Person({"User name": "test1", "Password": "Test123", "One-time code": "Test123"})


def start(example: str, *arguments: str) -> None:
    """Run an example as its docstring says."""
    before, sys.argv = sys.argv, [example, *arguments]
    try:
        runpy.run_path(str(EXAMPLES / example), run_name="__main__")
    finally:
        sys.argv = before


def load(example: str) -> Mapping[str, Any]:
    """The names of an example, without running it."""
    return runpy.run_path(str(EXAMPLES / example), run_name=example)


@pytest.fixture
def connected(configured: Path, signing_in: SignIn, capsys: pytest.CaptureFixture[str]) -> Path:
    """Ben's Kontist account, connected and read once."""
    signing_in(BEN)
    start("connect_and_pull.py", "kontist")
    capsys.readouterr()
    return configured


def test_connect_and_pull_prints_the_newest_rows(
    configured: Path, sandbox: Sandbox, signing_in: SignIn, capsys: pytest.CaptureFixture[str]
) -> None:
    signing_in(ANNA)

    start("connect_and_pull.py", "kontist")

    first, *rows = capsys.readouterr().out.splitlines()
    truth = httpx.get(f"{sandbox.urls['control']}/truth", params={"account": "DE83110101001850371727"}, trust_env=False)
    count = len(truth.json()["accounts"][0]["transactions"])
    assert first.startswith(f"Kontist: synced, {count} added in ")
    assert len(rows) == 10
    assert all(" EUR " in row for row in rows)
    assert (configured / "bankweave.db").exists()


@pytest.mark.usefixtures("configured")
def test_connect_and_pull_waits_for_a_provider_that_fetches(
    signing_in: SignIn, capsys: pytest.CaptureFixture[str]
) -> None:
    signing_in(ZOFIA)

    start("connect_and_pull.py", "kontomatik", "--institution", "KontoBankApi", "--option", "locale=en")

    first, *rows = capsys.readouterr().out.splitlines()
    assert first.startswith("KontoBank: synced, ")
    assert len(rows) == 10


@pytest.mark.usefixtures("connected")
def test_sync_many_reports_every_connection(capsys: pytest.CaptureFixture[str]) -> None:
    start("sync_many.py")

    printed = capsys.readouterr()
    assert "kontist / Kontist of anna: synced, 0 added, 0 modified, 0 removed" in printed.out
    assert "rows read" in printed.err


@pytest.mark.usefixtures("connected")
def test_sync_many_says_what_to_do_about_an_outage(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    outage = {
        "provider": "kontist",
        "path": "/api/graphql",
        "status": 503,
        "times": 0,
        "headers": {"Retry-After": "60"},
    }
    httpx.post(f"{sandbox.urls['control']}/faults", json=outage, trust_env=False).raise_for_status()

    with pytest.raises(SystemExit) as ended:
        start("sync_many.py")

    assert ended.value.code == 1
    assert "ProviderUnavailable" in capsys.readouterr().out


def test_sync_many_knows_who_has_to_do_what() -> None:
    advice = load("sync_many.py")["advice"]
    at = datetime(2026, 11, 22, tzinfo=UTC)
    ended = Failure(kind="ConsentExpired", message="it ended", needs_user=True)
    limited = Failure(kind="RateLimited", message="too often", retry_at=at)

    assert advice(report(Outcome.NEEDS_USER, ended)) == "anna has to renew connection c1"
    assert advice(report(Outcome.WAITING)) == "nothing: the next sync goes on with it"
    assert advice(report(Outcome.FAILED, limited)) == f"try again at {at}"
    assert advice(report(Outcome.FAILED, Failure(kind="ProviderRefused", message="no"))) == "look at the failures"


def report(outcome: Outcome, failure: Failure | None = None) -> ConnectionReport:
    return ConnectionReport(
        connection_id="c1", adapter="x", owner="anna", institution_name=None, outcome=outcome, failure=failure
    )


@pytest.mark.usefixtures("connected")
def test_follow_changes_goes_on_where_it_stopped(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    start("follow_changes.py", "cursor.txt")
    everything = capsys.readouterr().out.splitlines()
    start("follow_changes.py", "cursor.txt")
    nothing = capsys.readouterr()
    (ben,) = [one for one in sandbox.describe()["kontist"]["people"] if one["username"] == "ben@kontist.example"]
    payment = {"account": ben["accounts"][0], "amount": "-4.20", "text": "Coffee"}
    httpx.post(f"{sandbox.urls['control']}/payments", json=payment, trust_env=False).raise_for_status()
    with Bankweave() as bank:
        bank.sync()
    start("follow_changes.py", "cursor.txt")
    (coffee,) = capsys.readouterr().out.splitlines()

    assert len(everything) > 100
    assert (nothing.out, nothing.err) == ("", "0 changes\n")
    assert coffee.startswith(f"{len(everything) + 1} added (new) ")
    assert coffee.endswith("booked -4.20 EUR")


def test_an_own_adapter_pulls_the_account_that_was_named(
    desk: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    main = load("own_adapter.py")["main"]

    main(sandbox.urls["control"], "DE83110101001850371727")

    first, *rows = capsys.readouterr().out.splitlines()
    assert first.endswith(" transactions")
    assert len(rows) == 5
    with Bankweave(desk / "ledger.db") as bank:
        assert [one.iban for one in bank.accounts()] == ["DE83110101001850371727"]


@pytest.mark.usefixtures("desk")
def test_an_own_adapter_refuses_an_account_that_is_not_there(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    load("own_adapter.py")["main"](sandbox.urls["control"], "DE00")

    assert capsys.readouterr().out == "not connected: there is no account of that number; begin again\n"


# Paying and watching: Kontist, with the scope that transfers need ----------------------------------------------------

ORDER = ("--to", "Jörg Blüm", "--iban", "DE89370400440532013000", "--amount", "12.50", "--text", "Invoice 1001")


@pytest.fixture
def may_pay(configured: Path) -> None:
    """Ask for the scope of transfers as well."""
    written = configured / "bankweave.toml"
    told = written.read_text()
    assert '"transactions"]' in told
    written.write_text(told.replace('"transactions"]', '"transactions", "transfers"]'))


@pytest.fixture
def payer(request: pytest.FixtureRequest, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Somebody who types the code that the sandbox has sent by SMS; returns what they were asked."""
    request.getfixturevalue("may_pay")
    request.getfixturevalue("connected")
    asked: list[str] = []

    def answer(question: str = "") -> str:
        asked.append(question)
        return str(httpx.get(f"{sandbox.urls['control']}/kontist/sms", trust_env=False).json()[0]["code"])

    monkeypatch.setattr(builtins, "input", answer)
    return asked


def test_a_transfer_is_ordered_and_confirmed(payer: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    start("transfer.py", *ORDER)

    *_, done = capsys.readouterr().out.splitlines()
    assert done == "accepted: 12.50 EUR to Joerg Bluem (credit_transfer)"
    assert len(payer) == 1
    with Bankweave() as bank:
        (account,) = bank.accounts()
        assert next(bank.transfers(account.id)).remittance_information == "Invoice 1001"


@pytest.mark.usefixtures("payer")
def test_a_standing_order_begins_on_its_day(capsys: pytest.CaptureFixture[str]) -> None:
    start("transfer.py", *ORDER, "--on", "2027-01-01", "--every", "monthly")

    assert capsys.readouterr().out.splitlines()[-1].endswith("to Joerg Bluem (standing_order)")


def test_a_wrong_code_ends_the_transfer(payer: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtins, "input", lambda _question: "000000")

    with pytest.raises(SystemExit, match="ProviderRefused: "):
        start("transfer.py", *ORDER)

    assert payer == []


def test_a_transfer_whose_answer_is_lost_is_looked_up(
    payer: list[str], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    type_the_code = builtins.input
    lost = {"provider": "kontist", "path": "/api/graphql", "truncate": 10, "times": 1}

    def type_and_break_the_line(question: str = "") -> str:
        httpx.post(f"{sandbox.urls['control']}/faults", json=lost, trust_env=False).raise_for_status()
        return type_the_code(question)

    monkeypatch.setattr(builtins, "input", type_and_break_the_line)

    start("transfer.py", *ORDER)

    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1] == "accepted: 12.50 EUR to Joerg Bluem (credit_transfer)"
    assert printed.err != ""
    assert len(payer) == 1


@pytest.mark.usefixtures("connected")
def test_watching_prints_what_happens_while_it_happens(sandbox: Sandbox) -> None:
    seen: list[Change] = []

    (ben,) = [one for one in sandbox.describe()["kontist"]["people"] if one["username"] == "ben@kontist.example"]

    def pay(amount: str) -> None:
        payment = {"account": ben["accounts"][0], "amount": amount, "text": "Coffee"}
        httpx.post(f"{sandbox.urls['control']}/payments", json=payment, trust_env=False).raise_for_status()

    def receive(change: Change) -> None:
        seen.append(change)
        pay("-2.00")  # while it watches

    pay("-1.00")  # since the last sync
    load("watch.py")["main"](["cursor.txt", "--adapter", "kontist", "--limit", "2"], receive)

    assert [one.transaction.amount for one in seen] == [Decimal("-1.00"), Decimal("-2.00")]
    assert Path("cursor.txt").read_text() == str(seen[1].cursor)


@pytest.mark.usefixtures("configured")
def test_watching_nothing_says_so() -> None:
    with pytest.raises(SystemExit, match="UnknownConnection: "):
        start("watch.py", "cursor.txt")


# The web application: two processes' worth of it, which share nothing but the store ---------------------------------


@pytest.fixture
def phone(configured: Path, sandbox: Sandbox) -> str:
    """Have Kontist ask for a push after the redirect; returns where the phone is played."""
    written = configured / "bankweave.toml"
    written.write_text(written.read_text().replace("[adapters.kontist]\n", "[adapters.kontist]\nskip_mfa = true\n"))
    return f"{sandbox.urls['control']}/kontist/challenges"


@asynccontextmanager
async def serving() -> AsyncIterator[httpx.AsyncClient]:
    """The application, loaded and opened anew as in a process of its own, and a browser in front of it."""
    app = load("web_callback.py")["app"]
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8910") as client:
            yield client


@pytest.mark.anyio
async def test_a_web_application_connects_a_bank_with_its_callback_in_another_process(phone: str) -> None:
    async with serving() as here:
        begun = await here.get("/connect/kontist")
        with Browser() as browser:
            callback = browser.sign_in(begun.headers["location"], ANNA, CALLBACK)
        async with serving() as there:
            back = await there.get(callback)

        page = back.headers["location"]
        asked = await here.get(page)
        status = (await here.get(f"{page}/status")).json()
        approve(phone)
        answered = await here.post(page)
        done = await here.get(answered.headers["location"])

    assert begun.status_code == back.status_code == 303
    assert "I have approved it" in asked.text
    assert status["interaction"]["kind"] == "app_approval"
    assert "<h1>connected</h1>" in done.text


def approve(phone: str) -> None:
    with httpx.Client(trust_env=False) as client:
        (push,) = client.get(phone).json()
        client.post(f"{phone}/{push['id']}", json={"status": "VERIFIED"}).raise_for_status()


@pytest.mark.anyio
@pytest.mark.usefixtures("configured")
async def test_a_web_application_shows_a_flow_to_its_owner_only() -> None:
    async with serving() as client:
        await client.get("/connect/kontist")
        async with AsyncBankweave() as bank:
            (flow,) = await bank.flows(owner="anna")
        mallory = {"x-signed-in-as": "mallory"}

        assert (await client.get(f"/flows/{flow.id}", headers=mallory)).status_code == 404
        assert (await client.get(f"/flows/{flow.id}/status", headers=mallory)).status_code == 404
        assert (await client.post(f"/flows/{flow.id}", headers=mallory)).status_code == 404
        assert (await client.get(f"/flows/{flow.id}/status")).json()["id"] == flow.id


@pytest.mark.anyio
@pytest.mark.usefixtures("configured")
async def test_a_web_application_explains_a_callback_that_is_not_known() -> None:
    async with serving() as client:
        answer = await client.get("/callback?state=unknown&code=1")

    assert answer.status_code == 409
    assert "no flow waits for this callback" in answer.json()["error"]


def test_no_example_is_left_out() -> None:
    tests = Path(__file__).read_text(encoding="utf-8")

    assert [path.name for path in EXAMPLES.glob("*.py") if f'"{path.name}"' not in tests] == []
    assert urlsplit(CALLBACK).port == 8910
