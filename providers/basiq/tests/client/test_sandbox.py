"""The client against the sandbox's Basiq, over loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import anyio.to_thread
import pytest
from rigs import BasiqCustomer, basiq_rig
from sandboxed import Control, SandboxClock, clock, control, control_origin, running_sandbox, sandbox

from bankweave import AsyncBankweave, Bankweave
from bankweave.config import Config
from bankweave.errors import ProviderRefused, UnknownConnection
from bankweave.flow import FlowStatus
from bankweave.testing import Rig
from bankweave.vault import generate_key
from bankweave_basiq.blocking import BasiqClient
from bankweave_basiq.client import AsyncBasiqClient, JobState

__all__ = ["clock", "control", "control_origin", "running_sandbox", "sandbox"]

pytestmark = pytest.mark.anyio


@pytest.fixture
def rig(control: Control) -> Rig:
    return basiq_rig(control, "jared", days=40)


@pytest.fixture
def config(rig: Rig, tmp_path: Path) -> Config:
    return Config(store=tmp_path / "bank.db", vault_keys=generate_key(), adapters={"basiq": dict(rig.settings)})


@pytest.fixture
async def bank(config: Config, clock: SandboxClock) -> AsyncIterator[AsyncBankweave]:
    async with AsyncBankweave(config=config, clock=clock) as bank:
        yield bank


@pytest.fixture
async def connection(bank: AsyncBankweave, rig: Rig) -> str:
    flow = await bank.connect("basiq", owner="anna", options={"email": "anna@mail.example"})
    back = await anyio.to_thread.run_sync(rig.person.sign_in, flow)
    assert back is not None
    flow = await bank.resume(back)
    flow = await bank.wait(flow.id)
    assert flow.status is FlowStatus.CONNECTED
    return flow.connection_id


@pytest.fixture
async def basiq(bank: AsyncBankweave, connection: str) -> AsyncBasiqClient:
    return await bank.client(connection, AsyncBasiqClient)


async def test_everything_of_a_person_can_be_read(basiq: AsyncBasiqClient) -> None:
    user = await basiq.users.get()
    assert (user.id, user.email) == (await basiq.users.id(), "anna@mail.example")
    (one,) = await basiq.connections.list(status="active")
    assert one.is_usable
    assert (await basiq.connections.get(one.id)).accounts is not None
    (agreed,) = await basiq.consents.list()
    assert agreed.is_active
    assert agreed.policy is not None
    assert agreed.data is not None
    accounts = await basiq.accounts.list(connection=one.id)
    assert {account.connection for account in accounts} == {one.id}
    assert (await basiq.accounts.get(accounts[0].id)).balance == accounts[0].balance
    (identity,) = await basiq.identities.list()
    assert identity.connection == one.id
    assert (await basiq.users.update({"first_name": "Anna"})).first_name == "Anna"


async def test_rows_read_side_by_side_are_the_rows_read_in_order(basiq: AsyncBasiqClient, clock: SandboxClock) -> None:
    account = (await basiq.accounts.list())[0].id
    until = clock.now().date()
    since = until - timedelta(days=60)
    posted = basiq.transactions.list(account=account, status="posted", since=since, until=until)
    in_order = {row.id async for row in posted}
    found = await basiq.transactions.backfill(since, until, account=account, windows=5)
    assert {row.id for row in found} == in_order
    assert in_order
    assert (await basiq.transactions.get(found[0].id)).amount == found[0].amount


async def test_bank_that_asks_is_refreshed_with_its_answer(basiq: AsyncBasiqClient, rig: Rig) -> None:
    (one,) = await basiq.connections.list()
    job = await basiq.connections.refresh(one.id)
    asking = await basiq.jobs.wait(job)
    assert asking.state is JobState.ASKING
    assert await basiq.connections.refresh(one.id) == job, "while one runs, there is no second"
    assert isinstance(rig.person, BasiqCustomer)
    await basiq.jobs.answer(job, list(rig.person.right))
    assert (await basiq.jobs.wait(job)).state is JobState.SUCCEEDED
    assert job in [each.id for each in await basiq.jobs.list(connection=one.id)]


async def test_directory_is_searched(basiq: AsyncBasiqClient) -> None:
    found = await basiq.institutions.search("hooli", country="AU")
    assert "AU00000" in {bank.id for bank in found}
    assert all(bank.logo_url and bank.institution for bank in found)
    assert await basiq.institutions.search("hooli", country="NZ") == ()
    assert (await basiq.institutions.get("AU00000", found[0].method or "web")).id == "AU00000"


async def test_link_for_a_person_lives_until_it_is_deleted(basiq: AsyncBasiqClient) -> None:
    made = await basiq.auth_links.create("+61410888666")
    assert (await basiq.auth_links.get()).url == made.url
    await basiq.auth_links.delete()
    with pytest.raises(ProviderRefused):
        await basiq.auth_links.get()


async def test_revoked_consent_takes_the_connections_along(
    basiq: AsyncBasiqClient, bank: AsyncBankweave, connection: str
) -> None:
    (agreed,) = await basiq.consents.list()
    await basiq.consents.delete(agreed.id)
    assert not (await basiq.consents.get(agreed.id)).is_active
    assert await basiq.connections.list(status="active") == ()
    report = await bank.sync(connection_id=connection)
    assert report.connections[0].outcome.value == "needs_user"


async def test_deleted_user_is_gone(basiq: AsyncBasiqClient) -> None:
    await basiq.users.delete()
    with pytest.raises(UnknownConnection, match="make one with"):
        await basiq.users.get()


async def test_purged_and_deleted_connection_is_gone(basiq: AsyncBasiqClient) -> None:
    (one,) = await basiq.connections.list()
    await basiq.connections.purge(one.id)
    await basiq.connections.delete(one.id)
    assert await basiq.connections.list() == ()


def test_program_without_a_loop_has_the_same(config: Config, clock: SandboxClock, rig: Rig) -> None:
    with Bankweave(config=config, clock=clock) as bank:
        flow = bank.connect("basiq", owner="anna", options={"email": "anna@mail.example"})
        flow = bank.wait(bank.resume(rig.person.sign_in(flow) or "").id)
        basiq = bank.client(flow.connection_id, BasiqClient)
        assert [each.is_usable for each in basiq.connections.list()] == [True]
        assert next(iter(basiq.transactions.list())).id


async def test_mailed_link_is_open_for_days(bank: AsyncBankweave, clock: SandboxClock) -> None:
    options = {"email": "ben@mail.example", "mobile": "+61410888666", "via": "auth_link"}
    flow = await bank.connect("basiq", owner="ben", options=options)
    assert flow.asks
    assert flow.expires_at is not None
    assert flow.expires_at > clock.now() + timedelta(days=6)
    await clock.sleep(60)
    (looked_at,) = await bank.sweep(adapter="basiq")
    assert looked_at.asks


async def test_events_tell_once_what_happened(basiq: AsyncBasiqClient) -> None:
    first = await basiq.events.unread()
    assert {"connection.created", "consent.created"} <= {event.kind for event in first.events}
    assert first.gap is None
    await basiq.events.mark_read(first)
    (agreed,) = await basiq.consents.list()
    await basiq.consents.delete(agreed.id)
    then = await basiq.events.unread()
    assert "consent.revoked" in {event.kind for event in then.events}
    assert not {event.id for event in then.events} & {event.id for event in first.events}
    assert (await basiq.events.get(then.events[0].id)).id == then.events[0].id
    assert "consent.revoked" in {kind.id for kind in await basiq.events.types()}
    revoked = await basiq.events.list(entity="consent", event_type="revoked", everybody=True)
    assert [event.kind for event in revoked] == ["consent.revoked"]


async def test_webhook_is_made_changed_and_deleted(basiq: AsyncBasiqClient) -> None:
    made = await basiq.webhooks.create("https://app.example/basiq", ["consent.revoked"], name="Mine")
    assert made.secret is not None
    assert made.secret not in repr(made)
    assert [each.id for each in await basiq.webhooks.list()] == [made.id]
    with pytest.raises(ProviderRefused):
        await basiq.webhooks.create("https://app.example/other", ["consent.revoked"])
    changed = await basiq.webhooks.update(made.id, "https://app.example/new", ["user.deleted"])
    assert (changed.url, changed.subscribed_events) == ("https://app.example/new", ("user.deleted",))
    assert (await basiq.webhooks.get(made.id)).secret is None
    await basiq.webhooks.delete(made.id)
    assert await basiq.webhooks.list() == ()


async def test_what_basiq_computes_is_read(basiq: AsyncBasiqClient) -> None:
    accounts = [account.id for account in await basiq.accounts.list()]
    afford = await basiq.affordability.create(accounts=accounts)
    assert afford is not None
    assert afford.summary is not None
    assert afford.summary.net_position is not None
    assert (await basiq.affordability.get(afford.id)).summary == afford.summary
    assert afford.id in [each.id for each in await basiq.affordability.list()]
    counted = [row.id async for row in basiq.affordability.transactions(afford.id)]
    assert counted
    assert (await basiq.affordability.pdf(afford.id)).startswith(b"%PDF")
    table = await basiq.affordability.transactions_csv(afford.id)
    assert len(table.splitlines()) == 1 + len(counted)
    income, expenses = await basiq.income.create(), await basiq.expenses.create()
    assert income is not None
    assert expenses is not None
    assert b"payments" in await basiq.expenses.csv(expenses.id)
    assert (await basiq.income.get(income.id)).id == income.id
    assert (await basiq.expenses.get(expenses.id)).payments == expenses.payments


async def test_report_is_made_read_and_deleted(basiq: AsyncBasiqClient) -> None:
    (kind, *_) = await basiq.reports.types()
    about: dict[str, str | list[str]] = {"fromDate": "2026-05-01", "toDate": "2026-11-18"}
    about["users"] = [await basiq.users.id()]
    about["accounts"] = [account.id for account in await basiq.accounts.list()]
    job = await basiq.reports.create(kind.id, "May", about)
    ended = await basiq.jobs.wait(job)
    assert ended.state is JobState.SUCCEEDED
    (report, *_) = await basiq.reports.list()
    assert (await basiq.reports.get(report.id)).title == "May"
    assert (await basiq.reports.pdf(report.id)).startswith(b"%PDF")
    assert [row async for row in basiq.reports.transactions(report.id)]
    await basiq.reports.delete(report.id)
    assert await basiq.reports.list() == ()


async def test_text_of_a_transaction_is_looked_up(basiq: AsyncBasiqClient) -> None:
    assert (await basiq.enrich.lookup("WOMBAT FUEL 88 PARRAMATTA NS AUS", "AU00000")).data is not None


async def test_statement_is_uploaded(basiq: AsyncBasiqClient) -> None:
    job = await basiq.statements.upload("AU00004", "may.csv", b"date,description,amount\n2026-05-01,Coffee,-4.50\n")
    assert (await basiq.jobs.wait(job)).state in {JobState.SUCCEEDED, JobState.FAILED}
    with pytest.raises(ProviderRefused):
        await basiq.statements.upload("AU00000", "may.csv", b"date,description,amount\n")
