"""Ways to renew and to connect, walked through the sandbox's pages to their end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rigs import basiq_rig
from sandboxed import Control, SandboxClock, clock, control, control_origin, running_sandbox, sandbox

from bankweave import Bankweave, Flow, FlowStatus
from bankweave.config import Config
from bankweave.testing import Rig
from bankweave.vault import generate_key
from bankweave_basiq.blocking import BasiqClient

__all__ = ["clock", "control", "control_origin", "running_sandbox", "sandbox"]

WORDS = ("Extend", "I consent", "Continue", "Sign in", "Share", "Return to the application")
EMAIL = {"email": "anna@mail.example"}


@pytest.fixture
def institution() -> str:
    return "AU00002"


@pytest.fixture
def rig(control: Control, institution: str) -> Rig:
    return basiq_rig(control, "ashMann", institution, days=20)


@pytest.fixture
def bank(rig: Rig, clock: SandboxClock, tmp_path: Path) -> Iterator[Bankweave]:
    config = Config(store=tmp_path / "bank.db", vault_keys=generate_key(), adapters={"basiq": dict(rig.settings)})
    with Bankweave(config=config, clock=clock) as bank:
        yield bank


def walked(bank: Bankweave, rig: Rig, flow: Flow) -> Flow:
    """Lead the person through the pages of a flow, as often as it sends them there."""
    person: Any = rig.person
    while flow.asks:
        flow = bank.resume(person.walk(flow, WORDS))
        flow = bank.wait(flow.id) if flow.waits else flow
    return flow


@pytest.fixture
def connection(bank: Bankweave, rig: Rig) -> str:
    flow = walked(bank, rig, bank.connect("basiq", owner="anna", options=EMAIL))
    assert flow.status is FlowStatus.CONNECTED
    assert bank.sync().counts.added > 0
    return flow.connection_id


def accounts(bank: Bankweave) -> set[tuple[str, str]]:
    return {(account.id, account.provider_id) for account in bank.accounts()}


def consent(bank: Bankweave) -> str | None:
    (found,) = bank.connections()
    return found.consent.provider_id if found.consent else None


def test_extending_keeps_the_accounts_and_the_consent(bank: Bankweave, rig: Rig, connection: str) -> None:
    before, agreed = accounts(bank), consent(bank)
    (old,) = bank.connections()
    rig.clock.sandbox.run(rig.clock.sandbox.clock.advance, timedelta(days=3))  # type: ignore[attr-defined]  # this rig's
    flow = walked(bank, rig, bank.renew(connection, options={"action": "extend"}))
    assert flow.status is FlowStatus.CONNECTED
    assert (accounts(bank), consent(bank)) == (before, agreed)
    (new,) = bank.connections()
    assert old.consent is not None
    assert new.consent is not None
    assert old.consent.valid_until is not None
    assert new.consent.valid_until is not None
    assert new.consent.valid_until > old.consent.valid_until


def test_unchanged_policy_makes_an_update_an_extension(bank: Bankweave, rig: Rig, connection: str) -> None:
    before, agreed = accounts(bank), consent(bank)
    rig.clock.sandbox.run(rig.clock.sandbox.clock.advance, timedelta(days=3))  # type: ignore[attr-defined]  # as above
    assert walked(bank, rig, bank.renew(connection, options={"action": "update"})).status is FlowStatus.CONNECTED
    assert (accounts(bank), consent(bank)) == (before, agreed)


def test_changed_policy_replaces_the_consent_and_connects_the_bank_again(
    bank: Bankweave, rig: Rig, connection: str, control: Control
) -> None:
    before, agreed = {id_ for id_, _ in accounts(bank)}, consent(bank)
    rows = {row.id for row in bank.transactions()}
    control.switch("basiq", policy_version=2)
    (outdated,) = bank.client(connection, BasiqClient).consents.list()
    assert outdated.is_outdated
    flow = walked(bank, rig, bank.renew(connection, options={"action": "update"}))
    assert flow.status is FlowStatus.CONNECTED
    assert consent(bank) not in {agreed, None}, "which says that the old consent was replaced"
    report = bank.sync()
    assert [one.outcome.value for one in report.connections] == ["synced"]
    assert {id_ for id_, _ in accounts(bank)} == before, "the accounts are what they were"
    assert rows <= {row.id for row in bank.transactions()}
    (_, active) = sorted(bank.client(connection, BasiqClient).consents.list(), key=lambda each: each.is_active)
    assert active.is_active
    assert not active.is_outdated


@pytest.mark.parametrize("institution", ["AU00004"])
def test_reauthorising_open_banking_keeps_the_accounts(bank: Bankweave, rig: Rig, connection: str) -> None:
    before = accounts(bank)
    (theirs,) = bank.client(connection, BasiqClient).connections.list()
    assert theirs.is_open_banking
    assert theirs.expiry_date is not None
    left = theirs.expiry_date - bank.client(connection, BasiqClient).connections.list()[0].created_date  # type: ignore[operator]  # it has one
    rig.clock.sandbox.run(rig.clock.sandbox.clock.advance, left - timedelta(days=5))  # type: ignore[attr-defined]  # as above
    flow = walked(bank, rig, bank.renew(connection))
    assert flow.status is FlowStatus.CONNECTED
    assert accounts(bank) == before


def test_link_that_was_sent_connects_the_bank(bank: Bankweave, rig: Rig, control: Control, clock: SandboxClock) -> None:
    options = {**EMAIL, "mobile": "+61410888666", "via": "auth_link"}
    flow = bank.connect("basiq", owner="anna", options=options)
    (sent,) = control.client.get("/basiq/auth-links").json()
    person: Any = rig.person
    by_mail = replace(person, knows={**person.knows, "code": sent["code"]})
    by_mail.walk(flow, WORDS)
    for _ in range(20):
        clock.sandbox.run(clock.sandbox.clock.advance, timedelta(minutes=5))
        looked_at = bank.sweep(adapter="basiq")
        if looked_at and looked_at[0].over:
            break
    assert bank.flow(flow.id).status is FlowStatus.CONNECTED
    assert bank.sync().counts.added > 0
