"""What Kontomatik knows a person by, from the sign-in to the last import."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from bankweave.adapter import Response
from bankweave.errors import ConfigurationError, WrongSubject
from bankweave.flow import Connect, Connected, Refresh, Renew
from bankweave.testing import FakeContext
from bankweave_kontomatik import Kontomatik
from bankweave_kontomatik.grant import Grant

from . import payloads
from .payloads import OWNER, Made
from .travel import until_over

pytestmark = pytest.mark.anyio

CONNECT = Connect(redirect_uri="https://app.example")
GIVEN = Connect(redirect_uri="https://app.example", options={"owner_external_id": "Person 17"})


@pytest.fixture
def discreet() -> Kontomatik:
    return adapter_of(owner_ids="made")


def adapter_of(**settings: object) -> Kontomatik:
    return Kontomatik(payloads.settings(api_key="k", country="pl", **settings))


def told(ctx: FakeContext, place: int = -1) -> Any:
    return json.loads(ctx.http.sent[place].body or b"")["ownerExternalId"]


def whole_way(owner: str) -> list[Response]:
    """All answers of a sign-in and its import, each that can name the owner naming one."""
    done = payloads.xml(payloads.result(Made()).replace("<reply ", f'<reply ownerExternalId="{owner}" '))
    started = payloads.xml(payloads.command("setup", owner=owner), 202)
    return [payloads.redirection(), payloads.success(), started, done]


async def connected(adapter: Kontomatik, ctx: FakeContext, intent: Connect, owner: str) -> Grant:
    ctx.http.answers = [*whole_way(owner)]
    over = await until_over(adapter, ctx, await adapter.begin(ctx, intent))
    assert isinstance(over, Connected)
    grant = over.grant
    assert isinstance(grant, Grant)
    return grant


async def test_the_programs_own_id_is_sent_and_nothing_is_remembered(ctx: FakeContext) -> None:
    grant = await connected(adapter_of(), ctx, CONNECT, OWNER)
    assert told(ctx, 0) == OWNER
    assert (grant.access.owner_external_id, ctx.remembered) == (None, {})


async def test_an_id_is_made_once_for_an_owner_who_must_not_be_told(discreet: Kontomatik, ctx: FakeContext) -> None:
    ctx.http.answers = [payloads.redirection()] * 2
    await discreet.begin(ctx, CONNECT)
    first = told(ctx)
    ctx.connection_id = "connection-2"
    await discreet.begin(ctx, CONNECT)
    assert told(ctx) == first
    assert OWNER not in first
    assert first.startswith("bankweave-")
    assert len(first) > 40


async def test_a_made_id_is_remembered_before_it_is_sent(discreet: Kontomatik, ctx: FakeContext) -> None:
    def answer(_: object) -> Response:
        assert told(ctx) in ctx.remembered.values()
        return payloads.redirection()

    ctx.http.answers = [answer]
    await discreet.begin(ctx, CONNECT)


async def test_an_import_of_a_made_id_is_known_by_it_until_it_is_read(discreet: Kontomatik, ctx: FakeContext) -> None:
    ctx.remembered = {"owner_external_id": "made-1"}
    grant = await connected(discreet, ctx, CONNECT, "made-1")
    assert grant.access.owner_external_id == "made-1"
    assert "made-1" not in repr(grant)
    ctx.http.answers = [*whole_way("made-1")[-1:]]
    assert len((await discreet.open(ctx, grant)).accounts) == 1
    ctx.http.answers = [*whole_way(OWNER)[-1:]]
    with pytest.raises(WrongSubject):
        await discreet.open(ctx, grant)


async def test_a_refresh_of_a_made_id_is_known_by_it(discreet: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    access = grant.access.model_copy(update={"owner_external_id": "made-1"})
    mine = grant.model_copy(update={"access": access})
    session = payloads.xml(payloads.session().body.decode().replace(f'"{OWNER}"', '"made-1"'))
    ctx.http.answers = [session, *whole_way("made-1")[2:]]
    over = await until_over(discreet, ctx, await discreet.begin(ctx, Refresh(grant=mine, since=None)))
    assert isinstance(over, Connected)
    assert over.grant.access.owner_external_id == "made-1"
    ctx.http.answers = [payloads.session()]
    with pytest.raises(WrongSubject):
        await discreet.begin(ctx, Refresh(grant=mine, since=None))


async def test_an_option_says_the_id_and_a_renewal_keeps_it(ctx: FakeContext) -> None:
    adapter = adapter_of()
    grant = await connected(adapter, ctx, GIVEN, "Person 17")
    assert told(ctx, 0) == "Person 17"
    ctx.http.answers = [payloads.redirection()]
    await adapter.begin(ctx, Renew(grant=grant, redirect_uri="https://app.example"))
    assert told(ctx) == "Person 17"
    assert await adapter.client(ctx).owner_external_id() == "Person 17"


async def test_the_option_can_lead_back_to_the_programs_own_id(ctx: FakeContext) -> None:
    adapter = adapter_of()
    await connected(adapter, ctx, GIVEN, "Person 17")
    again = Connect(redirect_uri="https://app.example", options={"owner_external_id": OWNER})
    assert (await connected(adapter, ctx, again, OWNER)).access.owner_external_id is None
    assert await adapter.client(ctx).owner_external_id() == OWNER


@pytest.mark.parametrize("wrong", ["", " ", "a\nb", " a", "x" * 256])
async def test_an_id_that_no_field_takes_is_refused_without_showing_it(ctx: FakeContext, wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="owner_external_id"):
        await adapter_of().begin(ctx, Connect(redirect_uri="https://app.example", options={"owner_external_id": wrong}))
    assert ctx.http.sent == []


async def test_the_client_asks_by_the_id_of_its_connection(discreet: Kontomatik, ctx: FakeContext) -> None:
    await connected(discreet, ctx, GIVEN, "Person 17")
    ctx.http.answers = [payloads.xml(payloads.reply())]
    await discreet.client(ctx).delete_aggregated()
    assert dict(ctx.http.sent[-1].params) == {"ownerExternalId": "Person 17"}


async def test_a_mock_session_of_the_client_belongs_to_the_connections_person(ctx: FakeContext) -> None:
    adapter = adapter_of(owner_ids="made", allow_mock=True)
    await connected(adapter, ctx, GIVEN, "Person 17")
    ctx.http.answers = [payloads.xml(payloads.reply('<session id="1" signature="ab"/>', owner="Person 17"))]
    assert (await adapter.client(ctx).mock_session("test1", "pl")).owner_external_id == "Person 17"
    assert parse_qs((ctx.http.sent[-1].body or b"").decode())["ownerExternalId"] == ["Person 17"]
