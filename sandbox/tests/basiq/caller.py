"""What the Basiq tests call the dialect with: an API client and a person with a browser."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from basiq_openapi import load_contract

from bankweave_sandbox.basiq import BasiqDialect
from bankweave_sandbox.basiq.tokens import API_KEY
from bankweave_sandbox.world import World

from .bank import Login

BASE = "https://basiq.test"
JOB_DONE = timedelta(seconds=10)  # long enough for every step of a job


class Bridge(httpx.BaseTransport):
    """Lets a synchronous client call an ASGI application."""

    def __init__(self, app: Any, runner: asyncio.Runner) -> None:
        self._inner = httpx.ASGITransport(app)
        self._runner = runner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())


@dataclass
class Page:
    """What a browser shows: a text and forms."""

    response: httpx.Response
    client: httpx.Client

    @property
    def text(self) -> str:
        return html.unescape(self.response.text)

    @property
    def title(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.text)
        assert found, self.text
        return found[1]

    @property
    def buttons(self) -> list[str]:
        return re.findall(r"<button[^>]*>(.*?)</button>", self.text)

    def press(self, button: str, **inputs: str | list[str]) -> Page:
        """Fill in a form and press its button; hidden inputs are sent as they are."""
        form = next(
            form for form in re.findall(r"<form.*?</form>", self.response.text, re.DOTALL) if f">{button}</" in form
        )
        action = re.search(r'action="([^"]+)"', form)
        assert action
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
        for name in inputs:
            assert f'name="{name}"' in form, f"the form of {button!r} has no {name}"
        answer = self.client.post(action[1], data={**hidden, **inputs})
        return Page(self.client.get(answer.headers["location"]) if answer.status_code == 303 else answer, self.client)

    @property
    def checked(self) -> list[str]:
        return re.findall(r'type="checkbox" name="account" value="([^"]+)" checked', self.response.text)

    @property
    def returned(self) -> dict[str, str]:
        """Where the person was sent back to the application with."""
        assert self.response.status_code == 302, self.text
        address = urlsplit(self.response.headers["location"])
        assert f"{address.scheme}://{address.netloc}{address.path}" == "https://app.example/callback"
        return {name: values[0] for name, values in parse_qs(address.query).items()}


@dataclass
class Partner:
    """An application with an API key, and its user."""

    dialect: BasiqDialect
    world: World
    client: httpx.Client
    control: httpx.Client
    _user: str = ""
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def user(self) -> str:
        if not self._user:
            self._user = self.post("/users", json={"email": "gavin@hooli.example"}).json()["id"]
        return self._user

    def token(self, scope: str = "SERVER_ACCESS", user: str | None = None) -> str:
        form = {"scope": scope} | ({"userId": user} if user else {})
        response = self.ask_token(form)
        assert response.status_code == 200, response.text
        return str(response.json()["access_token"])

    def ask_token(self, form: dict[str, str] | None, **headers: str) -> httpx.Response:
        sent = {"Authorization": f"Basic {API_KEY}", "basiq-version": "3.0"} | headers
        sent = {name.replace("_", "-"): value for name, value in sent.items() if value}
        return self._checked(self.client.post("/token", data=form, headers=sent))

    def get(self, path: str, scope: str = "SERVER_ACCESS", **params: str | int) -> httpx.Response:
        return self.request("GET", path, scope, params=params or None)

    def post(self, path: str, scope: str = "SERVER_ACCESS", **options: Any) -> httpx.Response:
        return self.request("POST", path, scope, **options)

    def delete(self, path: str, scope: str = "SERVER_ACCESS") -> httpx.Response:
        return self.request("DELETE", path, scope)

    def request(self, method: str, path: str, scope: str = "SERVER_ACCESS", **options: Any) -> httpx.Response:
        """Send a request with a token of `scope`, and hold the answer against the contract."""
        if scope not in self._tokens:
            self._tokens[scope] = self.token(scope, self.user if scope == "CLIENT_ACCESS" else None)
        headers = {"Authorization": f"Bearer {self._tokens[scope]}"} | options.pop("headers", {})
        return self._checked(self.client.request(method, path, headers=headers, **options))

    def open_consent_ui(self, action: str = "null", user: str | None = None, **query: str) -> Page:
        token = self.token("CLIENT_ACCESS", user or self.user)
        # The stray & is in the vendor's own template (section 2.2).
        extra = "".join(f"&{name}={value}" for name, value in query.items())
        return Page(self.client.get(f"/home?&token={token}&action={action}{extra}"), self.client)

    def connect(
        self, login: Login, institution: str = "AU00000", answers: Iterable[str] = (), action: str = "null"
    ) -> dict[str, str]:
        """Walk through the Consent UI and return what the application is sent."""
        page = self.open_consent_ui(action)
        page = page.press("I consent") if "I consent" in page.buttons else page
        page = page.press("Continue", institution=institution)
        page = page.press("Sign in", loginId=login.name, password=login.password)
        given = list(answers)
        page = page.press("Continue", answer=given) if given else page
        page = page.press("Share", account=page.checked) if page.checked else page.press("Share")
        return page.press("Return to the application").returned

    def connected(self, login: Login, institution: str = "AU00000", answers: Iterable[str] = ()) -> str:
        """Connect, wait for the job to end, and return the connection's id."""
        job = self.connect(login, institution, answers)["jobId"]
        self.wait()
        return str(self.get(f"/jobs/{job}").json()["links"]["source"].rsplit("/", 1)[1])

    def refresh(self, connection: str) -> str:
        response = self.post(f"/users/{self.user}/connections/{connection}/refresh")
        assert response.status_code == 202, response.text
        return str(response.json()["id"])

    def steps(self, job: str) -> dict[str, str]:
        return {step["title"]: step["status"] for step in self.job(job)["steps"]}

    def result(self, job: str, title: str) -> Any:
        return next(step["result"] for step in self.job(job)["steps"] if step["title"] == title)

    def job(self, job: str) -> Any:
        return self.get(f"/jobs/{job}").json()

    def answer(self, job: str, *answers: str) -> httpx.Response:
        return self.post(f"/jobs/{job}/mfa", "CLIENT_ACCESS", json={"mfa-response": list(answers)})

    def transactions(self, **params: str) -> Any:
        return self.get(f"/users/{self.user}/transactions", **params).json()["data"]

    def switch(self, **changes: object) -> None:
        response = self.control.patch("/switches", json=changes)
        assert response.status_code == 200, response.text

    def wait(self, by: timedelta = JOB_DONE) -> None:
        self.world.advance(by)

    def renew_tokens(self) -> None:
        self._tokens.clear()

    @staticmethod
    def _checked(response: httpx.Response) -> httpx.Response:
        contract = load_contract()
        if contract is not None:
            contract.check(response)
        return response


def code(response: httpx.Response) -> tuple[int, str]:
    """Say how a request failed: status and code, after checking the envelope of section 7.1."""
    body = response.json()
    assert body["type"] == "list"
    assert body["correlationId"]
    assert body["data"][0]["type"] == "error"
    return response.status_code, body["data"][0]["code"]
