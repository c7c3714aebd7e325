"""The demo itself, step by step. All that touches a bank goes through `Bankweave`: read it as an example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from bankweave import Bankweave, Challenge, ChallengeKind, Connection, Counts, Flow, FlowStatus, Redirect, SyncReport
from bankweave.cli.demo.browser import Browser
from bankweave.cli.demo.cast import CAST, Role, options_of, person_of
from bankweave.cli.demo.compare import Comparison, Held, compare, row_of, true_row
from bankweave.cli.demo.show import Narration
from bankweave.cli.demo.world import Described, World
from bankweave.cli.syncing import SyncProgress
from bankweave.errors import ProviderError

REDIRECT_URI = "https://app.example/callback"  # nothing is there: the browser stops before it opens it


class DemoStopped(ProviderError):
    """Something went another way than the demo knows."""


@dataclass(frozen=True)
class Synced:
    """One sync of everything, and what it took: a bank that asks a question is synced in two goes."""

    reports: tuple[SyncReport, ...]
    seconds: float  # from the first call to the last, the answers in between included

    @property
    def counts(self) -> Counts:
        return sum((report.counts for report in self.reports), Counts())


@dataclass
class Demo:
    """What all steps work on."""

    bank: Bankweave
    world: World
    described: Described
    show: Narration
    made: dict[str, Role] = field(default_factory=dict)  # by connection

    # Connecting ---------------------------------------------------------------------------------------------------------

    def connect(self) -> None:
        """Connect every bank of the cast: all sign-ins first, so that the providers work side by side."""
        flows = [(role, self._sign_in(role)) for role in CAST]
        for role, flow in flows:
            self._settle(role, flow)

    def _sign_in(self, role: Role) -> Flow:
        flow = self.bank.connect(
            role.adapter,
            owner=role.owner,
            redirect_uri=REDIRECT_URI,
            institution=role.institution,
            options=options_of(role),
        )
        self.show.tell(f"{role.owner} connects {role.title}, through {role.adapter.title()}")
        if not isinstance(flow.interaction, Redirect):
            raise DemoStopped(f"{role.adapter} did not send {role.owner} to a sign-in page")
        with Browser(self.show.aside) as browser:
            callback_url = browser.sign_in(flow.interaction.url, person_of(role, self.described), REDIRECT_URI)
        flow = self.bank.resume(callback_url, owner=role.owner)
        return self._approve(role, flow)

    def _approve(self, role: Role, flow: Flow) -> Flow:
        """Take the phone out, if the bank has sent a push."""
        if isinstance(flow.interaction, Challenge) and flow.interaction.kind is ChallengeKind.APP_APPROVAL:
            self.show.aside(f"push to {role.owner}'s phone: {flow.interaction.message!r}")
            if not self.world.approve_push(role.username):
                raise DemoStopped("no phone shows the push that was sent")
            self.show.aside(f"{role.owner} taps Confirm")
        return flow

    def _settle(self, role: Role, flow: Flow) -> None:
        with self.show.terminal.busy(f"   waiting for {role.owner}'s {role.title}"):
            flow = self.bank.wait(flow.id, seconds=60)
        if flow.status is not FlowStatus.CONNECTED:
            why = flow.failure.message if flow.failure else flow.status.value
            raise DemoStopped(f"{role.title} was not connected: {why}")
        self.made[flow.connection_id] = role
        self.show.good(f"{role.owner}'s {role.title} is connected")

    # Syncing --------------------------------------------------------------------------------------------------------------

    def sync(self) -> Synced:
        """Sync everything side by side; answer the banks that ask, and sync those again."""
        began = monotonic()
        with SyncProgress(self.show.terminal, self.bank.connections()) as progress:
            first = self.bank.sync(on_event=progress.show)
        parked = [one.flow for one in first.needs_user if one.flow is not None]
        for flow in parked:
            self._answer(flow)
        later = tuple(self._go_on(flow) for flow in parked)
        synced = Synced((first, *later), monotonic() - began)
        self.show.report(synced.reports)
        return synced

    def _answer(self, flow: Flow) -> None:
        role = self.made[flow.connection_id]
        if not isinstance(flow.interaction, Challenge):
            raise DemoStopped(f"{role.title} asks for something that the demo does not know")
        self.show.tell(f"{role.title} parks the sync of {role.owner} and asks: {flow.interaction.message!r}")
        knows = person_of(role, self.described).types
        for one in flow.interaction.fields:
            self.show.aside(f"{one.label} {'*' * len(knows[one.label])}")
        self.bank.answer(flow.id, {one.name: knows[one.label] for one in flow.interaction.fields})

    def _go_on(self, flow: Flow) -> SyncReport:
        """Wait until the bank has taken the answer, and sync this one connection again."""
        role = self.made[flow.connection_id]
        with self.show.terminal.busy(f"   waiting for {role.owner}'s {role.title}"):
            self.bank.wait(flow.id, seconds=60)
        return self.bank.sync(connection_id=flow.connection_id)

    # The world moves on -----------------------------------------------------------------------------------------------------

    def pay(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Have one payment happen at each provider; returns them with their adapters."""
        return [(adapter, self._pay(adapter)) for adapter in ("kontist", "kontomatik", "basiq")]

    def _pay(self, adapter: str) -> Mapping[str, Any]:
        connection_id = next(id_ for id_, role in self.made.items() if role.adapter == adapter)
        account = _current_account(self._true_accounts(connection_id))
        what = _PAYMENTS[adapter]
        paid = self.world.pay(account["account"], what.amount, what.text, **what.more)
        role = self.made[connection_id]
        self.show.tell(
            f"{role.owner}, {role.title}: {paid['amount']} {paid['currency']}, {paid['status']}, {paid['text']!r}"
        )
        return paid

    def check_arrivals(self, since: int, paid: Sequence[tuple[str, Mapping[str, Any]]]) -> list[str]:
        """Compare the stream of changes after a cursor with what was paid: exactly that, and nothing else."""
        expected = Counter(("added", *true_row(row, adapter)) for adapter, row in paid)
        arrived = Counter((one.kind.value, *row_of(one.transaction)) for one in self.bank.changes(since))
        if arrived == expected:
            return []
        return [f"expected changes {list(expected)}, found {list(arrived)}"]

    def cursor(self) -> int:
        """Where the stream of changes ends now."""
        return max((one.cursor for one in self.bank.changes()), default=0)

    # The truth --------------------------------------------------------------------------------------------------------

    def compare(self) -> Comparison:
        held = [self._held(one) for one in self.bank.connections()]
        return compare(self.bank, held)

    def _held(self, connection: Connection) -> Held:
        # Basiq hands out so many days of history, counted back from the connecting
        basiq_days: int = self.described["basiq"]["switches"]["retrieval_days"]["value"]
        days = basiq_days if connection.adapter == "basiq" else None
        return Held(connection, tuple(self._true_accounts(connection.id)), days)

    def _true_accounts(self, connection_id: str) -> list[Mapping[str, Any]]:
        """The accounts that the person of a connection has at its bank."""
        role = self.made[connection_id]
        bank = next(one for one in self.described[role.adapter]["people"] if one["institution"] == role.bank)
        target = bank.get("target", role.bank if role.adapter == "basiq" else role.adapter)
        return [
            account
            for account in self.world.accounts()
            if account["provider"] == role.adapter
            and account["institution"] == target
            and account["holder"] == role.username
        ]


@dataclass(frozen=True)
class _Payment:
    amount: str
    text: str
    more: Mapping[str, object]


# Kontist shows a card payment before it is booked; Kontomatik's banks show booked rows only.
_PAYMENTS = {
    "kontist": _Payment(
        "-23.80", "BUCHHANDLUNG//BERLIN/DE", {"kind": "card", "pending": True, "counterparty": "Buchhandlung"}
    ),
    "kontomatik": _Payment("125.50", "Zwrot za bilety", {"counterparty": "Małgorzata O'Connor"}),
    "basiq": _Payment("-64.05", "DINNER NEWTOWN NS AUS", {"kind": "card"}),
}


def _current_account(accounts: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return next(account for account in accounts if account["kind"] == "current")


def total(synced: Synced) -> str:
    counts = synced.counts
    return f"{counts.added} added, {counts.modified} modified, {counts.removed} removed in {synced.seconds:.1f} s"


def is_quiet(synced: Synced) -> bool:
    return synced.counts == Counts()
