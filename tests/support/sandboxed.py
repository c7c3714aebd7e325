"""The sandbox for tests: one per session and process, reset for every test, its clock shared with bankweave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from bankweave.model import TransactionStatus
from bankweave.testing import TrueAccount, TrueRow
from bankweave_sandbox import Sandbox
from bankweave_sandbox.world import Account, Entry, Movement
from bankweave_sandbox.world import Person as WorldPerson

CALLBACK = "https://app.example/callback"
START = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)  # a Wednesday morning, in every bank's zone the same day


@dataclass
class SandboxClock:
    """The sandbox's time as bankweave's. Sleeping moves the time of both, and nothing else: no history comes to light."""

    sandbox: Sandbox

    def now(self) -> datetime:
        return self.sandbox.clock.now()

    async def sleep(self, seconds: float) -> None:
        self.sandbox.run(self.sandbox.clock.advance, timedelta(seconds=max(0.0, seconds)))


@dataclass
class Control:
    """The control origin: what tests do to the sandbox's world."""

    sandbox: Sandbox
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.sandbox.urls["control"], trust_env=False)

    def settings(self, provider: str, kind: str = "settings") -> dict[str, Any]:
        return dict(self.sandbox.describe()[provider][kind])

    def switch(self, provider: str, **switches: object) -> None:
        self._ask("PATCH", f"/{provider}/switches", switches)

    def spoil(self, provider: str, path: str, **fault: object) -> None:
        self._ask("POST", "/faults", {"provider": provider, "path": path, **fault})

    def mend(self) -> None:
        self._ask("DELETE", "/faults")

    def requests(self, provider: str, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask("GET", f"/requests?provider={provider}&path={path}")["requests"]
        return found

    def pay(self, account: str, amount: str, text: str, *, pending: bool = False, kind: str = "transfer") -> str:
        asked = {"account": account, "amount": amount, "text": text, "pending": pending, "kind": kind}
        return str(self._ask("POST", "/payments", asked)["id"])

    def book(self, payment: str, **changed: str) -> None:
        self._ask("POST", f"/payments/{payment}/book", changed)

    def decide_push(self, decision: str) -> None:
        """Play the phone of everybody who has a push of Kontist's."""
        for challenge in self._ask("GET", "/kontist/challenges"):
            self._ask("POST", f"/kontist/challenges/{challenge['id']}", {"status": decision})

    def elapse(self, **time: float) -> None:
        """Let time pass without anything happening at the banks."""
        self.sandbox.run(self.sandbox.clock.advance, timedelta(**time))

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        answer = self.client.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


Wording = Callable[[Movement], tuple[str, str | None]]
"""The text and the counterparty that a provider shows of a movement."""


@dataclass(frozen=True)
class Customer:
    """Somebody at a bank of the sandbox's world. They are looked up anew every time: a reset replaces the world."""

    sandbox: Sandbox
    institution: str
    username: str

    @property
    def person(self) -> WorldPerson:
        world = self.sandbox.world
        bank = world.bank(self.institution)
        assert bank is not None
        person = world.person_at(bank, self.username)
        assert person is not None
        return person

    @property
    def accounts(self) -> list[Account]:
        bank = self.sandbox.world.bank(self.institution)
        assert bank is not None
        return self.sandbox.world.accounts_of(self.person, bank)

    def forget(self, days: int) -> None:
        """Let their accounts have been opened so many days ago only: long histories take long to read."""
        self.sandbox.run(self._forget, self.sandbox.clock.now() - timedelta(days=days))
        self.sandbox.advance(0)  # draws the statements up anew

    def _forget(self, opened: datetime) -> None:
        for account in self.accounts:
            account.movements[:] = [one for one in account.movements if one.occurred_at >= opened]

    def truth(self, word: Wording) -> list[TrueAccount]:
        world = self.sandbox.world
        return [
            TrueAccount(
                key=account.number,
                currency=account.currency,
                rows=tuple(_true_row(account, entry, word) for entry in world.entries(account)),
            )
            for account in self.accounts
        ]


def _true_row(account: Account, entry: Entry, word: Wording) -> TrueRow:
    text, counterparty = word(entry.movement)
    return TrueRow(
        status=TransactionStatus.BOOKED if entry.booked else TransactionStatus.PENDING,
        amount=entry.movement.amount,
        currency=account.currency,
        booking_date=entry.booking_date,
        text=text,
        counterparty=counterparty,
    )


def reserving(control: Control, account: str, text: str) -> Callable[[], Callable[[], None]]:
    """For `Rig.reserve`: a card payment that is pending until what is returned books it."""

    def reserve() -> Callable[[], None]:
        payment = control.pay(account, "-123.45", text, pending=True, kind="card")
        return lambda: control.book(payment)

    return reserve


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1, start=START, redirect_url=CALLBACK) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def control_origin(running_sandbox: Sandbox) -> Iterator[Control]:
    control = Control(running_sandbox)
    with control.client:
        yield control


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    """The sandbox as at its start."""
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def control(sandbox: Sandbox, control_origin: Control) -> Control:  # noqa: ARG001 - it is reset by then
    return control_origin


@pytest.fixture
def clock(sandbox: Sandbox) -> SandboxClock:
    return SandboxClock(sandbox)
