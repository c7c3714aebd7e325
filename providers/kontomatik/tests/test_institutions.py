"""Listing banks, ending an access, and the adapter's own description."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from bankweave.adapter import CONTRACT, AnyAdapter, Revocable
from bankweave.errors import MalformedAnswer, ProviderUnavailable
from bankweave.testing import FakeContext
from bankweave_kontomatik import TEST, Kontomatik
from bankweave_kontomatik.grant import Grant

from . import payloads

pytestmark = pytest.mark.anyio

CATALOG = payloads.reply(
    "<targets>"
    '<target country="pl" name="PkoApi" institution="Pko" officialName="PKO BP" officialUrl="https://pko.example"/>'
    '<target country="cz" name="FioApi_cz" institution="Fio_cz" officialName="Fio" officialUrl="javascript:x"/>'
    "</targets>"
)


async def test_banks_are_listed_by_target(adapter: Kontomatik, ctx: FakeContext) -> None:
    ctx.http.answers = [payloads.xml(CATALOG)]
    banks = await adapter.institutions(ctx, "PL")
    assert [(bank.id, bank.name, bank.country, bank.website) for bank in banks] == [
        ("PkoApi", "PKO BP", "PL", "https://pko.example")
    ]
    assert dict(ctx.http.sent[0].params) == {"accessMode": "MIXED", "country": "pl"}


async def test_without_a_country_every_bank_is_listed(ctx: FakeContext) -> None:
    ctx.http.answers = [payloads.xml(CATALOG)]
    banks = await Kontomatik(payloads.settings(api_key="k", access_mode="MULTIPLE")).institutions(ctx, None)
    assert [(bank.id, bank.website) for bank in banks] == [("PkoApi", "https://pko.example"), ("FioApi_cz", None)]
    assert dict(ctx.http.sent[0].params) == {"accessMode": "MULTIPLE"}


async def test_a_catalog_of_nameless_banks_is_refused(adapter: Kontomatik, ctx: FakeContext) -> None:
    ctx.http.answers = [payloads.xml(payloads.reply('<targets><target country="pl"/></targets>'))]
    with pytest.raises(MalformedAnswer):
        await adapter.institutions(ctx, "PL")


async def test_ending_an_access_deletes_the_consent_and_nothing_else(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    ctx.http.answers = [payloads.xml(payloads.reply())]
    await adapter.revoke(ctx, grant)
    assert [request.method for request in ctx.http.sent] == ["POST"]
    assert ctx.http.sent[0].url.endswith("/v1/command/delete-multiple-access.xml")
    assert parse_qs((ctx.http.sent[0].body or b"").decode()) == {"multipleAccessId": [payloads.ACCESS]}


async def test_ending_an_access_that_is_gone_is_no_error(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    ctx.http.answers = [payloads.exception("InvalidMultipleAccessId", 404)]
    await adapter.revoke(ctx, grant)


async def test_an_access_for_one_import_has_nothing_to_end(
    adapter: Kontomatik, ctx: FakeContext, single: Grant
) -> None:
    await adapter.revoke(ctx, single)
    assert ctx.http.sent == []


async def test_an_access_that_could_not_be_ended_is_an_error(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    ctx.http.answers = [payloads.exception("ServiceMaintenance", 503)]
    with pytest.raises(ProviderUnavailable):
        await adapter.revoke(ctx, grant)


async def test_forgetting_a_person_deletes_what_was_imported_of_them(adapter: Kontomatik, ctx: FakeContext) -> None:
    ctx.http.answers = [payloads.xml(payloads.reply()), payloads.exception("InvalidOwnerExternalId", 404)]
    await adapter.forget(ctx)
    await adapter.forget(ctx)
    assert [(sent.method, dict(sent.params)) for sent in ctx.http.sent] == [
        ("DELETE", {"ownerExternalId": ctx.owner})
    ] * 2


async def test_a_person_of_whom_kontomatik_was_never_told_is_not_told_to_be_forgotten(ctx: FakeContext) -> None:
    discreet = Kontomatik(payloads.settings(api_key="k", owner_ids="made"))
    await discreet.forget(ctx)
    assert ctx.http.sent == []
    ctx.remembered = {"owner_external_id": "made-1"}
    ctx.http.answers = [payloads.xml(payloads.reply())]
    await discreet.forget(ctx)
    assert dict(ctx.http.sent[0].params) == {"ownerExternalId": "made-1"}


def test_the_adapter_says_what_it_is() -> None:
    adapter: AnyAdapter = Kontomatik(payloads.settings(api_key="k", base_url=TEST + "/"))
    assert adapter.origins == ("https://test.api.kontomatik.com",)
    assert (adapter.info.name, adapter.info.callback_key, adapter.info.refreshes) == (
        "kontomatik",
        "redirectionId",
        True,
    )
    assert adapter.info.contract == CONTRACT
    assert isinstance(adapter, Revocable)
