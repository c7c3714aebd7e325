"""Kontist's examples do what they say, against the sandbox."""

from __future__ import annotations

import builtins
import getpass
import json
import runpy
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import pytest
from documents import ANNA, EXAMPLES, SignIn

from bankweave import Bankweave
from bankweave_kontist.berlin import berlin_today
from bankweave_sandbox import Sandbox

KONTIST = EXAMPLES / "kontist"
SCOPES = ["offline", "accounts", "users", "transactions", "transfers", "subscriptions"]
SIGN_IN = {"username": "anna@kontist.example", "password": "Anna-2026"}
CODE = "212212"
LANDLORD = ("Vera Vermieter", "DE89370400440532013000")

Tell: TypeAlias = Callable[..., list[str]]


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.urls["control"], trust_env=False) as client:
        yield client


@pytest.fixture
def desk_of_kontist(desk: Path, sandbox: Sandbox) -> Path:
    """A bankweave.toml for Kontist with all the scopes that the examples need."""
    settings = {**sandbox.describe()["kontist"]["settings"], "scopes": SCOPES}
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in settings.items()]
    (desk / "bankweave.toml").write_text("[adapters.kontist]\n" + "".join(lines))
    return desk


@pytest.fixture
def connection(desk_of_kontist: Path) -> str:  # noqa: ARG001 - the settings are written by then
    """Anna's connection, confirmed by a device of hers so that it may pay."""
    with Bankweave() as bank:
        flow = bank.connect("kontist", owner="anna", options={**SIGN_IN, "bind_device": "first"})
        flow = bank.answer(flow.id, CODE)
    assert flow.failure is None
    return flow.connection_id


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the person types, in this order, whatever is asked."""
    answers: list[str] = []
    for module, name in ((builtins, "input"), (getpass, "getpass")):
        monkeypatch.setattr(module, name, lambda _question="": answers.pop(0))
    return answers


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Run an example as its docstring says; gives the lines that it printed."""

    def run(example: str, *arguments: str) -> list[str]:
        capsys.readouterr()
        before, sys.argv = sys.argv, [example, *arguments]
        try:
            runpy.run_path(str(KONTIST / example), run_name="__main__")
        finally:
            sys.argv = before
        return capsys.readouterr().out.splitlines()

    return run


@pytest.mark.usefixtures("desk_of_kontist")
def test_redirect_login_shows_the_account(signing_in: SignIn, tell: Tell) -> None:
    signing_in(ANNA)

    connected, account, logout = tell("redirect_login.py", "anna")

    assert connected.startswith("connected: ")
    assert account.startswith("DE83110101001850371727: ")
    assert logout.endswith("/api/oauth/logout")


@pytest.mark.usefixtures("desk_of_kontist")
def test_a_password_and_a_push_confirm_the_tokens(typed: list[str], tell: Tell, control: httpx.Client) -> None:
    control.patch("/kontist/switches", json={"push_auto_approve_seconds": 0.0}).raise_for_status()
    typed.append(SIGN_IN["password"])

    printed = tell("password_and_push.py", SIGN_IN["username"])

    assert printed[1:] == ["confirm in the Kontist app, please", "confirmed"]
    typed.append(CODE)
    connection = printed[0].removeprefix("connected: ")
    assert tell("transfer_with_tan.py", connection, *LANDLORD, "1.00")[0].startswith("CONFIRMED")


def test_a_device_is_bound_and_confirms_by_itself(connection: str, typed: list[str], tell: Tell) -> None:
    typed.append(CODE)

    bound, confirmed, *devices = tell("device_binding.py", connection)

    assert bound == "bound: my server"
    assert confirmed == "the key has confirmed the tokens anew"
    assert sorted(each.rpartition(": ")[2] for each in devices) == ["first", "my server"]


def test_a_wrong_code_binds_no_device(connection: str, typed: list[str], tell: Tell) -> None:
    typed.append("000000")

    with pytest.raises(SystemExit, match="not bound: "):
        tell("device_binding.py", connection)


def test_a_transfer_is_sent_once_its_code_is_typed(
    connection: str, typed: list[str], tell: Tell, control: httpx.Client
) -> None:
    typed.append(CODE)

    (done,) = tell("transfer_with_tan.py", connection, *LANDLORD, "12.34")

    assert done.startswith("CONFIRMED: 12.34 EUR to Vera Vermieter, end-to-end id E-")
    assert "-12.34" in newest(control)


@pytest.mark.parametrize(("euros", "code"), [("12.34", "000000"), ("9000000", CODE), ("-1", CODE)])
def test_a_transfer_that_is_refused_says_that_nothing_was_sent(
    connection: str, typed: list[str], tell: Tell, control: httpx.Client, euros: str, code: str
) -> None:
    before = newest(control)
    typed.append(code)

    with pytest.raises(SystemExit, match="nothing was sent: "):
        tell("transfer_with_tan.py", connection, *LANDLORD, euros)
    assert newest(control) == before


def test_a_transfer_whose_answer_was_lost_is_looked_up_and_not_repeated(
    connection: str, tell: Tell, control: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_the_answer(_question: str) -> str:
        cut = {"provider": "kontist", "path": "/api/graphql", "truncate": 30}
        control.post("/faults", json=cut).raise_for_status()
        return CODE

    monkeypatch.setattr(builtins, "input", lose_the_answer)

    (done,) = tell("transfer_with_tan.py", connection, *LANDLORD, "12.34")

    assert done.startswith("CONFIRMED: 12.34 EUR")
    assert newest(control).count("-12.34") == 1


def test_a_batch_is_confirmed_by_one_code(connection: str, typed: list[str], tell: Tell, control: httpx.Client) -> None:
    rows = ["name,iban,amount,text,id", *(f"Person {n},{LANDLORD[1]},{n}.07,Salary,S-{n}" for n in (1, 2, 3))]
    Path("salaries.csv").write_text("\n".join(rows))
    typed.append(CODE)

    printed = tell("batch.py", connection, "salaries.csv")

    assert [line.partition(": ")[2] for line in printed] == [f"{n}.07 EUR to Person {n}, S-{n}" for n in (1, 2, 3)]
    assert {"-1.07", "-2.07", "-3.07"} <= set(newest(control))


def test_a_standing_order_is_set_up_raised_and_stopped(
    connection: str, typed: list[str], tell: Tell, sandbox: Sandbox
) -> None:
    first = berlin_today(sandbox.clock.now()) + timedelta(days=7)
    typed += [CODE] * 3

    made, raised, listed, stopped = tell("standing_order.py", connection, first.isoformat())

    assert made == f"ACTIVE: 650.00 EUR MONTHLY to Vera Vermieter, next on {first}"
    assert raised.startswith("ACTIVE: 680.00 EUR MONTHLY")
    assert listed == f"listed: Rent, since {first}"
    assert stopped.startswith("CANCELED: 680.00 EUR")


def test_a_card_is_limited_blocked_and_gets_a_pin(
    connection: str, typed: list[str], tell: Tell, control: httpx.Client
) -> None:
    typed += ["2580", CODE]

    printed = tell("card.py", connection)

    assert [line.rpartition(": ")[2] for line in printed if "until" in line][-2:] == ["BLOCKED", "ACTIVE"]
    assert any(line.startswith("cash: 100.00 EUR a day") for line in printed)
    assert printed[-1] == "the PIN is set"
    assert "2580" in {card["pin"] for card in control.get("/kontist/cards").json()}


def test_an_easy_pin_is_refused_before_anything_is_sent(connection: str, typed: list[str], tell: Tell) -> None:
    typed.append("1234")

    with pytest.raises(SystemExit, match="not done: "):
        tell("card.py", connection)


def test_a_payment_is_printed_the_moment_it_happens(connection: str, control: httpx.Client) -> None:
    with watching(connection, "2") as watched:
        until_somebody_listens(control)
        for amount in ("-4.20", "-4.30"):
            payment = {"account": "DE83110101001850371727", "amount": amount, "text": f"Coffee for {amount}"}
            control.post("/payments", json=payment).raise_for_status()
        printed, _ = watched.communicate(timeout=20)

    first, second = printed.splitlines()
    assert first.endswith("Coffee for -4.20")
    assert second.endswith("Coffee for -4.30")
    assert watched.returncode == 0


@contextmanager
def watching(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, str(KONTIST / "watch.py"), *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until_somebody_listens(control: httpx.Client) -> None:
    """Another process subscribes: there is nothing here to wait on but the sandbox's own list."""
    for _ in range(200):
        if any(each.get("subscriptions") for each in control.get("/kontist/sockets").json()):
            return
        time.sleep(0.05)
    raise AssertionError("nobody subscribed")


def test_raw_graphql_prints_what_kontist_says(connection: str, tell: Tell, control: httpx.Client) -> None:
    first, *rows = tell("raw_graphql.py", connection, "3")

    assert first.startswith("Anna has ")
    assert first.endswith(" cents")
    assert [int(row.partition(" ")[0]) for row in rows] == [round(float(each) * 100) for each in newest(control)[:3]]


def test_raw_graphql_says_what_kontist_refuses(connection: str, tell: Tell, control: httpx.Client) -> None:
    control.patch("/kontist/switches", json={"max_distinct_fields": 5}).raise_for_status()

    with pytest.raises(SystemExit, match="refused raw_query"):
        tell("raw_graphql.py", connection, "3")


def test_transactions_are_paged_searched_annotated_and_exported(connection: str, tell: Tell, sandbox: Sandbox) -> None:
    year = str(berlin_today(sandbox.clock.now()).year)

    printed = tell("transactions.py", connection, year, "year.csv")

    assert printed[5:7] == ["and 5 more", "search:"]
    found = printed[7:-2]
    assert found
    assert printed[-2] == "now VAT_19, with the note: for the tax adviser"
    assert printed[-1] == f"{len(Path('year.csv').read_text().splitlines()) - 1} rows in year.csv"


def newest(control: httpx.Client) -> list[str]:
    """The amounts of Anna's newest rows, newest first."""
    truth: dict[str, Any] = control.get("/truth", params={"account": "DE83110101001850371727"}).json()
    return [row["amount"] for row in truth["accounts"][0]["transactions"]][:20]


def test_no_example_of_kontists_is_left_out() -> None:
    source = Path(__file__).read_text()
    names = {path.name for path in KONTIST.glob("*.py")}

    assert len(names) == 10
    assert {name for name in names if f'"{name}"' not in source} == set()
