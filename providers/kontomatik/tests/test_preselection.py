"""Which bank the person finds chosen already."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bankweave.adapter import Response
from bankweave.errors import ProviderRefused
from bankweave.flow import Ask, Connect, Renew
from bankweave.testing import FakeContext
from bankweave_kontomatik import Kontomatik
from bankweave_kontomatik.grant import Grant

from . import payloads
from .travel import operations

pytestmark = pytest.mark.anyio

GONE = payloads.exception("InvalidTarget", 400)


def catalog(**institutions: str) -> Response:
    """A catalog of targets and their institutions; those called Api are PSD2's."""
    targets = "".join(
        f'<target country="pl" name="{name}" institution="{of}" psd2="{"true" if "Api" in name else "false"}"/>'
        for name, of in institutions.items()
    )
    return payloads.xml(payloads.reply(f"<targets>{targets}</targets>"))


def choosing(bank: str, **options: str) -> Connect:
    return Connect(redirect_uri="https://app.example", institution=bank, options=options)


def told(ctx: FakeContext) -> Any:
    return json.loads(ctx.http.sent[-1].body or b"").get("target")


@pytest.mark.parametrize(
    ("bank", "offered", "target"),
    [
        ("Pko", catalog(PkoApi="Pko", Other="Else"), "PkoApi"),
        ("Bzwbk", catalog(SantanderApi="Bzwbk"), "SantanderApi"),
        ("Pko", catalog(PkoForm="Pko", PkoApi="Pko"), "PkoApi"),
        ("Pko", catalog(PkoForm="Pko"), "PkoForm"),
        ("KontoBank", catalog(KontoBankApi="KontoBank", KontoBank="KontoBank"), "KontoBank"),
        ("KontoBank", catalog(KontoBankApi="KontoBank"), "KontoBankApi"),
    ],
)
async def test_an_institution_is_reached_by_its_target_of_today(
    adapter: Kontomatik, ctx: FakeContext, bank: str, offered: Response, target: str
) -> None:
    ctx.http.answers = [offered, payloads.redirection()]
    await adapter.begin(ctx, choosing(bank, access_mode="MULTIPLE"))
    assert dict(ctx.http.sent[0].params) == {"accessMode": "MULTIPLE", "country": "pl"}
    assert told(ctx) == target


async def test_a_target_that_is_a_banks_api_is_sent_as_it_is(adapter: Kontomatik, ctx: FakeContext) -> None:
    ctx.http.answers = [payloads.redirection()]
    await adapter.begin(ctx, choosing("PkoApi"))
    assert (operations(ctx), told(ctx)) == (["fetch_redirection"], "PkoApi")


async def test_a_bank_that_is_not_offered_is_refused(adapter: Kontomatik, ctx: FakeContext) -> None:
    ctx.http.answers = [catalog(PkoApi="Pko")]
    with pytest.raises(ProviderRefused, match=r"institutions\(\)") as caught:
        await adapter.begin(ctx, choosing("Nowhere"))
    assert caught.value.code == "InvalidTarget"


async def test_where_preselection_is_off_nothing_is_looked_up(ctx: FakeContext) -> None:
    ctx.http.answers = [payloads.redirection()]
    adapter = Kontomatik(payloads.settings(api_key="k", country="pl", preselect=False))
    await adapter.begin(ctx, choosing("Pko"))
    assert (operations(ctx), told(ctx)) == (["fetch_redirection"], None)


@pytest.mark.parametrize(
    ("institution", "answers", "target"),
    [
        ("KontoBank", [GONE, catalog(KontoBank="KontoBank"), payloads.redirection()], "KontoBank"),
        ("KontoBank", [GONE, catalog(PkoApi="Pko"), payloads.redirection()], None),
        (None, [GONE, payloads.redirection()], None),
    ],
)
async def test_a_renewal_finds_a_bank_whose_target_is_gone_or_lets_the_person_choose(
    adapter: Kontomatik,
    ctx: FakeContext,
    grant: Grant,
    institution: str | None,
    answers: list[Response],
    target: str | None,
) -> None:
    access = grant.access.model_copy(update={"institution": institution})
    ctx.http.answers = [*answers]
    renewal = Renew(grant=grant.model_copy(update={"access": access}), redirect_uri="https://app.example")
    assert isinstance(await adapter.begin(ctx, renewal), Ask)
    assert told(ctx) == target


async def test_a_renewal_that_is_refused_for_another_reason_is_not_tried_again(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    ctx.http.answers = [payloads.exception("InvalidParameter", 400)]
    with pytest.raises(ProviderRefused):
        await adapter.begin(ctx, Renew(grant=grant, redirect_uri="https://app.example"))
    assert operations(ctx) == ["fetch_redirection"]
