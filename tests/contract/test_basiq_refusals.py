"""Every refusal that Basiq's specification lists, of every operation: the sandbox gives it, and in the shape it has there."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from basiq_openapi import SPECIFICATION, Contract, load_contract
from sandboxed import Control

METHODS = {"get", "post", "put", "patch", "delete"}
GOOD = {200, 201, 202, 204}
NOWHERE = "00000000-0000-4000-8000-000000000000"
MFA = ("POST", "/jobs/{jobId}/mfa")
Operation = tuple[str, str]

# What the specification lists and the sandbox never says (sections of the notes, providers/basiq.md).
_TAKE_NOTHING = {("GET", "/reports"), ("GET", "/reports/types")}  # that could be wrong, or missing
NEVER: dict[int, set[Operation]] = {
    # 9: ids are opaque texts. An id that nothing has is not found, whatever it looks like.
    400: _TAKE_NOTHING
    | {
        ("GET", "/connectors/{connectorId}/{method}"),
        ("GET", "/reports/types/{reportTypeId}"),
        ("GET", "/reports/{id}"),
        ("DELETE", "/reports/{id}"),
        ("GET", "/reports/{reportId}/transactions"),
    },
    404: _TAKE_NOTHING | {("GET", "/connectors"), ("GET", "/events"), ("POST", "/users")},
    500: {("POST", "/token")},  # 7.2: switch service_status is about all other calls
}


@dataclass
class Application:
    """Asks for everything that lists a status, in a way that should be answered with it."""

    contract: Contract
    client: httpx.Client
    key: str
    user: str = ""

    def token(self, **form: str) -> str:
        headers = {"Authorization": f"Basic {self.key}", "basiq-version": "3.0"}
        return str(self.client.post("/token", data=form, headers=headers).json()["access_token"])

    def call(self, method: str, path: str, token: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        response = self.client.request(method, path, headers=headers, **options)
        self.contract.check(response)
        return response

    def listing(self, status: int) -> list[Operation]:
        operations = self.contract.paths.items()
        every = [(method, path) for path, item in operations for method in METHODS & item.keys()]
        return [(m.upper(), path) for m, path in every if str(status) in self.contract.paths[path][m]["responses"]]

    def otherwise(self, status: int, fill: Callable[[str], str], token: str | None = None) -> set[Operation]:
        """Call what lists the status; returns what was answered with another one."""
        server, client = self.token(scope="SERVER_ACCESS"), self.token(scope="CLIENT_ACCESS", userId=self.user)
        found = set()
        for method, path in self.listing(status):
            fits = token or (client if (method, path) == MFA else server)
            options: dict[str, Any] = {"json": {}} if method == "POST" and status == 400 else {}
            if self.call(method, fill(path), fits, **options).status_code != status:
                found.add((method, path))
        return found


@pytest.fixture
def application(control: Control) -> Iterator[Application]:
    contract = load_contract()
    if contract is None:
        pytest.skip(f"the vendor's specification is not at {SPECIFICATION}")
    settings = control.settings("basiq")
    with httpx.Client(base_url=settings["base_url"], trust_env=False) as client:
        made = Application(contract, client, settings["api_key"])
        person = {"email": "jared@mail.example"}
        made.user = made.call("POST", "/users", made.token(scope="SERVER_ACCESS"), json=person).json()["id"]
        yield made


def nowhere(path: str) -> str:
    return re.sub(r"\{\w+\}", NOWHERE, path)


def malformed(path: str) -> str:
    """Ids that are none; where there is no id, a filter that is none."""
    return re.sub(r"\{\w+\}", "x!", path) + "?filter=nonsense&limit=0"


@pytest.mark.parametrize("status", [500, 503])
def test_every_operation_can_be_down_as_listed(application: Application, control: Control, status: int) -> None:
    token = application.token(scope="SERVER_ACCESS")
    control.switch("basiq", service_status=status)
    assert application.otherwise(status, nowhere, token) == NEVER.get(status, set())


def test_every_operation_can_be_called_too_often_as_listed(application: Application, control: Control) -> None:
    token = application.token(scope="SERVER_ACCESS")
    control.switch("basiq", requests_per_minute=1)
    application.call("GET", "/connectors", token)
    assert application.otherwise(429, nowhere, token) == set()


def test_every_operation_refuses_a_token_that_is_none_as_listed(application: Application) -> None:
    assert application.otherwise(401, nowhere, "garbage") == set()


def test_every_operation_refuses_a_token_without_scope_as_listed(application: Application) -> None:
    assert application.otherwise(403, nowhere, application.token()) == set()


def test_every_operation_refuses_what_is_malformed_as_listed(application: Application, control: Control) -> None:
    control.switch("basiq", unknown_job_status=400)  # 7.2: the newer table's answer to unknown jobs
    assert application.otherwise(400, malformed) == NEVER[400]


def test_every_operation_misses_what_is_not_there_as_listed(application: Application) -> None:
    def fill(path: str) -> str:
        below_user = path.removeprefix("/users/{userId}/")
        known = path.replace("{userId}", application.user) if "{" in below_user and below_user != path else path
        return nowhere(known).replace("/events/types/" + NOWHERE, "/events/types/nobody.came")

    elsewhere = {("POST", "/token"), ("POST", "/reports")}  # the two tests below
    assert application.otherwise(404, fill) - elsewhere == NEVER[404]


def test_a_key_that_nobody_has_is_not_found_as_listed(application: Application) -> None:
    unknown = base64.b64encode(f"{NOWHERE}:{NOWHERE}".encode()).decode()
    headers = {"Authorization": f"Basic {unknown}", "basiq-version": "3.0"}
    refused = application.client.post("/token", data={"scope": "SERVER_ACCESS"}, headers=headers)
    application.contract.check(refused)
    assert refused.status_code == 404


def test_whom_a_report_is_about_has_to_exist_as_listed(application: Application) -> None:
    wanted = {"fromDate": "2026-01-01", "toDate": "2026-11-01", "users": [NOWHERE], "accounts": [NOWHERE]}
    filters = [{"name": name, "value": value} for name, value in wanted.items()]
    body = {"reportType": "CON_AFFOR_01", "title": "Nobody", "filters": filters}
    refused = application.call("POST", "/reports", application.token(scope="SERVER_ACCESS"), json=body)
    assert refused.status_code == 404


def test_an_address_has_one_webhook_as_listed(application: Application) -> None:
    hooks, token = "/notifications/webhooks", application.token(scope="SERVER_ACCESS")
    bodies = [
        {"url": f"http://127.0.0.1:9/{event}", "subscribedEvents": [event]}
        for event in ("user.created", "user.deleted")
    ]
    made = [application.call("POST", hooks, token, json=body).json()["id"] for body in bodies]
    taken = {**bodies[1], "url": bodies[0]["url"]}
    assert application.call("POST", hooks, token, json=bodies[0]).status_code == 409
    assert application.call("POST", f"{hooks}/{made[1]}", token, json=taken).status_code == 409
    assert len(application.listing(409)) == 2


def test_a_link_that_has_ended_is_gone_as_listed(application: Application, control: Control) -> None:
    link = f"/users/{application.user}/auth_link"
    body = {"mobile": "+61491570006"}
    application.call("POST", link, application.token(scope="SERVER_ACCESS"), json=body)
    control.sandbox.advance(timedelta(days=8).total_seconds())
    assert application.call("GET", link, application.token(scope="SERVER_ACCESS")).status_code == 410
    assert application.listing(410) == [("GET", "/users/{userId}/auth_link")]


@pytest.mark.parametrize("kind", ["affordability", "income", "expenses"])
def test_nothing_to_sum_up_is_no_content_as_listed(application: Application, kind: str) -> None:
    token = application.token(scope="SERVER_ACCESS")
    assert application.call("POST", f"/users/{application.user}/{kind}", token, json={}).status_code == 204


def test_no_other_refusal_is_listed(application: Application) -> None:
    answers = {
        int(s) for i in application.contract.paths.values() for m in METHODS & i.keys() for s in i[m]["responses"]
    }
    assert answers - GOOD == {400, 401, 403, 404, 409, 410, 429, 500, 503}
