"""A desk to play flows at: every state and grant goes through its JSON between any two steps."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bankweave.adapter import Page, Request, Response, Snapshot, Stream
from bankweave.errors import BankweaveError
from bankweave.flow import Ask, Challenge, Event, Intent, Redirect, Step, Wait
from bankweave.testing import FakeContext
from bankweave_basiq import Basiq, BasiqGrant, BasiqSettings

BASE = "https://au-api.basiq.io"
USER = "user-1"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
Reply = Response | BankweaveError | Callable[[Request], Response]


def reply(value: object, status: int = 200, *, retry_at: datetime | None = None) -> Response:
    return Response(status=status, body=json.dumps(value).encode(), retry_at=retry_at)


def refusal(status: int, code: str, *, parameter: str | None = None) -> Response:
    error = {
        "type": "error",
        "code": code,
        "title": "t",
        "detail": "private detail",
        "source": {"parameter": parameter},
    }
    return reply({"type": "list", "correlationId": "corr-1", "data": [error]}, status)


def token(value: str = "token-1") -> Response:
    return reply({"access_token": value, "token_type": "Bearer", "expires_in": 3600})


def listing(*data: object, **links: str | None) -> Response:
    return reply({"type": "list", "count": len(data), "data": data, "links": links})


def user(id_: str = USER) -> Response:
    return reply({"type": "user", "id": id_, "email": "", "mobile": ""})


def step(title: str, status: str = "success", result: object = None) -> dict[str, Any]:
    return {"title": title, "status": status, "result": result}


def job(id_: str, *steps: dict[str, Any], connection: str | None = "con-1", user_id: str = USER) -> Response:
    source = f"{BASE}/users/{user_id}/connections/{connection}" if connection else None
    links = {"self": f"/jobs/{id_}", "source": source}
    return reply({"type": "job", "id": id_, "created": "2026-11-22T10:00:00Z", "steps": steps, "links": links})


def done(id_: str, connection: str = "con-1", user_id: str = USER) -> Response:
    steps = [step("verify-credentials"), step("retrieve-accounts"), step("retrieve-transactions")]
    return job(id_, *steps, connection=connection, user_id=user_id)


def running(id_: str) -> Response:
    return job(id_, step("verify-credentials", "in-progress"), step("retrieve-accounts", "pending"), connection=None)


def failed(id_: str, code: str | None, detail: str = "") -> Response:
    result = {"code": code, "title": "t", "detail": detail} if code else None
    return job(id_, step("verify-credentials", "failed", result), step("retrieve-accounts", "pending"))


def mfa(method: str = "token", *inputs: str, expiry: float | None = 120_000, link: str | None = None) -> dict[str, Any]:
    return {
        "type": "mfa",
        "method": method,
        "description": "We sent a code to your phone",
        "input": list(inputs) or ["OTP Password"],
        "expiryMs": expiry,
        "links": {"response": link or f"{BASE}/jobs/job-1/mfa"},
    }


def asking(id_: str, result: object) -> Response:
    return job(id_, step("verify-credentials"), step("mfa-challenge", "in-progress", result), step("x", "pending"))


def connection(id_: str = "con-1", *, status: str = "active", method: str = "web", **more: object) -> dict[str, Any]:
    return {
        "type": "connection",
        "id": id_,
        "method": method,
        "status": status,
        "expiryDate": "",
        "institution": {"type": "institution", "id": "AU00000"},
        "links": {"self": f"{BASE}/users/{USER}/connections/{id_}"},
        **more,
    }


def consent(id_: str = "consent-1", *, status: str = "active", **more: object) -> dict[str, Any]:
    permissions = [{"scope": "account.basic", "consented": True}, {"scope": "account.detail", "consented": False}]
    return {
        "type": "consent",
        "id": id_,
        "created": "2026-01-01T00:00:00Z",
        "updated": "2026-01-01T00:00:00.000Z",
        "expiryDate": "2027-01-01T00:00:00Z",
        "status": status,
        "data": {"permissions": permissions},
        "links": {"self": f"{BASE}/users/{USER}/consents/{id_}"},
        **more,
    }


def connector(id_: str = "AU00000", *, method: str = "web", **bank: object) -> dict[str, Any]:
    links = {"square": "https://example.com/s.svg", "full": ""}
    about = {"name": "Hooli Bank", "country": "Australia", "logo": {"links": links}, **bank}
    return {"type": "connector", "id": id_, "method": method, "institution": about}


def account(id_: str = "acc-1", *, connection: str | None = "con-1", **more: object) -> dict[str, Any]:
    return {
        "type": "account",
        "id": id_,
        "name": "Everyday",
        "currency": "AUD",
        "accountNo": "600000157441965",
        "connection": connection,
        "class": {"type": "transaction", "product": "Hooli Everyday"},
        **more,
    }


def transaction(id_: str = "tx-1", **more: object) -> dict[str, Any]:
    return {
        "type": "transaction",
        "id": id_,
        "status": "posted",
        "description": "COFFEE",
        "reference": "",
        "amount": "-4.50",
        "currency": "AUD",
        "account": "acc-1",
        "balance": "",
        "direction": "debit",
        "class": "payment",
        "transactionDate": "",
        "postDate": "2026-11-20T00:00:00Z",
        "subClass": None,
        "enrich": None,
        **more,
    }


def pending(id_: str = "tx-p", **more: object) -> dict[str, Any]:
    dates = {"postDate": None, "transactionDate": "2026-11-21T00:00:00Z"}
    return transaction(id_, **{"status": "pending", **dates, **more})


@dataclass
class Desk:
    """Plays the engine: hands events in, keeps nothing but JSON in between."""

    settings: BasiqSettings = field(
        default_factory=lambda: BasiqSettings.model_validate({"api_key": "a2V5OnNlY3JldA=="})
    )
    ctx: FakeContext = field(default_factory=lambda: FakeContext(clock=NOW))
    stored: bytes = b""

    @property
    def adapter(self) -> Basiq:
        return Basiq(self.settings)

    @property
    def operations(self) -> list[str]:
        """What was sent, tokens aside."""
        return [request.operation for request in self.ctx.http.sent if request.operation != "fetch_token"]

    def answers(self, *replies: Reply) -> Desk:
        self.ctx.http.answers.extend(replies)
        return self

    def know_user(self) -> Desk:
        self.ctx.remembered["user_id"] = USER
        return self

    def sent(self, operation: str) -> list[Request]:
        return [request for request in self.ctx.http.sent if request.operation == operation]

    async def begin(self, intent: Intent) -> Step:
        return self._keep(await self.adapter.begin(self.ctx, intent))

    async def resume(self, event: Event) -> Step:
        adapter = self.adapter
        state = adapter.states.validate_json(self.stored)
        return self._keep(await adapter.resume(self.ctx, state, event))

    async def open(self, *connections: str) -> Snapshot:
        return await self.adapter.open(self.ctx, self.grant(*connections))

    async def pull(self, cursor: str | None = None, **more: Any) -> list[Page]:
        stream = Stream(id="acc-1", accounts=("acc-1",))
        pages = self.adapter.pull(self.ctx, self.grant(), stream, cursor=cursor, since=more.get("since"))
        return [page async for page in pages]

    def grant(self, *connections: str) -> BasiqGrant:
        grant = BasiqGrant(user_id=USER, connections=connections or ("con-1",))
        return self.adapter.grants.validate_json(self.adapter.grants.dump_json(grant))

    def wait(self, **more: float) -> None:
        self.ctx.clock += timedelta(**more)

    def _keep(self, step: Step) -> Step:
        if isinstance(step, Ask | Wait):
            self.stored = self.adapter.states.dump_json(step.state)
            assert replace(step, state=self.adapter.states.validate_json(self.stored)) == step
        return step


def page_of(step: Step) -> dict[str, str]:
    """The query of the address that a person is sent to."""
    assert isinstance(step, Ask)
    assert isinstance(step.interaction, Redirect)
    query = parse_qs(urlsplit(step.interaction.url).query, strict_parsing=True)
    return {name: values[0] for name, values in query.items()}


def challenge_of(step: Step) -> Challenge:
    assert isinstance(step, Ask)
    assert isinstance(step.interaction, Challenge)
    return step.interaction


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def desk() -> Desk:
    return Desk()
