"""A caller of the dialect over ASGI: an integrator's server, and a person's browser that walks the hosted forms."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
from lxml import etree, html
from starlette.types import ASGIApp

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontomatik import KontomatikDialect
from bankweave_sandbox.world import World

KEY = "kontomatik-sandbox-key"
CALLBACK = "https://shop.example/kontomatik"


class StandingClock(Clock):
    """A clock that only tests move, so that limits can be met to the second."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self._instant = start

    def now(self) -> datetime:
        return self._instant

    def advance(self, by: timedelta) -> datetime:
        self._instant += by
        return self._instant


class Loopback(httpx.BaseTransport):
    """Serve a synchronous client from an ASGI app, as a caller with a chosen address."""

    def __init__(self, app: ASGIApp, runner: asyncio.Runner, address: str = "127.0.0.1") -> None:
        self._inner = httpx.ASGITransport(app, client=(address, 50000))
        self._runner = runner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._runner.run(self._handle(request))

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())


@dataclass(frozen=True)
class Page:
    """What the browser shows: a form to fill in, or where it was sent."""

    url: str
    status: int
    tree: html.HtmlElement | None

    @property
    def text(self) -> str:
        return "" if self.tree is None else " ".join(str(self.tree.find(".//main").text_content()).split())

    @property
    def targets(self) -> list[str]:
        """The banks to choose from."""
        return [str(value) for value in self.form.xpath(".//input[@name='target']/@value")]

    @property
    def form(self) -> html.FormElement:
        assert self.tree is not None, f"no page but a redirect to {self.url}"
        return self.tree.forms[0]

    @property
    def redirection_id(self) -> str:
        return parse_qs(urlsplit(self.url).query)["redirectionId"][0]


@dataclass
class Service:
    dialect: KontomatikDialect
    world: World
    runner: asyncio.Runner
    api: httpx.Client = field(init=False)
    browser: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.api = self.client(headers={"X-Api-Key": KEY})
        self.browser = self.client()

    def client(self, address: str = "127.0.0.1", **options: Any) -> httpx.Client:
        return httpx.Client(
            transport=Loopback(self.dialect.app, self.runner, address), base_url="http://kontomatik.test", **options
        )

    def later(self, **time: float) -> None:
        self.world.advance(timedelta(**time))

    # The integrator's calls

    def fetch(self, mode: str = "MULTIPLE", **fields: object) -> dict[str, str]:
        order = {"redirectUri": CALLBACK, "ownerExternalId": "anna-1", "country": "pl", "locale": "pl"}
        response = self.api.post("/v1/signin/redirection", json=order | {"psd2": {"accessMode": mode}} | fields)
        assert response.status_code == 200, response.text
        return dict(response.json())

    def ask(self, redirection_id: str) -> httpx.Response:
        return self.api.get("/v1/signin/redirection-status", params={"redirectionId": redirection_id})

    def status(self, redirection_id: str) -> dict[str, Any]:
        response = self.ask(redirection_id)
        assert response.status_code == 200, response.text
        return dict(response.json())

    def start(self, session: dict[str, Any], since: str = "2026-10-01") -> httpx.Response:
        form = {k: session[k] for k in ("sessionId", "sessionIdSignature")} | {"since": since}
        return self.api.post("/v1/command/default-import.xml", data=form)

    def poll(self, command_id: str) -> etree._Element:
        return read(self.api.get(f"/v1/command/{command_id}.xml"))

    def imported(self, session: dict[str, Any], since: str = "2026-10-01") -> etree._Element:
        """Import to the end and give the last reply."""
        command_id = attribute(read(self.start(session, since), 202), "command/@id")
        self.later(seconds=4)
        return self.poll(command_id)

    def begin(self, command: str, session: dict[str, Any], **form: str) -> httpx.Response:
        """Start one of the older step-by-step commands."""
        named = {k: session[k] for k in ("sessionId", "sessionIdSignature")}
        return self.api.post(f"/v1/command/{command}.xml", data=named | form)

    def reuse(self, access_id: str) -> httpx.Response:
        return self.api.post("/v1/command/reuse-multiple-access.xml", data={"multipleAccessId": access_id})

    def session_from(self, response: httpx.Response) -> dict[str, Any]:
        root = read(response)
        return {
            "sessionId": attribute(root, "session/@id"),
            "sessionIdSignature": attribute(root, "session/@signature"),
            "multipleAccessId": next(iter(texts(root, ".//multipleAccessId")), None),
        }

    def mock_session(self, login: str = "test1", country: str = "pl", **fields: str) -> httpx.Response:
        form = {"login": login, "country": country, "ownerExternalId": "anna-1", "multipleAccess": "true"}
        return self.api.post("/v1/mock-session.xml", data=form | fields)

    def reimported(self, access_id: str, since: str = "2026-10-01") -> etree._Element:
        """Reuse an access and import again."""
        return self.imported(self.session_from(self.reuse(access_id)), since)

    # The person's doings

    def open(self, link: str) -> Page:
        return self._page(self.browser.get(link))

    def click(self, page: Page, button: str = "continue", **values: str) -> Page:
        """Fill in the form, press a button and follow the browser within the service."""
        form = dict(page.form.form_values())
        unknown = set(values) - set(page.form.fields)
        assert not unknown, f"the form has no {unknown}"
        filled = {**form, **values, "action": button}
        return self._page(self.browser.post(urljoin(page.url, page.form.action or page.url), data=filled))

    def sign_in(
        self, link: str, username: str = "test1", target: str = "KontoBankApi", code: str | None = "Test123"
    ) -> Page:
        """Walk the whole way; ends wherever the browser is then."""
        page = self.click(self.click(self.open(link), target=target))
        page = self.click(page, username=username, password="Test123")
        return self.click(page, code=code) if code is not None and page.tree is not None else page

    def signed_in(self, username: str = "test1", mode: str = "MULTIPLE", **fields: object) -> dict[str, Any]:
        """Sign somebody in and give the params of the final status."""
        fetched = self.fetch(mode, **fields)
        back = self.sign_in(fetched["redirectionLink"], username)
        status = self.status(back.redirection_id)
        assert status["status"] == "success", status
        return dict(status["params"])

    def _page(self, response: httpx.Response) -> Page:
        location = response.headers.get("location")
        if location is None:
            return Page(str(response.url), response.status_code, html.fromstring(response.text))
        target = urljoin(str(response.url), location)
        if target.startswith("http://kontomatik.test"):
            return self._page(self.browser.get(target))
        return Page(target, response.status_code, None)


def read(response: httpx.Response, status: int = 200) -> etree._Element:
    """Read an XML reply and hold its two statuses against each other."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/xml")
    root = etree.fromstring(response.content)
    assert root.tag == "reply"
    assert attribute(root, "@status").split()[0] == str(status)
    return root


def refusal(response: httpx.Response, status: int) -> str:
    """The exception's name."""
    return attribute(read(response, status), "exception/@name")


def texts(element: etree._Element, path: str) -> list[str]:
    return [found.text or "" for found in element.findall(path)]


def attribute(element: etree._Element, path: str) -> str:
    found = element.xpath(path)
    assert isinstance(found, list), path
    assert found, f"no {path} in {etree.tostring(element)[:300]!r}"
    return str(found[0])
