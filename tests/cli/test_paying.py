"""`transfer`, `cards` and `watch`, over an echo bank that pays."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from bankweave import Bankweave, Config
from bankweave.cli import session
from bankweave.cli.terminal import Terminal
from bankweave.errors import OutcomeUnknown
from bankweave.payment import Card, CardStatus
from bankweave.testing import EchoBank
from bankweave.testing.paying_echo import PayingEchoAdapter

from .conftest import CommandLine, callback_of
from .fakebank import booked

IBAN = "DE89370400440532013000"
ORDER = ("--to", "Anna Blum", "--iban", IBAN)


@pytest.fixture
def bank() -> EchoBank:
    return EchoBank(accounts={"giro": []}, pays=True)


@pytest.fixture
def run(tmp_path: Path, bank: EchoBank, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.setattr(session, "make_bank", lambda config: Bankweave(config=config, adapters=[bank.adapter()]))
    return CommandLine(tmp_path / "bank.db")


@pytest.fixture
def account(run: CommandLine, bank: EchoBank) -> str:
    with Bankweave(config=Config(store=run.store), adapters=[bank.adapter()]) as one:
        flow = one.connect("echo", owner="anna", redirect_uri="https://app.example/callback")
        one.resume(callback_of(flow.interaction))
        one.sync()
        (account,) = one.accounts()
    bank.code = "4711"
    return account.id


def flow_of(output: str) -> str:
    flow: str = json.loads(output)["id"]
    return flow


def test_an_order_is_confirmed_where_it_is_typed(
    run: CommandLine, bank: EchoBank, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Terminal, "is_interactive", True)
    done = run("transfer", "order", account, *ORDER, "--amount", "12.50", "--text", "rent", typed="4711\n")

    assert done.exit_code == 0, done.stderr
    assert "accepted: 12.50 EUR to Anna Blum" in done.stdout
    assert "4711" not in done.stdout
    assert [transfer.remittance_information for transfer in bank.transfers] == ["rent"]


def test_a_program_orders_and_confirms_in_two_calls(run: CommandLine, bank: EchoBank, account: str) -> None:
    asked = run("transfer", "order", account, *ORDER, "--amount", "12.50", "--json")
    assert asked.exit_code == 3
    assert bank.transfers == []

    done = run("answer", flow_of(asked.stdout), "4711", "--json")
    assert done.exit_code == 0
    (transfer,) = json.loads(done.stdout)["transfers"]
    assert (transfer["amount"], transfer["end_to_end_id"]) == ("12.50", flow_of(asked.stdout))


def test_a_wrong_code_says_that_nothing_was_executed(run: CommandLine, bank: EchoBank, account: str) -> None:
    asked = run("transfer", "order", account, *ORDER, "--amount", "1", "--json")
    done = run("answer", flow_of(asked.stdout), "0000")
    assert done.exit_code == 3
    assert "order again" in done.stderr
    assert bank.transfers == []


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("12,50", "written like 12.50"),
        ("12_50", "written like 12.50"),
        ("1e3", "written like 12.50"),
        ("１２", "written like 12.50"),
        ("1,000.00", "written like 12.50"),
        ("12.505", "written like 12.50"),
        ("NaN", "written like 12.50"),
        ("0", "amount"),
        ("-3", "amount"),
    ],
)
def test_a_wrong_amount_is_refused(run: CommandLine, account: str, amount: str, said: str) -> None:
    done = run("transfer", "order", account, *ORDER, "--amount", amount)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "nothing was sent" in done.stderr


def test_a_standing_order_is_listed_and_cancelled(run: CommandLine, bank: EchoBank, account: str) -> None:
    words = (*ORDER, "--amount", "5", "--on", "2027-01-01", "--every", "monthly", "--json")
    run("answer", flow_of(run("transfer", "order", account, *words).stdout), "4711")
    listed = json.loads(run("transfer", "list", account, "--json").stdout)
    assert (listed["kind"], listed["status"]) == ("standing_order", "active")
    assert "Anna Blum" in run("transfer", "list", account).stdout

    cancelling = run("transfer", "cancel", account, listed["id"], "--json")
    assert run("answer", flow_of(cancelling.stdout), "4711").exit_code == 0
    assert [transfer.status for transfer in bank.transfers] == ["cancelled"]
    assert run("transfer", "cancel", account, "nobody's").exit_code == 2


def test_a_file_of_orders_is_confirmed_at_once(run: CommandLine, bank: EchoBank, account: str, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(f"creditor_name,creditor_iban,amount,remittance_information\nAnna,{IBAN},1.00,a\nBert,{IBAN},2,\n")
    asked = run("transfer", "batch", account, str(file), "--json")
    assert run("answer", flow_of(asked.stdout), "4711").exit_code == 0
    assert [(one.creditor_name, str(one.amount)) for one in bank.transfers] == [("Anna", "1.00"), ("Bert", "2.00")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,amount\nAnna,1\n", "no column 'creditor_name'"),
        ("creditor_name,creditor_iban,amount\nA,B,x\n", "line 2"),
        ("creditor_name,creditor_iban,amount,remitance_information\nA,B,1,rent\n", "remitance_information"),
        ("creditor_name;creditor_iban;amount\nA;B;1\n", "no column 'creditor_name'"),
        (f"creditor_name,creditor_iban,amount\nBlum, Anna,{IBAN},1\n", "line 2"),
        (f"creditor_name,creditor_iban,amount\nAnna,{IBAN}\n", "line 2"),
        (f"creditor_name,creditor_iban,amount\nAnna,{IBAN},1\nBert,{IBAN},0\n", "order 2 of 2"),
        ("creditor_name,creditor_iban,amount\n", "nothing to transfer"),
        ("", "no column 'creditor_name'"),
        (f'creditor_name,creditor_iban,amount\n"{"x" * 200_000},B,1\n', "no CSV"),
    ],
)
def test_a_file_that_is_wrong_says_where(run: CommandLine, account: str, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(text)
    done = run("transfer", "batch", account, str(file))
    assert done.exit_code == 2
    assert said in done.stderr


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_file_may_come_from_a_spreadsheet(
    run: CommandLine, bank: EchoBank, account: str, tmp_path: Path, encoding: str
) -> None:
    file = tmp_path / "orders.csv"
    text = f"creditor_name,creditor_iban,amount\r\nAnna,{IBAN[:4]} {IBAN[4:]},1.00\r\n,,\r\n"
    file.write_bytes(text.encode(encoding))
    asked = run("transfer", "batch", account, str(file), "--json")
    assert run("answer", flow_of(asked.stdout), "4711").exit_code == 0
    assert [one.creditor_iban for one in bank.transfers] == [IBAN]


def test_a_file_that_is_no_text_is_refused(run: CommandLine, account: str, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_bytes(f"creditor_name,creditor_iban,amount\nJörg,{IBAN},1\n".encode("cp1252"))
    done = run("transfer", "batch", account, str(file))
    assert done.exit_code == 2
    assert "UTF-8" in done.stderr


def test_a_lost_answer_can_be_looked_up(run: CommandLine, bank: EchoBank, account: str) -> None:
    bank.pay_failure = OutcomeUnknown("the answer was lost; look before you do it again")
    flow = flow_of(run("transfer", "order", account, *ORDER, "--amount", "1", "--json").stdout)
    assert run("answer", flow, "4711").exit_code == 4
    found = json.loads(run("transfer", "outcome", flow, "--json").stdout)
    assert [one["status"] for one in found] == ["accepted"]


@pytest.mark.parametrize("failure", [OutcomeUnknown("the answer was lost"), KeyboardInterrupt()])
def test_whoever_is_left_in_doubt_is_told_to_look_and_not_to_order_again(
    run: CommandLine, bank: EchoBank, account: str, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    monkeypatch.setattr(Terminal, "is_interactive", True)

    async def lost(*_: object) -> None:
        if not isinstance(failure, KeyboardInterrupt):
            raise failure
        await anyio.sleep(0.1)
        os.kill(os.getpid(), signal.SIGINT)
        await anyio.sleep(600)

    monkeypatch.setattr(PayingEchoAdapter, "resume", lost)
    done = run("transfer", "order", account, *ORDER, "--amount", "1", typed="4711\n")

    assert done.exit_code in {4, 130}
    assert "transfer outcome" in done.stdout
    assert "go on with" not in done.stdout
    assert bank.transfers == []


def test_a_payment_that_is_interrupted_as_it_begins_ends_too(
    run: CommandLine, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Terminal, "is_interactive", True)

    async def lost(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await anyio.sleep(600)

    monkeypatch.setattr(PayingEchoAdapter, "resume", lost)
    began = time.monotonic()
    assert run("transfer", "order", account, *ORDER, "--amount", "1", typed="4711\n").exit_code == 130
    assert time.monotonic() - began < 25


def test_cards_are_listed_and_changed(run: CommandLine, bank: EchoBank, account: str) -> None:
    bank.cards = [Card(id="card-1", account_provider_id="giro", status=CardStatus.INACTIVE, masked_pan="6802****5119")]
    assert "6802****5119" in run("cards", "list", account).stdout
    assert run("cards", "activate", account, "card-1").exit_code == 2
    assert run("cards", "activate", account, "card-1", "29AIAF").exit_code == 0
    for action, status in (("block", "blocked"), ("unblock", "active"), ("close", "closed")):
        (card,) = json.loads(run("cards", action, account, "card-1", "--json").stdout)
        assert card["status"] == status


def test_what_changes_is_printed_as_it_comes(run: CommandLine, bank: EchoBank, account: str) -> None:
    del account
    bank.code = None
    bank.accounts["giro"].insert(0, replace(booked("-4.20", "coffee"), provider_id="1"))
    seen = run("watch", "--limit", "1", "--json")
    assert seen.exit_code == 0
    assert json.loads(seen.stdout)["transaction"]["amount"] == "-4.20"
    assert "-4.20 EUR" in run("watch", "--since", "0", "--limit", "1").stdout
