from __future__ import annotations

from importlib.metadata import entry_points

import pytest
from providers.basiq.tests.conftest import Desk, connector, listing, refusal, token

from bankweave.adapter import AnyAdapter, Response, Revocable
from bankweave.errors import BankweaveError, ProviderUnavailable
from bankweave_basiq import Basiq

pytestmark = pytest.mark.anyio
DONE = Response(status=204)


def test_adapter_is_found_by_its_name() -> None:
    (found,) = entry_points(group="bankweave.adapters", name="basiq")
    assert found.load() is Basiq
    assert (Basiq.info.name, Basiq.info.callback_key, Basiq.info.countries) == ("basiq", "state", ("AU", "NZ"))
    assert Basiq.info.refreshes


def test_contract_is_fulfilled(desk: Desk) -> None:
    fulfilled: AnyAdapter = desk.adapter  # the type checker looks
    assert fulfilled.origins == ("https://au-api.basiq.io",)


def test_access_can_be_ended(desk: Desk) -> None:
    assert isinstance(desk.adapter, Revocable)


async def test_ending_access_purges_before_it_deletes_since_deleting_keeps_the_data(desk: Desk) -> None:
    desk.answers(token(), DONE, DONE, DONE, DONE)
    await desk.adapter.revoke(desk.ctx, desk.grant("con-1", "con-2"))
    assert [
        (r.method, r.url.removeprefix("https://au-api.basiq.io/users/user-1/")) for r in desk.ctx.http.sent[1:]
    ] == [
        ("POST", "connections/con-1/purge"),
        ("DELETE", "connections/con-1"),
        ("POST", "connections/con-2/purge"),
        ("DELETE", "connections/con-2"),
    ]


@pytest.mark.parametrize("purged", [refusal(404, "resource-not-found"), refusal(400, "invalid-connection"), DONE])
async def test_access_that_is_gone_already_is_no_error(desk: Desk, purged: Response) -> None:
    desk.answers(token(), purged, refusal(404, "resource-not-found"))
    await desk.adapter.revoke(desk.ctx, desk.grant())


async def test_connection_that_cannot_be_deleted_keeps_no_other_from_it(desk: Desk) -> None:
    desk.answers(token(), refusal(503, "service-unavailable"), DONE, DONE)
    with pytest.raises(ProviderUnavailable):
        await desk.adapter.revoke(desk.ctx, desk.grant("con-1", "con-2"))
    assert desk.operations == ["purge_connection", "purge_connection", "delete_connection"]


async def test_institutions_of_a_country_are_asked_for_by_its_name(desk: Desk) -> None:
    desk.answers(token(), listing(connector("NZ00001", country="New Zealand")))
    assert [bank.id for bank in await desk.adapter.institutions(desk.ctx, "nz")] == ["NZ00001"]
    conditions = "connector.stage.eq('live'),connector.institution.country.eq('New Zealand')"
    assert desk.sent("list_connectors")[0].params == {"filter": conditions}


async def test_institutions_everywhere_and_nowhere(desk: Desk) -> None:
    desk.answers(token(), listing(connector()))
    assert len(await desk.adapter.institutions(desk.ctx, None)) == 1
    assert list(await desk.adapter.institutions(desk.ctx, "DE")) == []
    assert desk.operations == ["list_connectors"]


async def test_no_error_says_what_is_secret(desk: Desk) -> None:
    desk.know_user().answers(token("s3cr3t-token"), refusal(500, "internal-server-error"))
    with pytest.raises(BankweaveError) as caught:
        await desk.open()
    shown = f"{caught.value} {caught.value!r} {vars(caught.value)} {desk.ctx.http.sent}"
    assert "s3cr3t" not in shown
    assert "a2V5" not in shown


async def test_forgetting_a_person_deletes_their_user_once(desk: Desk) -> None:
    desk.ctx.remembered = {"user_id": "user-1"}
    desk.answers(token(), DONE)
    await desk.adapter.forget(desk.ctx)
    await desk.adapter.forget(desk.ctx)
    (sent,) = desk.sent("delete_user")
    assert (sent.method, sent.url) == ("DELETE", "https://au-api.basiq.io/users/user-1")


async def test_user_whom_basiq_has_not_any_more_is_forgotten(desk: Desk) -> None:
    desk.ctx.remembered = {"user_id": "user-1"}
    desk.answers(token(), refusal(404, "resource-not-found"))
    await desk.adapter.forget(desk.ctx)


async def test_user_who_could_not_be_deleted_is_told_and_not_forgotten(desk: Desk) -> None:
    desk.ctx.remembered = {"user_id": "user-1"}
    desk.answers(token(), refusal(503, "service-unavailable"))
    with pytest.raises(ProviderUnavailable):
        await desk.adapter.forget(desk.ctx)
    assert desk.ctx.remembered == {"user_id": "user-1"}
