"""A small Kontist: one account of which every row is known, and clients that walk its pages and call its API."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import httpx
from starlette.applications import Starlette
from starlette.types import ASGIApp

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontist import KontistDialect
from bankweave_sandbox.world import Account, AccountKind, Bank, Kind, Movement, Person, World, world_id

ORIGIN = "http://kontist.test"
CALLBACK = "http://127.0.0.1:8765/callback"
_SECRET = "anna-secret"
START = datetime(2026, 6, 15, 10, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
BANK = Bank("kontist", "Kontist", "DE", "kontist", BERLIN, ("kontist",))


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


def make_person(name: str) -> Person:
    return Person(
        id=world_id("person", name),
        first_name=name.title(),
        last_name="Muster",
        email=f"{name}@kontist.example",
        mobile="+4915550100001",
        birth_date=date(1988, 4, 12),
        address="Erfundener Weg 7, 10999 Berlin",
        username=f"{name}@kontist.example",
        password=f"{name}-secret",
    )


def make_account(person: Person, iban: str, movements: list[Movement]) -> Account:
    return Account(
        id=world_id("account", iban),
        bank=BANK,
        holders=(person,),
        kind=AccountKind.CURRENT,
        name="Geschäftskonto",
        number=iban,
        currency="EUR",
        opened_on=date(2024, 2, 1),
        opening_balance=Decimal("1000.00"),
        iban=iban,
        bic="SOBKDEBBXXX",
        movements=movements,
    )


def make_movement(number: int, amount: str = "-10.00", **values: Any) -> Movement:
    """Make one card payment, `number` days before the first day unless told otherwise."""
    at = values.pop("at", START - timedelta(days=number))
    given: dict[str, Any] = {"kind": Kind.CARD, "booked_at": at, "text": f"ROW {number}", "counterparty": "Café"}
    return Movement(id=world_id("movement", str(number)), amount=Decimal(amount), occurred_at=at, **(given | values))


@dataclass
class Browser:
    """Walks the hosted pages as a person would: one form, one button at a time."""

    app: ASGIApp
    cookies: dict[str, str] = field(default_factory=dict)
    page: httpx.Response = field(init=False)

    def open(self, path: str, query: Mapping[str, str] | None = None) -> httpx.Response:
        return self._keep(send(self.app, "GET", path, params=query, cookies=self.cookies))

    def submit(self, button: str, **typed: str) -> httpx.Response:
        """Fill the form's fields and press the button with this text."""
        form = re.search(r'<form method="post" action="([^"]+)">(.*?)</form>', self.page.text, re.DOTALL)
        assert form, f"no form on the page: {self.page.text}"
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[2]))
        pressed = re.search(rf"<button type=\"submit\"([^>]*)>{button}</button>", form[2])
        assert pressed, f"no button {button!r} on the page: {form[2]}"
        value = dict(re.findall(r'name="(\w+)" value="(\w+)"', pressed[1]))
        answer = self._keep(send(self.app, "POST", form[1], data=hidden | value | typed, cookies=self.cookies))
        return self.open(answer.headers["location"]) if answer.status_code == 303 else answer

    def sign_in(self, username: str = "anna@kontist.example", password: str = _SECRET) -> httpx.Response:
        return self.submit("Sign in", email=username, password=password)

    def _keep(self, response: httpx.Response) -> httpx.Response:
        self.cookies.update(response.cookies)
        self.page = response
        return response


@dataclass
class Kontist:
    """The dialect under test with shortcuts for what most tests need first."""

    world: World
    dialect: KontistDialect
    account: Account

    @property
    def client(self) -> dict[str, str]:
        settings = self.dialect.describe(ORIGIN)["settings"]
        return {"client_id": settings["client_id"], "client_secret": settings["client_secret"]}

    @property
    def public_id(self) -> str:
        return str(self.dialect.describe(ORIGIN)["settings_pkce"]["client_id"])

    def browser(self) -> Browser:
        return Browser(self.dialect.app)

    def send(self, method: str, path: str, token: str | None = None, **options: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return send(self.dialect.app, method, path, headers=headers | options.pop("headers", {}), **options)

    def control(self, method: str, path: str, body: object = None) -> httpx.Response:
        return send(Starlette(routes=list(self.dialect.controls)), method, path, json=body)

    def advance(self, **by: float) -> None:
        self.world.advance(timedelta(**by))

    def exchange(self, **parameters: str) -> httpx.Response:
        return self.send("POST", "/api/oauth/token", data=parameters)

    def password_token(self, scope: str = "users accounts transactions offline", name: str = "anna") -> dict[str, Any]:
        """Get an unconfirmed token, as the password grant gives."""
        person = {"username": f"{name}@kontist.example", "password": f"{name}-secret"}
        response = self.exchange(grant_type="password", scope=scope, **person, **self.client)
        assert response.status_code == 200, response.text
        return dict(response.json())

    def token(self, scope: str = "users accounts transactions offline", name: str = "anna") -> str:
        return str(self.password_token(scope, name)["access_token"])

    def ask(self, query: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """Send a GraphQL document and return the whole answer."""
        body = {"query": query, "variables": variables}
        response = self.send("POST", "/api/graphql", token=token or self.token(), json=body)
        assert response.status_code == 200, response.text
        return dict(response.json())

    def read(self, query: str, token: str | None = None, **variables: Any) -> Any:
        answer = self.ask(query, token, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    def transactions(self, arguments: str = "", fields: str = "id", token: str | None = None) -> list[dict[str, Any]]:
        """Read the nodes of one page; `arguments` are written into the document."""
        given = f"({arguments})" if arguments else ""
        data = self.read(f"{{viewer{{mainAccount{{transactions{given}{{edges{{node{{{fields}}}}}}}}}}}}}", token)
        return [edge["node"] for edge in data["viewer"]["mainAccount"]["transactions"]["edges"]]


def send(app: ASGIApp, method: str, path: str, cookies: dict[str, str] | None = None, **options: Any) -> httpx.Response:
    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, cookies=cookies) as client:
            return await client.request(method, path, **options)

    return asyncio.run(call())


def callback_query(response: httpx.Response) -> dict[str, str]:
    """Read what the application learns from the redirect back to it."""
    assert response.status_code == 302, response.text
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


def make_kontist(movements: list[Movement]) -> Kontist:
    """Make Anna's bank with these movements, and Ben's with one of his own."""
    anna, ben = make_person("anna"), make_person("ben")
    account = make_account(anna, "DE30110101001234567890", movements)
    other = make_account(ben, "DE35110101009876543210", [make_movement(900, "-1.00", text="BEN'S")])
    world = World([BANK], [account, other], StandingClock(START))
    return Kontist(world, KontistDialect(world), account)
