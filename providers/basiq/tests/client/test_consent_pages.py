"""Links to the consent page, and what the client makes of the recorded samples."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest
from providers.basiq.tests.conftest import (
    BASE,
    NOW,
    USER,
    Desk,
    reply,
    token,
)

from bankweave.adapter import Response
from bankweave.errors import (
    UnknownFlow,
)
from bankweave_basiq.client import AsyncBasiqClient, ConsentAction

pytestmark = pytest.mark.anyio
T = TypeVar("T")
SAMPLES = Path(__file__).parents[5] / "shared" / "samples" / "basiq"


def client(desk: Desk) -> AsyncBasiqClient:
    desk.know_user()
    return desk.adapter.client(desk.ctx)


def given(_: Desk, call: Awaitable[T]) -> Awaitable[T]:
    """A call that is made when there are answers for it."""
    return call


@pytest.fixture
def basiq(desk: Desk) -> AsyncBasiqClient:
    desk.answers(token())
    return client(desk)


# The consent page ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ConsentAction)
async def test_link_for_every_action(desk: Desk, action: ConsentAction) -> None:
    basiq = client(desk)
    desk.answers(token("for-the-page"))
    page = await basiq.consent_pages.open(action, institution="AU00000", connection="con-1")
    query = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
    wish = {} if action is ConsentAction.NONE else {"action": action.value}
    state = {"state": query["state"], "token": "for-the-page"}
    assert query == {**wish, **state, "institutionId": "AU00000", "connectionId": "con-1"}
    assert page.expires_at == NOW + timedelta(hours=1)
    assert "for-the-page" not in repr(page)


async def test_person_comes_back_once_with_the_state_they_were_given(desk: Desk) -> None:
    basiq = client(desk)
    first = await given(desk.answers(token()), basiq.consent_pages.open())
    second = await given(desk.answers(token()), basiq.consent_pages.open())
    state = parse_qs(urlsplit(first.url).query)["state"][0]
    back = f"https://app.example/back?jobIds=a,b&jobId=b&state={state}"
    assert (await basiq.consent_pages.read_return(back)).jobs == ("a", "b")
    assert state not in json.dumps(desk.ctx.remembered)
    for wrong in (back, "https://app.example/back?jobId=a", "https://app.example/back?state=x"):
        with pytest.raises(UnknownFlow):
            await basiq.consent_pages.read_return(wrong)
    desk.wait(hours=1)
    late = f"https://app.example/back?state={parse_qs(urlsplit(second.url).query)['state'][0]}"
    with pytest.raises(UnknownFlow):
        await basiq.consent_pages.read_return(late)


async def test_link_that_can_be_sent_has_its_address(desk: Desk, basiq: AsyncBasiqClient) -> None:
    links = {"public": "https://connect.basiq.io/1", "self": f"{BASE}/users/{USER}/auth_link"}
    made = {"type": "auth_link", "userId": USER, "mobile": "+61", "expiresAt": "2026-11-29T10:00:00Z", "links": links}
    found = await given(desk.answers(reply(made, 201)), basiq.auth_links.create())
    assert (found.url, found.user_id) == ("https://connect.basiq.io/1", USER)
    assert "connect.basiq.io" not in repr(found)


# Everything ------------------------------------------------------------------------------------------------------------------

READS: dict[str, Callable[[AsyncBasiqClient], Any]] = {
    "accounts-list": lambda c: c.accounts.list(),
    "auth-link-201": lambda c: c.auth_links.get(),
    "connections-list": lambda c: c.connections.list(),
    "connector": lambda c: c.institutions.get("AU00000"),
    "consents-list": lambda c: c.consents.list(),
    "event-connection-invalidated": lambda c: c.events.get("e"),
    "event-consent-revoked.INFERRED-data": lambda c: c.events.get("e"),
    "event-transactions-updated": lambda c: c.events.get("e"),
    "event-types-list": lambda c: c.events.types(),
    "events-list": lambda c: c.events.list(),
    "identities-list": lambda c: c.identities.list(),
    "user-created-201": lambda c: c.users.get(),
    "user-get-200": lambda c: c.users.get(),
    "user-jobs-list": lambda c: c.jobs.list(),
    "webhook-created-201": lambda c: c.webhooks.get("w"),
    "webhook-message-200": lambda c: c.webhooks.message("w", "m"),
}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder shared/samples/basiq is missing beside the repository")
@pytest.mark.parametrize("name", READS)
async def test_sample_is_read(desk: Desk, name: str) -> None:
    body = (SAMPLES / f"{name}.json").read_bytes()
    desk.ctx.remembered["user_id"] = "5f3c1d0e-7c52-4b7e-9d51-2f0d4c6b8a11"
    desk.answers(token(), Response(status=200, body=body))
    found = await READS[name](desk.adapter.client(desk.ctx))
    sent = json.loads(body)
    ids = [row["id"] for row in sent["data"]] if sent.get("type") == "list" else [sent.get("id")]
    if name != "auth-link-201":
        assert [row.id for row in found] == ids if isinstance(found, tuple) else [found.id] == ids
