"""`connect`, `renew`, `resume`, `answer`, `wait`, `cancel`, `flows`: a person and a program at the command line."""

from __future__ import annotations

import json
import socket
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bankweave.errors import ProviderUnavailable

from .conftest import CommandLine, callback_of
from .fakebank import CODE, Script

CONNECT = ("connect", "fakebank", "--owner", "anna", "--callback-port", "0")


class Browser:
    """Signs in at once: calls back the addresses that the sign-in page was told."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.calls_first = ""  # a query that is called before the right one
        self._visits: list[threading.Thread] = []

    def open(self, url: str) -> bool:
        self.opened.append(url)
        asked = parse_qs(urlsplit(url).query)
        queries = [self.calls_first] if self.calls_first else []
        visit = threading.Thread(
            target=self._visit, args=(asked["redirect_uri"][0], [*queries, f"state={asked['state'][0]}"])
        )
        self._visits.append(visit)
        visit.start()
        return True

    def _visit(self, address: str, queries: list[str]) -> None:
        for query in queries:
            page = httpx.get(f"{address}?{query}", timeout=5, trust_env=False)
            assert "Go back to the terminal" in page.text

    def close(self) -> None:
        for visit in self._visits:
            visit.join()


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    mine = Browser()
    monkeypatch.setattr(webbrowser, "open", mine.open)
    yield mine
    mine.close()


def flow_of(output: str) -> dict[str, Any]:
    flow: dict[str, Any] = json.loads(output)
    return flow


def test_connect_goes_through_the_browser_and_prints_the_connection(run: CommandLine, browser: Browser) -> None:
    result = run(*CONNECT)
    assert result.exit_code == 0, result.output
    with run.bank() as bank:
        (connection,) = bank.connections()
    assert connection.owner == "anna"
    assert f"connected: {connection.id}" in result.stdout
    assert f"bankweave --store {run.store} sync --connection {connection.id}" in result.stdout
    assert browser.opened[0] in result.stdout


@pytest.mark.usefixtures("browser", "somebody")
def test_connect_asks_for_the_code_and_does_not_show_it(run: CommandLine, script: Script) -> None:
    script.asks = "code"
    result = run(*CONNECT, typed=f"{CODE}\n")
    assert result.exit_code == 0, result.output
    assert "Enter the code" in result.stdout
    assert CODE not in result.output


@pytest.mark.usefixtures("browser", "somebody")
def test_connect_asks_again_after_a_wrong_code(run: CommandLine, script: Script) -> None:
    script.asks = "code"
    result = run(*CONNECT, typed=f"000000\n{CODE}\n")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("Enter the code") == 2


@pytest.mark.usefixtures("browser", "somebody")
def test_a_choice_is_made_by_its_number(run: CommandLine, script: Script) -> None:
    script.asks = "questions"
    result = run(*CONNECT, typed="Rex\n2\n")
    assert result.exit_code == 0, result.output
    assert "2  Bonn" in result.stdout


@pytest.mark.usefixtures("browser")
def test_connect_waits_for_an_approval_on_the_phone(run: CommandLine, script: Script) -> None:
    script.asks, script.polls_before_approval = "approval", 2
    result = run(*CONNECT)
    assert result.exit_code == 0, result.output
    assert "Confirm in the app" in result.stdout


def test_a_stray_call_of_the_callback_does_not_end_the_waiting(run: CommandLine, browser: Browser) -> None:
    browser.calls_first = "state=guessed"
    result = run(*CONNECT)
    assert result.exit_code == 0, result.output
    assert "something else came back" in result.stdout


def test_no_browser_is_opened_when_none_is_wanted(run: CommandLine, browser: Browser) -> None:
    result = run(*CONNECT, "--no-browser", "--redirect-uri", "https://app.example/callback")
    assert result.exit_code == 3
    assert browser.opened == []


def test_with_an_address_of_ones_own_the_way_on_is_told(run: CommandLine, browser: Browser) -> None:
    result = run("connect", "fakebank", "--owner", "anna", "--redirect-uri", "https://app.example/callback")
    assert result.exit_code == 3
    assert f"bankweave --store {run.store} resume" in result.stdout
    assert browser.opened == []


@pytest.mark.usefixtures("browser")
def test_a_refusal_is_told_and_needs_the_person(run: CommandLine, script: Script) -> None:
    script.refuses = True
    result = run(*CONNECT)
    assert result.exit_code == 3
    assert "the person said no" in result.stderr


@pytest.mark.usefixtures("browser")
def test_a_challenge_that_nobody_can_answer_here_stays_open(run: CommandLine, script: Script) -> None:
    script.asks = "code"
    result = run(*CONNECT)
    assert result.exit_code == 3
    with run.bank() as bank:
        (flow,) = bank.flows()
    assert f"answer {flow.id}" in result.stdout
    assert run("answer", flow.id, CODE).exit_code == 0


def test_ctrl_c_leaves_the_flow_open_and_says_how_to_go_on(run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_url: str) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(webbrowser, "open", interrupt)
    result = run(*CONNECT)
    assert result.exit_code == 130
    with run.bank() as bank:
        (flow,) = bank.flows()
        assert flow.asks
        callback = callback_of(flow.interaction)
    assert "resume 'the address that" in result.stdout
    assert f"cancel {flow.id}" in result.stdout
    assert run("resume", callback).exit_code == 0


def test_a_port_in_use_is_told_before_anything_begins(run: CommandLine) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        result = run("connect", "fakebank", "--owner", "anna", "--callback-port", str(taken.getsockname()[1]))
    assert result.exit_code == 2
    assert "--callback-port" in result.stderr
    with run.bank() as bank:
        assert bank.flows() == ()


def test_options_reach_the_provider(run: CommandLine) -> None:
    result = run("connect", "fakebank", "--owner", "anna", "--option", "country=cz", "--option", "a=b=c", "--json")
    url = flow_of(result.stdout)["interaction"]["url"]
    asked = parse_qs(urlsplit(url).query)
    assert asked["country"] == ["cz"]
    assert asked["a"] == ["b=c"]


def test_an_option_without_a_value_is_wrong_usage(run: CommandLine) -> None:
    result = run(*CONNECT, "--option", "country")
    assert result.exit_code == 2
    assert "KEY=VALUE" in result.stderr


def test_an_adapter_that_is_not_installed_is_named_with_a_hint(run: CommandLine) -> None:
    result = run("connect", "nobank", "--owner", "anna", "--callback-port", "0")
    assert result.exit_code == 2
    assert "pip install bankweave-nobank" in result.stderr


class TestJson:
    def test_connect_says_where_the_flow_stands_and_asks_nothing(self, run: CommandLine, browser: Browser) -> None:
        result = run(*CONNECT, "--json")
        flow = flow_of(result.stdout)
        assert result.exit_code == 3
        assert flow["status"] == "asking"
        assert flow["interaction"]["kind"] == "redirect"
        assert browser.opened == []

    def test_the_steps_of_a_flow_can_be_driven_by_a_program(self, run: CommandLine, script: Script) -> None:
        script.asks = "code"
        begun = flow_of(run("--json", "connect", "fakebank", "--owner", "anna").stdout)
        query = urlsplit(begun["interaction"]["url"]).query
        asked = run("resume", f"https://app.example/callback?{query}", "--json")
        assert asked.exit_code == 3
        assert flow_of(asked.stdout)["interaction"]["fields"][0]["label"] == "Code"
        done = run("answer", begun["id"], CODE, "--json")
        assert done.exit_code == 0
        assert flow_of(done.stdout)["status"] == "connected"

    def test_waiting_ends_with_the_flow(self, run: CommandLine, script: Script) -> None:
        script.asks, script.polls_before_approval = "approval", 1
        begun = flow_of(run("--json", "connect", "fakebank", "--owner", "anna").stdout)
        run("resume", f"https://app.example/callback?{urlsplit(begun['interaction']['url']).query}", "--json")
        result = run("wait", begun["id"], "--json")
        assert result.exit_code == 0
        assert flow_of(result.stdout)["status"] == "connected"
        assert result.stderr == "waiting\n"


def begin(run: CommandLine) -> str:
    """Begin a flow; returns its id."""
    flow_id: str = flow_of(run("connect", "fakebank", "--owner", "anna", "--json").stdout)["id"]
    return flow_id


def test_a_callback_of_nobody_is_not_found(run: CommandLine) -> None:
    assert run("resume", "https://app.example/callback?state=unknown").exit_code == 5


def test_a_callback_of_somebody_else_is_refused(run: CommandLine) -> None:
    url = flow_of(run("connect", "fakebank", "--owner", "anna", "--json").stdout)["interaction"]["url"]
    result = run("resume", f"https://app.example/callback?{urlsplit(url).query}", "--owner", "ben")
    assert result.exit_code == 5
    assert run("connections", "--json").stdout.strip() == "[]"


@pytest.mark.usefixtures("somebody")
def test_answer_without_values_asks_for_them(run: CommandLine, script: Script) -> None:
    script.asks = "code"
    flow_id = begin(run)
    with run.bank() as bank:
        bank.resume(callback_of(bank.flow(flow_id).interaction))
    result = run("answer", flow_id, typed=f"{CODE}\n")
    assert result.exit_code == 0, result.output
    assert CODE not in result.output


def test_too_few_answers_are_wrong_usage(run: CommandLine, script: Script) -> None:
    script.asks = "questions"
    flow_id = begin(run)
    with run.bank() as bank:
        bank.resume(callback_of(bank.flow(flow_id).interaction))
    result = run("answer", flow_id, "Rex")
    assert result.exit_code == 2
    assert "2 fields" in result.stderr


def test_a_flow_that_is_unknown_is_not_found(run: CommandLine) -> None:
    assert [run(command, "nothing").exit_code for command in ("answer", "wait", "cancel")] == [5, 5, 5]


def test_cancelling_ends_a_flow(run: CommandLine) -> None:
    flow_id = begin(run)
    assert run("cancel", flow_id).exit_code == 0
    (listed,) = json.loads(run("flows", "--json").stdout)
    assert listed["status"] == "cancelled"
    assert run("answer", flow_id, CODE).exit_code == 2


def test_flows_are_listed_with_what_they_ask(run: CommandLine) -> None:
    flow_id = begin(run)
    result = run("flows", "--owner", "anna")
    assert flow_id in result.stdout
    assert "redirect" in result.stdout
    assert flow_id not in run("flows", "--owner", "ben").stdout


def test_waiting_for_what_only_the_person_can_do_ends_at_once(run: CommandLine) -> None:
    flow_id = begin(run)
    result = run("wait", flow_id)
    assert result.exit_code == 3
    assert "resume" in result.stdout


@pytest.mark.usefixtures("browser")
def test_renewing_keeps_the_connection(run: CommandLine) -> None:
    connection_id = run.connect()
    result = run("renew", connection_id, "--callback-port", "0")
    assert result.exit_code == 0, result.output
    assert f"connected: {connection_id}" in result.stdout
    assert len(json.loads(run("connections", "--json").stdout)) == 1


def test_renewing_nothing_is_not_found(run: CommandLine) -> None:
    assert run("renew", "nothing", "--callback-port", "0").exit_code == 5


def test_a_provider_that_is_down_leaves_the_flow_open(
    run: CommandLine, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.asks = "approval"

    def down(*_: object, **__: object) -> None:
        raise ProviderUnavailable("fakebank is down; try again later")

    flow_id = begin(run)
    with run.bank() as bank:
        bank.resume(callback_of(bank.flow(flow_id).interaction))
    monkeypatch.setattr("bankweave.blocking.Bankweave.wait", down)
    result = run("wait", flow_id)
    assert result.exit_code == 4
    assert "fakebank is down" in result.stderr
