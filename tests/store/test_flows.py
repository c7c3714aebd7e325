"""Contract of a store: flows, connections, grants, secrets and leases."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bankweave.errors import Failure, ProviderUnavailable, StoreError
from bankweave.flow import FlowStatus, Purpose
from bankweave.model import Consent, ConsentStatus
from bankweave.store.base import Scope, SealedGrant, Store

if TYPE_CHECKING:
    from tests.store.conftest import Clock, Given

pytestmark = pytest.mark.anyio


async def test_a_flow_comes_back_as_it_was_saved(store: Store, given: Given, clock: Clock) -> None:
    flow = given.flow(
        purpose=Purpose.RENEW,
        lease_until=clock.at,
        correlation="a1b2",
        poll_at=clock.at + timedelta(microseconds=1),
        expires_at=clock.at + timedelta(days=1),
        failure=Failure(
            kind="ProviderUnavailable",
            message="down",
            code="unavailable",
            provider_code="E1",
            needs_user=True,
            retry_at=clock.at,
            correlation_id="exchange",
        ),
        sealed=b"\x00\xff",
    )
    await given.connection()
    await store.add_flow(flow)
    assert all(getattr(flow.failure, field.name) for field in fields(Failure) if field.name != "error")
    assert await store.flow(flow.id) == flow


async def test_a_stored_failure_has_no_exception(store: Store, given: Given) -> None:
    failure = Failure.of(ProviderUnavailable("down"))
    await store.add_flow(given.flow(failure=failure))
    found = await store.flow("f-1")
    assert found is not None
    assert found.failure is not None
    assert (found.failure, found.failure.error) == (failure, None)


async def test_an_unknown_flow_is_none(store: Store) -> None:
    assert await store.flow("nowhere") is None
    assert await store.flow_by_correlation("nowhere") is None


async def test_a_flow_is_added_once(store: Store, given: Given) -> None:
    await store.add_flow(given.flow())
    with pytest.raises(StoreError):
        await store.add_flow(given.flow())


async def test_saving_a_flow_needs_the_version_before(store: Store, given: Given) -> None:
    await store.add_flow(given.flow())
    first = given.flow(version=1, status=FlowStatus.ASKING)
    second = given.flow(version=1, status=FlowStatus.FAILED)
    assert await store.save_flow(first)
    assert not await store.save_flow(second)
    assert await store.flow("f-1") == first


async def test_saving_a_flow_that_is_not_there_does_nothing(store: Store, given: Given) -> None:
    assert not await store.save_flow(given.flow(version=1))
    assert await store.flow("f-1") is None


async def test_a_correlation_finds_the_newest_flow(store: Store, given: Given, clock: Clock) -> None:
    await store.add_flow(given.flow("new", correlation="key", created_at=clock.forward(seconds=1)))
    await store.add_flow(given.flow("old", correlation="key"))
    found = await store.flow_by_correlation("key")
    assert found is not None
    assert found.id == "new"


async def test_flows_are_listed_oldest_first_by_scope_and_status(store: Store, given: Given, clock: Clock) -> None:
    await store.add_flow(given.flow("later", created_at=clock.forward(seconds=1), status=FlowStatus.ASKING))
    await store.add_flow(given.flow("first"))
    await store.add_flow(given.flow("other", owner="ben", connection_id="c-2", adapter="basiq"))
    assert [flow.id for flow in await store.flows(Scope(owner="anna"))] == ["first", "later"]
    assert [flow.id for flow in await store.flows(Scope(), [FlowStatus.ASKING])] == ["later"]
    assert [flow.id for flow in await store.flows(Scope(connection_id="c-2"))] == ["other"]
    assert [flow.id for flow in await store.flows(Scope(adapter="basiq", owner="anna"))] == []
    assert list(await store.flows(Scope(), [])) == []


async def test_the_flows_of_an_account_are_those_of_its_connection(store: Store, given: Given) -> None:
    account_id = await given.account()
    await store.add_flow(given.flow("other", connection_id="c-2"))
    assert [flow.id for flow in await store.flows(Scope(account_id=account_id))] == ["flow-of-c-1"]


# Finishing ------------------------------------------------------------------------------------------------------------


async def test_finishing_a_flow_makes_a_connection_with_its_grant_and_data_to_pull(store: Store, given: Given) -> None:
    connection = await given.connection(grant=b"sealed grant")
    grant = await store.grant("c-1")
    assert await store.connection("c-1") == connection
    assert grant is not None
    assert grant.sealed == b"sealed grant"
    assert await store.unpulled_since("c-1") == connection.created_at


async def test_losing_the_race_to_finish_changes_neither_flow_nor_connection(store: Store, given: Given) -> None:
    await store.add_flow(given.flow())
    assert await store.save_flow(given.flow(version=1, status=FlowStatus.CANCELLED))
    done = given.flow(version=1, status=FlowStatus.CONNECTED)
    assert not await store.finish_flow(done, given.new_connection(), b"grant")
    found = await store.flow("f-1")
    assert found is not None
    assert found.status is FlowStatus.CANCELLED
    assert await store.connection("c-1") is None
    assert await store.grant("c-1") is None


async def test_renewing_keeps_what_the_new_answer_does_not_tell(store: Store, given: Given, clock: Clock) -> None:
    before = await given.connection()
    await store.mark_synced("c-1", clock.forward(hours=1))
    renewal = given.flow(purpose=Purpose.RENEW)
    await store.add_flow(renewal)
    told = given.new_connection(
        institution_id=None, institution_name="Kontist GmbH", consent=None, created_at=clock.forward(days=90)
    )
    assert await store.finish_flow(replace(renewal, version=1, status=FlowStatus.CONNECTED), told, b"new")
    assert await store.connection("c-1") == replace(
        before, institution_name="Kontist GmbH", synced_at=clock.at - timedelta(days=90)
    )
    assert await store.unpulled_since("c-1") == renewal.updated_at


async def test_renewing_raises_the_version_of_the_grant(store: Store, given: Given) -> None:
    connection = await given.connection()
    first = await store.grant("c-1")
    assert first is not None
    await store.add_flow(given.flow())
    assert await store.finish_flow(given.flow(version=1, status=FlowStatus.CONNECTED), connection, b"renewed")
    assert await store.grant("c-1") == SealedGrant(version=first.version + 1, sealed=b"renewed")


@pytest.mark.parametrize("thief", [{"owner": "mallory"}, {"adapter": "basiq"}])
async def test_a_flow_cannot_take_the_connection_of_another(store: Store, given: Given, thief: dict[str, str]) -> None:
    connection = await given.connection(grant=b"annas")
    await store.add_flow(given.flow(**thief))
    stolen = given.new_connection(**thief)
    with pytest.raises(StoreError):
        await store.finish_flow(given.flow(version=1, status=FlowStatus.CONNECTED, **thief), stolen, b"theirs")
    grant, flow = await store.grant("c-1"), await store.flow("f-1")
    assert await store.connection("c-1") == connection
    assert grant is not None
    assert flow is not None
    assert (grant.sealed, flow.version) == (b"annas", 0)


# Connections ----------------------------------------------------------------------------------------------------------


async def test_connections_are_listed_oldest_first_by_scope(store: Store, given: Given, clock: Clock) -> None:
    await given.connection("c-9")
    await given.connection("c-2", created_at=clock.forward(seconds=1), adapter="basiq")
    await given.connection("c-1", created_at=clock.forward(seconds=1), owner="ben")
    assert [c.id for c in await store.connections(Scope())] == ["c-9", "c-2", "c-1"]
    assert [c.id for c in await store.connections(Scope(owner="anna"))] == ["c-9", "c-2"]
    assert [c.id for c in await store.connections(Scope(owner="anna", adapter="basiq"))] == ["c-2"]
    assert [c.id for c in await store.connections(Scope(connection_id="c-1", owner="anna"))] == []


async def test_what_was_pulled_is_not_pulled_again(store: Store, given: Given) -> None:
    await given.connection()
    await store.mark_pulled("c-1")
    assert await store.unpulled_since("c-1") is None


async def test_a_complete_sync_is_remembered(store: Store, given: Given, clock: Clock) -> None:
    await given.connection()
    await store.mark_synced("c-1", clock.forward(hours=1))
    found = await store.connection("c-1")
    assert found is not None
    assert found.synced_at == clock.at


async def test_a_saved_consent_comes_back(store: Store, given: Given, clock: Clock) -> None:
    await given.connection()
    consent = Consent(
        status=ConsentStatus.EXPIRED,
        permissions=("balances",),
        valid_from=clock.at,
        valid_until=clock.at + timedelta(days=180),
        provider_id="äöü/1",
        recurring=False,
    )
    await store.save_consent("c-1", consent)
    found = await store.connection("c-1")
    assert found is not None
    assert found.consent == consent


async def test_what_is_told_about_an_unknown_connection_is_dropped(store: Store, clock: Clock) -> None:
    await store.mark_synced("nowhere", clock.at)
    await store.save_consent("nowhere", Consent(status=ConsentStatus.VALID))
    assert await store.connection("nowhere") is None
    assert await store.unpulled_since("nowhere") is None
    assert await store.grant("nowhere") is None


async def test_a_grant_is_written_against_the_version_before(store: Store, given: Given) -> None:
    await given.connection()
    grant = await store.grant("c-1")
    assert grant is not None
    newer = SealedGrant(version=grant.version + 1, sealed=b"refreshed")
    assert await store.save_grant("c-1", newer)
    assert not await store.save_grant("c-1", SealedGrant(version=grant.version + 1, sealed=b"late"))
    assert await store.grant("c-1") == newer


async def test_a_grant_needs_a_connection(store: Store) -> None:
    assert not await store.save_grant("nowhere", SealedGrant(version=1, sealed=b"x"))


# Secrets and leases ---------------------------------------------------------------------------------------------------


async def test_a_secret_is_recalled_by_adapter_owner_and_name(store: Store) -> None:
    await store.remember("basiq", "anna", "user", b"1")
    await store.remember("basiq", "ben", "user", b"2")
    await store.remember("basiq", "anna", "user", b"3")
    assert await store.recall("basiq", "anna", "user") == b"3"
    assert await store.recall("basiq", "ben", "user") == b"2"
    assert await store.recall("kontist", "anna", "user") is None


async def test_a_lease_excludes_others_until_it_runs_out(store: Store, clock: Clock) -> None:
    until = clock.at + timedelta(minutes=1)
    assert await store.take_lease("grant/c-1", "one", clock.at, until)
    assert not await store.take_lease("grant/c-1", "two", clock.at, until)
    assert await store.take_lease("grant/c-2", "two", clock.at, until)
    clock.forward(minutes=1)
    assert await store.take_lease("grant/c-1", "two", clock.at, clock.at + timedelta(minutes=1))
    assert not await store.take_lease("grant/c-1", "one", clock.at, clock.at + timedelta(minutes=1))


async def test_a_holder_prolongs_its_lease(store: Store, clock: Clock) -> None:
    assert await store.take_lease("x", "one", clock.at, clock.at + timedelta(minutes=1))
    assert await store.take_lease("x", "one", clock.at, clock.at + timedelta(minutes=5))
    clock.forward(minutes=2)
    assert not await store.take_lease("x", "two", clock.at, clock.at + timedelta(minutes=5))


async def test_only_the_holder_gives_a_lease_back(store: Store, clock: Clock) -> None:
    until = clock.at + timedelta(minutes=1)
    assert await store.take_lease("x", "one", clock.at, until)
    await store.release_lease("x", "two")
    assert not await store.take_lease("x", "two", clock.at, until)
    await store.release_lease("x", "one")
    assert await store.take_lease("x", "two", clock.at, until)


# A change of keys -------------------------------------------------------------------------------------------------------


async def test_every_secret_is_listed_with_the_record_that_it_is_bound_to(store: Store, given: Given) -> None:
    await given.connection(grant=b"a grant")
    await store.remember("basiq", "anna/1", "user", b"a memory")
    found = {secret.record: secret.sealed for secret in await store.sealed()}
    assert found["grant/c-1"] == b"a grant"
    assert found["memory/basiq/anna/1/user"] == b"a memory"


async def test_a_secret_that_changed_meanwhile_is_not_overwritten(store: Store, given: Given) -> None:
    await given.connection(grant=b"a grant")
    (secret,) = [one for one in await store.sealed() if one.kind == "grant"]
    assert await store.reseal(secret, b"the same under a new key")
    assert not await store.reseal(secret, b"too late")
    grant = await store.grant("c-1")
    assert grant is not None
    assert grant.sealed == b"the same under a new key"
