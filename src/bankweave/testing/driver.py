"""Drives bankweave over one store, everything anew for every step: what is not in the store does not survive."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

import anyio

from bankweave.blocking import Bankweave
from bankweave.client import Answers, AsyncBankweave
from bankweave.config import Config
from bankweave.engine.report import ConnectionReport, DisconnectReport, Outcome, SyncReport
from bankweave.engine.sync import OnEvent
from bankweave.flow import Challenge, Flow, Redirect
from bankweave.model import Account, Balance, Change, Connection, Transaction
from bankweave.testing.comparison import differences
from bankweave.testing.rig import Rig
from bankweave.testing.wire import Wire
from bankweave.vault import generate_key

Surface: TypeAlias = Literal["async", "sync"]
MOST_TURNS = 20  # interactions of one flow, and syncs in a row, before the kit gives up


@dataclass(frozen=True, kw_only=True)
class Driver:
    """The steps of a program, each in a bankweave of its own, over one of the two surfaces."""

    rig: Rig
    store: Path
    surface: Surface = "async"
    wire: Wire = field(default_factory=Wire)
    key: str = field(default_factory=generate_key, repr=False)
    settings: dict[str, Any] = field(default_factory=dict, repr=False)  # laid over those of the rig

    def fork(self, name: str) -> Driver:
        """The same, over a copy of the store as it is now."""
        copy = self.store.with_name(f"{name}.db")
        for part in ("", "-wal", "-shm"):
            if (source := self.store.with_name(self.store.name + part)).exists():
                shutil.copy(source, copy.with_name(copy.name + part))
        return replace(self, store=copy, wire=Wire(self.wire.make))

    # Single steps -----------------------------------------------------------------------------------------------------

    def connect(self) -> Flow:
        rig = self.rig
        name = rig.adapter.info.name
        options = {"redirect_uri": rig.redirect_uri, "institution": rig.institution, "options": rig.options}
        flow: Flow = self._do("connect", name, owner=rig.owner, **options)
        return flow

    def resume(self, callback_url: str) -> Flow:
        flow: Flow = self._do("resume", callback_url)
        return flow

    def answer(self, flow: Flow, answers: Answers) -> Flow:
        moved: Flow = self._do("answer", flow.id, answers)
        return moved

    def wait(self, flow: Flow) -> Flow:
        moved: Flow = self._do("wait", flow.id)
        return moved

    def cancel(self, flow: Flow) -> Flow:
        moved: Flow = self._do("cancel", flow.id)
        return moved

    def flows(self) -> tuple[Flow, ...]:
        found: tuple[Flow, ...] = self._do("flows")
        return found

    def connections(self) -> tuple[Connection, ...]:
        found: tuple[Connection, ...] = self._do("connections")
        return found

    def accounts(self) -> tuple[Account, ...]:
        found: tuple[Account, ...] = self._do("accounts")
        return found

    def balances(self, account: Account) -> tuple[Balance, ...]:
        found: tuple[Balance, ...] = self._do("balances", account.id)
        return found

    def transactions(self, **scope: Any) -> list[Transaction]:
        found: list[Transaction] = self._do("transactions", **scope)
        return found

    def changes(self, since: int = 0) -> list[Change]:
        found: list[Change] = self._do("changes", since)
        return found

    def sync(self, *, full: bool = False, on_event: OnEvent | None = None) -> SyncReport:
        report: SyncReport = self._do("sync", full=full, on_event=on_event)
        return report

    def disconnect(self, connection_id: str) -> DisconnectReport:
        report: DisconnectReport = self._do("disconnect", connection_id)
        return report

    # Whole ways -------------------------------------------------------------------------------------------------------

    def signed_in(self) -> Flow:
        """Begin to connect and send the person to the bank and back; what comes after is left to the caller."""
        flow = self.connect()
        if not isinstance(flow.interaction, Redirect):
            return flow
        back = self.rig.person.sign_in(flow)
        return self.wait(flow) if back is None else self.resume(back)

    def connected(self) -> Flow:
        """Connect, with everything answered rightly."""
        return self.complete(self.signed_in())

    def complete(self, flow: Flow) -> Flow:
        """Answer whatever a flow asks, and wait where it waits, until it is over."""
        for _ in range(MOST_TURNS):
            if flow.over:
                return flow
            match flow.interaction:
                case Challenge() as challenge:
                    flow = self.answer(flow, self.rig.person.answer(challenge))
                case _:
                    flow = self.wait(flow)
        raise AssertionError(f"the flow did not come to an end in {MOST_TURNS} turns; it is {flow.status.value}")

    def synced(self, *, full: bool = False) -> SyncReport:
        """Sync, and go on when the person was asked or the provider took its time."""
        for _ in range(MOST_TURNS):
            report = self.sync(full=full)
            parked = [one.flow for one in report.connections if _goes_on(one) and one.flow is not None]
            if not parked:
                return report
            for flow in parked:
                self.complete(flow)
        raise AssertionError(f"the sync did not come to an end in {MOST_TURNS} turns")

    def rest(self) -> None:
        """Let as much time pass as the provider wants between two syncs."""
        anyio.run(self.rig.clock.sleep, self.rig.pause.total_seconds())

    def differences(self) -> list[str]:
        """How what is stored differs from what is true; empty when it does not."""
        stored = [(account, self.transactions(account_id=account.id)) for account in self.accounts()]
        return differences(self.rig.truth(), stored)

    # Within -----------------------------------------------------------------------------------------------------------

    def _do(self, method: str, *args: Any, **kwargs: Any) -> Any:
        if self.surface == "async":
            return anyio.run(lambda: self._do_async(method, *args, **kwargs))
        with Bankweave(**self._parts()) as bank:
            found = getattr(bank, method)(*args, **kwargs)
            return list(found) if isinstance(found, Iterator) else found

    async def _do_async(self, method: str, *args: Any, **kwargs: Any) -> Any:
        async with AsyncBankweave(**self._parts()) as bank:
            found = getattr(bank, method)(*args, **kwargs)
            return [row async for row in found] if isinstance(found, AsyncIterator) else await found

    def _parts(self) -> dict[str, Any]:
        name = self.rig.adapter.info.name
        config = Config(store=self.store, vault_keys=self.key, adapters={name: {**self.rig.settings, **self.settings}})
        transport = self.wire.transport()
        return {"config": config, "adapters": [self.rig.adapter], "clock": self.rig.clock, "transport": transport}


def _goes_on(report: ConnectionReport) -> bool:
    return report.outcome in {Outcome.NEEDS_USER, Outcome.WAITING} and report.flow is not None and not report.flow.over
