"""The Python of the pages about findings, warnings, people who never come back and what people may ask for runs."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from documents import CALLBACK, DOCS, Block, blocks, run

from bankweave import Bankweave, Config, Flow, Redirect
from bankweave.errors import AccessRevoked
from bankweave.model import Consent, ConsentStatus, ObservedTransaction, TransactionStatus
from bankweave.testing import EchoBank
from bankweave.testing.clock import StillClock
from bankweave.vault import generate_key

HOW_TO = DOCS / "how-to"
MONTH = timedelta(days=30)


def row(amount: str, day: int, balance: str) -> ObservedTransaction:
    return ObservedTransaction(
        status=TransactionStatus.BOOKED,
        amount=Decimal(amount),
        currency="EUR",
        booking_date=date(2026, 11, day),
        provider_id=f"tx-{day}",
        balance_after=Decimal(balance),
    )


@pytest.fixture
def echo() -> EchoBank:
    return EchoBank(accounts={"giro": [row("-4.20", 20, "995.80"), row("1000.00", 1, "1000.00")]})


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def bank(desk: Path, echo: EchoBank, clock: StillClock) -> Iterator[Bankweave]:
    config = Config(store=desk / "bank.db", vault_keys=generate_key())
    with Bankweave(config=config, adapters=[echo.adapter()], clock=clock, actor="tests") as bank:
        yield bank


def begin(bank: Bankweave, owner: str = "anna") -> tuple[Flow, str]:
    """Begin to connect; returns the flow, and where the person comes back to."""
    flow = bank.connect("echo", owner=owner, redirect_uri=CALLBACK)
    assert isinstance(flow.interaction, Redirect)
    return flow, f"{CALLBACK}?{flow.interaction.url.split('?')[1]}"


def connect(bank: Bankweave, owner: str = "anna") -> str:
    return bank.resume(begin(bank, owner)[1]).connection_id


def with_text(page: str, text: str) -> Block:
    """The block of a page in which a text is."""
    (found,) = (block for block in blocks(HOW_TO / page, "python") if text in block.text)
    return found


def test_a_missing_row_is_found_as_the_page_says(
    bank: Bankweave, echo: EchoBank, capsys: pytest.CaptureFixture[str]
) -> None:
    echo.accounts["giro"][0] = row("-4.20", 20, "945.80")
    connect(bank)
    (one,) = bank.sync().connections
    run([with_text("sync.md", "account.findings")], {"one": one})

    assert one.outcome == "synced"
    assert " balance_gap 2026-11-01 -50.00 " in capsys.readouterr().out


def test_the_end_of_a_consent_is_announced_once_as_the_page_says(bank: Bankweave, clock: StillClock) -> None:
    connect(bank)
    bank.sync()
    told: list[object] = []
    warn = with_text("sync.md", "consent_warning")
    for moved in (2 * MONTH, timedelta(hours=1), timedelta(days=23)):
        clock.instant += moved
        run([warn], {"report": bank.sync(), "remind": lambda *what: told.append(what[:2])})

    assert told == [("anna", "Echo Bank")] * 2


def test_people_who_never_come_back_are_found_as_the_page_says(
    bank: Bankweave, echo: EchoBank, clock: StillClock, capsys: pytest.CaptureFixture[str]
) -> None:
    echo.polls = 1
    connect(bank, "ben")  # the bank takes its time
    begin(bank)
    clock.instant += timedelta(hours=2)
    run([with_text("sweep.md", "flow.purpose, flow.status")], {"bank": bank})

    found = sorted(capsys.readouterr().out.splitlines())
    assert found == ["anna echo connect expired", "ben echo connect connected"]


def test_a_worker_does_what_its_page_says(bank: Bankweave, echo: EchoBank, clock: StillClock) -> None:
    marked = connect(bank, "ben")
    bank.sync()
    echo.accounts["giro"].insert(0, row("-7.00", 21, "988.80"))
    echo.polls = 1
    connect(bank)
    begin(bank, "carl")
    told: list[tuple[str, str]] = []
    mark, work = with_text("sweep.md", "bank.mark_due(connection_id)"), with_text("sweep.md", "def work_through")
    clock.instant += timedelta(hours=2)
    names = run([work], {"send_new_link": lambda *what: told.append(what), "remind_once": told.append})
    bank.mark_due(marked)
    names["work_through"](bank)
    report = run([mark], {"bank": bank, "connection_id": marked})["report"]

    assert told == [("carl", "echo")]
    assert [len(list(bank.transactions(owner=owner))) for owner in ("anna", "ben")] == [3, 3]
    assert [one.connection_id for one in report.connections] == [marked]
    assert bank.sync(due=True).connections == ()


def test_a_webhook_finds_its_connections_as_the_page_says(bank: Bankweave, echo: EchoBank) -> None:
    echo.subject = "person-7"
    connect(bank)
    shown = with_text("sweep.md", "subject=event.user_id")
    here = replace(shown, text=shown.text.replace('"basiq"', '"echo"'))
    for user, marked in (("person-8", 0), ("person-7", 1)):
        run([here], {"bank": bank, "event": SimpleNamespace(user_id=user)})
        assert len(bank.sync(due=True).connections) == marked


def test_an_ended_consent_is_dealt_with_as_the_page_says(
    desk: Path, echo: EchoBank, clock: StillClock, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tomllib.loads(blocks(HOW_TO / "govern.md", "toml")[0].text)
    config = Config(store=desk / "ended.db", vault_keys=generate_key(), **settings)
    with Bankweave(config=config, adapters=[echo.adapter()], clock=clock) as bank:
        connection_id = connect(bank)
        consent = Consent(status=ConsentStatus.REVOKED_BY_USER)
        echo.open_failure = AccessRevoked("the consent was revoked", consent=consent)
        run([with_text("govern.md", "one.retention")], {"bank": bank})
        assert capsys.readouterr().out == f"anna {connection_id} erase the consent was revoked\n"
        assert bank.connections() == ()


def test_sign_ins_are_counted_as_the_page_says(
    bank: Bankweave, clock: StillClock, capsys: pytest.CaptureFixture[str]
) -> None:
    clock.instant = datetime.now(UTC)  # the page asks for the last month
    connect(bank)
    begin(bank)
    clock.instant += timedelta(hours=2)
    bank.sweep()
    run([with_text("sweep.md", "bank.conversions")], {"bank": bank})

    assert capsys.readouterr().out.splitlines() == ["echo None None 1 0 0% {}", "echo DE echo-bank 1 1 100% {}"]


def test_people_are_answered_as_the_page_says(
    bank: Bankweave, desk: Path, clock: StillClock, capsys: pytest.CaptureFixture[str]
) -> None:
    connection_id = connect(bank)
    bank.sync()
    clock.instant += MONTH
    flow = bank.renew(connection_id, redirect_uri=CALLBACK)
    assert isinstance(flow.interaction, Redirect)
    bank.resume(f"{CALLBACK}?{flow.interaction.url.split('?')[1]}")
    consents, accesses, _, export, erase, _ = blocks(HOW_TO / "govern.md", "python")
    names: dict[str, Any] = {"bank": bank, "connection_id": connection_id}
    run([consents, accesses], names)
    history = capsys.readouterr().out.splitlines()
    run([export], names)
    kinds = {json.loads(line)["kind"] for line in (desk / "anna.jsonl").read_text().splitlines()}
    run([erase], names)

    assert [line.split()[-3:][0] for line in history[:2]] == ["valid", "valid"]
    assert "stands" not in history[0]
    assert " stands " in history[1]
    assert [line.split()[2:4] for line in history[2:]] == [["tests", "accounts"], ["tests", "transactions"]]
    assert kinds == {"consent", "connection", "access", "account", "balance", "transaction", "flow"}
    assert capsys.readouterr().out == ""
    assert (bank.connections(), bank.flows(), list(bank.changes())) == ((), (), [])


@pytest.mark.usefixtures("bank")
def test_a_program_names_itself_as_the_page_says(desk: Path, echo: EchoBank) -> None:
    names: dict[str, Any] = {}

    def opened(path: str, actor: str) -> Bankweave:
        names["opened"] = (path, actor)
        return Bankweave(config=Config(store=desk / "other.db"), adapters=[echo.adapter()], actor=actor)

    run([with_text("govern.md", "nightly-sync")], {"Bankweave": opened})

    assert names["opened"] == ("bank.db", "nightly-sync")
