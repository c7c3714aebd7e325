"""What a person may ask for, and what a webhook leaves behind."""

from __future__ import annotations

import inspect
import json
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from banks import KEY, OWNER, connected, weave
from clocks import StillClock
from ledger import booked

from bankweave import AsyncBankweave, Bankweave, Config, ConsentStatus, ErasureReport, Outcome
from bankweave.errors import ProviderUnavailable, UnknownConnection, Unsupported
from bankweave.governance import AsyncGovernance, Governance
from bankweave.testing import EchoBank

pytestmark = pytest.mark.anyio


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


async def test_the_history_of_consents_tells_when_each_was_replaced(store: Path) -> None:
    clock = StillClock()
    async with weave(store, EchoBank(accounts={"giro": []}), clock=clock) as one:
        flow = await connected(one)
        began = clock.instant
        clock.instant += timedelta(days=30)
        renewal = await one.renew(flow.connection_id, redirect_uri="https://app.example/callback")
        await one.resume(_back(renewal))
        first, second = await one.governance.consents(owner=OWNER)
        assert await one.governance.consents(owner="somebody else") == ()

    assert (first.since, first.until, second.since, second.until) == (began, clock.instant, clock.instant, None)
    assert first.consent.status is ConsentStatus.VALID
    assert first.consent.valid_until != second.consent.valid_until


async def test_every_access_is_logged_with_its_program_and_its_consent(store: Path) -> None:
    bank = EchoBank(accounts={"giro": [booked(provider_id="1"), booked("-1", provider_id="2")]}, pays=True)
    async with AsyncBankweave(
        config=Config(store=store, vault_keys=KEY), adapters=[bank.adapter()], clock=StillClock(), actor="nightly"
    ) as one:
        flow = await connected(one)
        await one.sync()
        (account,) = await one.accounts()
        await one.cards(account.id)
        log = await one.governance.accesses(flow.connection_id)
        (consent,) = await one.governance.consents()

    assert [(entry.what, entry.rows) for entry in log] == [("accounts", 1), ("transactions", 2), ("cards", None)]
    assert {(entry.actor, entry.consent_number) for entry in log} == {("nightly", consent.number)}
    assert log[1].account_id == account.id


async def test_an_export_holds_all_that_is_stored_and_nothing_secret(store: Path) -> None:
    bank = EchoBank(accounts={"giro": [booked(provider_id="1")]})
    async with weave(store, bank) as one:
        await connected(one)
        await one.sync()
        records = [record async for record in one.governance.export(OWNER)]
        assert [record async for record in one.governance.export("somebody else")] == []

    text = json.dumps(records)
    kinds = {record["kind"] for record in records}
    assert kinds == {"consent", "connection", "access", "account", "balance", "transaction", "flow"}
    assert [record["amount"] for record in records if record["kind"] == "transaction"] == ["-4.20"]
    assert "token-1" not in text


async def test_an_erased_person_leaves_nothing(store: Path) -> None:
    bank = EchoBank(accounts={"giro": [booked(provider_id="1", remittance_information=("SECRET-TEXT",))]})
    async with weave(store, bank) as one:
        await connected(one)
        await one.sync()
        await one.connect("echo", owner=OWNER, redirect_uri="https://app.example/callback")  # never finished
        report = await one.governance.erase(OWNER)
        assert [ended.revoked for ended in report.connections] == [True]
        assert await one.governance.erase(OWNER) == ErasureReport(owner=OWNER)
        with pytest.raises(UnknownConnection, match="empty id"):
            await one.governance.erase("")
        assert (await one.connections(), await one.flows()) == ((), ())
    assert b"SECRET-TEXT" not in await anyio.Path(store).read_bytes()
    assert OWNER.encode() not in await anyio.Path(store).read_bytes()


async def test_a_provider_that_keeps_something_of_a_person_is_told_to_forget_it(store: Path) -> None:
    bank = EchoBank(accounts={"giro": []})
    async with weave(store, bank) as one:
        await connected(one)
        await one.connect("echo", owner="ben", redirect_uri="https://app.example/callback")  # has no connection
        assert (await one.governance.erase(OWNER)).failures == ()
        assert (await one.governance.erase("ben")).failures == ()
    ends = [call for call in bank.calls if call.startswith(("revoke", "forget"))]
    assert ends == ["revoke", f"forget {OWNER}", "forget ben"]


async def test_a_person_is_erased_whatever_the_provider_says_and_that_is_told(store: Path) -> None:
    bank = EchoBank(accounts={"giro": []})
    async with weave(store, bank) as one:
        await connected(one)
        bank.open_failure = ProviderUnavailable("down")
        report = await one.governance.erase(OWNER)
        assert (await one.connections(), await one.flows()) == ((), ())
    assert [failure.kind for failure in report.failures] == ["ProviderUnavailable", "ProviderUnavailable"]
    assert list(report.kept) == ["echo"]


async def test_what_is_marked_is_synced_by_whoever_looks_next(store: Path) -> None:
    bank, clock = EchoBank(accounts={"giro": []}), StillClock()
    async with weave(store, bank, clock=clock) as one:
        first, second = await connected(one), await connected(one)
        await one.sync()
        await one.mark_due(second.connection_id)
        await one.mark_due("nobody's")

    async with weave(store, bank, clock=clock) as other:
        report = await other.sync(due=True)
        assert [one.connection_id for one in report.connections] == [second.connection_id]
        assert (await other.sync(due=True)).connections == ()
        assert first.connection_id not in {one.connection_id for one in report.connections}


async def test_a_mark_stays_when_the_bank_is_down(store: Path) -> None:
    bank = EchoBank(accounts={"giro": []})
    async with weave(store, bank) as one:
        flow = await connected(one)
        await one.mark_due(flow.connection_id)
        bank.open_failure = RuntimeError("down")
        assert [c.outcome for c in (await one.sync(due=True)).connections] == [Outcome.FAILED]
        bank.open_failure = None
        assert [c.outcome for c in (await one.sync(due=True)).connections] == [Outcome.SYNCED]
        assert (await one.sync(due=True)).connections == ()


async def test_a_client_without_a_connection_is_for_those_who_have_one(store: Path) -> None:
    async with weave(store, EchoBank()) as one:
        with pytest.raises(Unsupported, match="Echo has no client"):
            await one.client_of("echo", EchoBank)


def test_both_surfaces_have_the_same_methods(store: Path) -> None:
    def methods(kind: type) -> dict[str, list[str]]:
        public = {name: each for name, each in vars(kind).items() if not name.startswith("_") and callable(each)}
        return {name: list(inspect.signature(each).parameters) for name, each in public.items()}

    assert methods(Governance) == methods(AsyncGovernance)
    bank = EchoBank(accounts={"giro": []})
    with Bankweave(config=Config(store=store, vault_keys=KEY), adapters=[bank.adapter()]) as one:
        flow = one.connect("echo", owner=OWNER, redirect_uri="https://app.example/callback")
        one.resume(_back(flow))
        assert [record["kind"] for record in one.governance.export(OWNER)] == ["consent", "connection", "flow"]
        assert len(one.governance.erase(OWNER).connections) == 1


def _back(flow: object) -> str:
    url: str = flow.interaction.url  # type: ignore[attr-defined]  # a redirect
    return f"https://app.example/callback?{url.split('?')[1]}"
