"""Basiq's specification holds: for every answer of the sandbox, and for every request of the adapter.

What is knowingly different is listed in `basiq_openapi`, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from basiq_openapi import SPECIFICATION, Contract, load_contract
from browser import Browser
from rigs import basiq_rig
from sandboxed import Control

from bankweave import FlowStatus
from bankweave.testing.driver import Driver
from bankweave.testing.wire import Wire
from bankweave.transport import make_transport

WORDS = ("I consent", "Continue", "Sign in", "Continue", "Share", "Return to the application")


@pytest.fixture(scope="module")
def contract() -> Contract:
    found = load_contract()
    if found is None:
        pytest.skip(f"the vendor's specification is not at {SPECIFICATION}")
    return found


# The sandbox ----------------------------------------------------------------------------------------------------------


@dataclass
class Partner:
    """An application that calls the sandbox and holds every answer against the specification."""

    control: Control
    contract: Contract
    client: httpx.Client
    known: dict[str, str] = field(default_factory=dict)  # values of the parameters in paths
    called: set[tuple[str, str]] = field(default_factory=set)
    _tokens: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, template: str, status: int, scope: str = "SERVER_ACCESS", **options: Any) -> Any:
        """Call an operation, with what is known put into its path."""
        path = re.sub(r"\{(\w+)\}", lambda found: self.known[found[1]], template)
        headers = {"Authorization": f"Bearer {self._token(scope)}", **options.pop("headers", {})}
        response = self.client.request(method, path, headers=headers, **options)
        assert response.status_code == status, f"{method} {path}: {response.text}"
        self.contract.check(response)
        self.called.add((method, template))
        is_json = response.headers.get("content-type", "") == "application/json"
        return response.json() if is_json else response.content

    def ask_token(self, form: dict[str, str]) -> str:
        key = self.control.settings("basiq")["api_key"]
        headers = {"Authorization": f"Basic {key}", "basiq-version": "3.0"}
        response = self.client.post("/token", data=form, headers=headers)
        self.contract.check_request(response.request)
        self.contract.check(response)
        self.called.add(("POST", "/token"))
        return str(response.json()["access_token"])

    def _token(self, scope: str) -> str:
        if scope not in self._tokens:
            bound = {"userId": self.known["userId"]} if scope == "CLIENT_ACCESS" else {}
            self._tokens[scope] = self.ask_token({"scope": scope, **bound})
        return self._tokens[scope]

    def connect(self) -> None:
        """Let the person connect Pied Piper, which asks for a code at every refresh."""
        token = self._token("CLIENT_ACCESS")
        person = {"institution": "AU00002", "loginId": "jared", "password": "django", "answer": "1234"}
        with Browser() as browser:
            address = browser.walk(f"{self.client.base_url}/home?token={token}&action=null", list(WORDS), person)
        self.known["jobId"] = address.rpartition("jobId=")[2].partition("&")[0]
        self.control.sandbox.advance(20)

    @property
    def user(self) -> str:
        return "/users/{userId}"


@pytest.fixture
def partner(control: Control, contract: Contract) -> Iterator[Partner]:
    with httpx.Client(base_url=control.settings("basiq")["base_url"], trust_env=False) as client:
        yield Partner(control, contract, client)


def _people(partner: Partner) -> None:
    person = {"email": "jared@mail.example", "mobile": "+61491570006", "firstName": "Jared"}
    partner.known["userId"] = partner.call("POST", "/users", 201, json=person)["id"]
    partner.call("POST", partner.user, 200, json={"lastName": "Dunn"})
    partner.call("GET", partner.user, 200)
    partner.call("POST", f"{partner.user}/auth_link", 201, json={})
    partner.call("GET", f"{partner.user}/auth_link", 200)
    partner.call("DELETE", f"{partner.user}/auth_link", 204)


def _webhooks(partner: Partner) -> None:
    path = "/notifications/webhooks"
    body = {"url": "http://127.0.0.1:9/hook", "name": "Test", "subscribedEvents": ["connection.activated"]}
    partner.known["webhookId"] = partner.call("POST", path, 201, json=body)["id"]
    partner.call("GET", path, 200)
    partner.call("GET", f"{path}/{{webhookId}}", 200)
    partner.call("POST", f"{path}/{{webhookId}}", 200, json=body)
    partner.call("POST", "/notifications/messages/test", 201, json={"eventTypeId": "connection.activated"})
    messages = partner.call("GET", f"{path}/{{webhookId}}/messages", 200, params={"limit": 10})["data"]
    partner.known["messageId"] = messages[0]["id"]
    partner.call("GET", f"{path}/{{webhookId}}/messages/{{messageId}}", 200)
    partner.call("DELETE", f"{path}/{{webhookId}}", 204)


def _connections(partner: Partner) -> None:
    one = f"{partner.user}/connections/{{connectionId}}"
    partner.known["connectionId"] = partner.call("GET", f"{partner.user}/connections", 200)["data"][0]["id"]
    partner.call("GET", one, 200)
    partner.known["jobId"] = partner.call("POST", f"{one}/refresh", 202)["id"]
    partner.call("POST", f"{one}/refresh", 200)
    partner.control.sandbox.advance(3)
    partner.call("GET", "/jobs/{jobId}", 200)
    partner.call("POST", "/jobs/{jobId}/mfa", 202, "CLIENT_ACCESS", json={"mfa-response": ["1234"]})
    partner.control.sandbox.advance(20)
    partner.call("POST", f"{partner.user}/connections/refresh", 202)
    partner.call("GET", f"{partner.user}/jobs", 200, params={"filter": "connection.id.ne('x')"})
    partner.control.sandbox.advance(200)  # nobody answers
    partner.call("GET", f"{partner.user}/jobs", 200)


def _data(partner: Partner) -> None:
    partner.known["accountId"] = partner.call("GET", f"{partner.user}/accounts", 200)["data"][0]["id"]
    partner.call("GET", f"{partner.user}/accounts/{{accountId}}", 200)
    page = partner.call("GET", f"{partner.user}/transactions", 200, params={"limit": 500})
    partner.known["transactionId"] = page["data"][0]["id"]
    partner.call("GET", f"{partner.user}/transactions/{{transactionId}}", 200)
    partner.known["identityId"] = partner.call("GET", f"{partner.user}/identities", 200)["data"][0]["id"]
    partner.call("GET", f"{partner.user}/identities/{{identityId}}", 200)
    connector = partner.call("GET", "/connectors", 200)["data"][0]
    partner.known |= {"connectorId": connector["id"], "method": connector["method"]}
    partner.call("GET", "/connectors/{connectorId}/{method}", 200)
    query = {"q": "GALAH GROCERS", "institution": "AU00000", "country": "AU"}
    partner.call("GET", "/enrich", 200, params=query)
    files = {"statement": ("statement.csv", b"Date,Description,Amount\n2026-01-05,COFFEE,-4.50\n")}
    partner.call("POST", f"{partner.user}/statements", 202, data={"institutionId": "AU00002"}, files=files)


def _summaries(partner: Partner) -> None:
    for kind in ("affordability", "income", "expenses"):
        made = partner.call("POST", f"{partner.user}/{kind}", 200, json={})
        partner.known["snapshotId"] = made["id"]
        partner.call("GET", f"{partner.user}/{kind}/{{snapshotId}}", 200)
        if kind == "affordability":
            partner.call("GET", f"{partner.user}/affordability/{{snapshotId}}/transactions", 200, params={"limit": 3})
    partner.call("GET", f"{partner.user}/affordability", 200)


def _reports(partner: Partner) -> None:
    partner.known["reportTypeId"] = partner.call("GET", "/reports/types", 200)["data"][0]["id"]
    partner.call("GET", "/reports/types/{reportTypeId}", 200)
    filters: dict[str, object] = {
        "fromDate": "2026-01-01",
        "toDate": "2026-11-01",
        "accounts": [partner.known["accountId"]],
        "users": [partner.known["userId"]],
    }
    listed = [{"name": name, "value": value} for name, value in filters.items()]
    body = {"reportType": "CON_AFFOR_01", "title": "Walk", "filters": listed}
    partner.known["jobId"] = partner.call("POST", "/reports", 202, json=body)["id"]
    partner.control.sandbox.advance(10)
    job = partner.call("GET", "/jobs/{jobId}", 200)
    partner.known["id"] = partner.known["reportId"] = job["sourceId"]
    partner.call("GET", "/reports", 200)
    partner.call("GET", "/reports/{id}", 200)
    partner.call("GET", "/reports/{reportId}/transactions", 200)
    partner.call("DELETE", "/reports/{id}", 204)


def _events(partner: Partner) -> None:
    partner.known["id"] = partner.call("GET", "/events/types", 200)["data"][0]["id"]
    partner.call("GET", "/events/types/{id}", 200)
    for event in partner.call("GET", "/events", 200)["data"]:
        partner.known["id"] = event["id"]
        partner.call("GET", "/events/{id}", 200)


def _endings(partner: Partner) -> None:
    one = f"{partner.user}/connections/{{connectionId}}"
    partner.call("POST", f"{one}/purge", 400)  # its last challenge was not answered
    partner.known["consentId"] = partner.call("GET", f"{partner.user}/consents", 200)["data"][0]["id"]
    partner.call("DELETE", one, 204)
    partner.call("DELETE", f"{partner.user}/consents/{{consentId}}", 204)
    partner.call("DELETE", partner.user, 204)


def test_every_operation_of_the_specification_is_served_as_it_says(partner: Partner, contract: Contract) -> None:
    _people(partner)
    _webhooks(partner)
    partner.connect()
    for part in (_connections, _data, _summaries, _reports, _events, _endings):
        part(partner)
    methods = {"get", "post", "put", "patch", "delete"}
    described = {
        (method.upper(), path) for path, item in contract.paths.items() for method in item if method in methods
    }
    assert described - partner.called == set()


@pytest.mark.parametrize(
    "switches", [{"result_shape": "list"}, {"result_shape": "seed"}, {"timestamps": "milliseconds"}]
)
def test_both_shapes_of_jobs_are_within_the_specification(partner: Partner, switches: dict[str, object]) -> None:
    partner.control.switch("basiq", **switches)
    _people(partner)
    partner.connect()
    _connections(partner)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_refusals_are_within_the_specification(partner: Partner, contract: Contract, method: str) -> None:
    """Ask for everything with a token that is none, and for things that do not exist."""
    unknown = "00000000-0000-4000-8000-000000000000"
    for template, item in contract.paths.items():
        if method.lower() not in item:
            continue
        path = re.sub(r"\{\w+\}", unknown, template)
        for token in ("garbage", partner.ask_token({"scope": "SERVER_ACCESS"})):
            headers = {"Authorization": f"Bearer {token}"}
            response = partner.client.request(method, path, headers=headers)
            assert response.status_code < 500, path
            contract.check(response)


# The adapter ----------------------------------------------------------------------------------------------------------


@dataclass
class Checked(httpx.AsyncBaseTransport):
    """Lets through what the specification allows, and remembers what it does not."""

    contract: Contract
    seen: set[tuple[str, str]]
    problems: list[str]
    inner: httpx.AsyncBaseTransport = field(default_factory=make_transport)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self._hold(partial(self.contract.check_request, request))
        answer = await self.inner.handle_async_request(request)
        body = await answer.aread()
        headers = [(name, value) for name, value in answer.headers.items() if name != "content-encoding"]
        read = httpx.Response(answer.status_code, headers=headers, content=body, request=request)
        self._hold(partial(self.contract.check, read))
        found = self.contract.operation(request.method, request.url.path)
        self.seen |= {(request.method, found[0])} if found else set()
        return read

    async def aclose(self) -> None:
        await self.inner.aclose()

    def _hold(self, check: Callable[[], None]) -> None:
        # Raised here, it would look like an unreachable provider to the core.
        try:
            check()
        except Exception as problem:  # noqa: BLE001 - it is told at the end of the test
            self.problems.append(str(problem))


@dataclass
class Watched:
    driver: Driver
    seen: set[tuple[str, str]]
    problems: list[str]


@pytest.fixture
def watch(contract: Contract, control: Control, tmp_path: Path) -> Callable[..., Watched]:
    def start(username: str, institution: str) -> Watched:
        seen: set[tuple[str, str]] = set()
        problems: list[str] = []
        wire = Wire(make=lambda: Checked(contract, seen, problems))
        rig = basiq_rig(control, username, institution, days=20)
        driver = Driver(rig=rig, store=tmp_path / "store.db", wire=wire)
        return Watched(driver, seen, problems)

    return start


@pytest.mark.parametrize(
    ("username", "institution"),
    [("ashMann", "AU00000"), ("jared", "AU00002"), ("Whistler", "AU00002"), ("ashMann", "AU00004")],
)
def test_the_adapters_requests_are_within_the_specification(
    watch: Callable[..., Watched], username: str, institution: str
) -> None:
    watched = watch(username, institution)
    flow = watched.driver.connected()
    assert flow.status is FlowStatus.CONNECTED
    watched.driver.synced()
    watched.driver.rest()
    watched.driver.synced(full=True)
    watched.driver.disconnect(watched.driver.connections()[0].id)
    assert watched.problems == []
    assert {("POST", "/users"), ("GET", "/jobs/{jobId}"), ("GET", "/users/{userId}/transactions")} <= watched.seen
