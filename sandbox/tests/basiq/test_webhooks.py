"""Webhooks: registered, delivered, signed, tried again (providers/basiq.md, sections 6.2 and 6.3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bankweave_sandbox import Sandbox
from bankweave_sandbox.basiq.notifications.courier import is_loopback
from bankweave_sandbox.basiq.notifications.signing import sign

from .bank import GAVIN
from .caller import BASE, Partner, code
from .receiver import Receiver, receiving

HOOKS = "/notifications/webhooks"
EVENTS = ["connection.activated", "transactions.updated", "user.created"]
SAMPLE = Path(__file__).parents[4] / "shared" / "samples" / "basiq" / "webhook-delivery.json"


def _register(partner: Partner, url: str, events: list[str] | None = None) -> Any:
    body = {"url": url, "name": "Test", "subscribedEvents": EVENTS if events is None else events}
    response = partner.post(HOOKS, json=body)
    assert response.status_code == 201, response.text
    return response.json()


def _messages(partner: Partner) -> Any:
    """Ask the control origin, which waits for what is under way."""
    return partner.control.get("/messages").json()


def _after(partner: Partner, **time: float) -> None:
    partner.wait(timedelta(**time))
    _messages(partner)


def test_a_webhook_shows_its_secret_when_it_is_made_or_changed_only(partner: Partner) -> None:
    made = _register(partner, "https://app.example/hook")
    assert made["status"] == "active"
    assert made["secret"].startswith("whsec_")
    path = f"{HOOKS}/{made['id']}"
    assert made["links"]["self"] == BASE + path
    read = partner.get(path).json()
    assert "secret" not in read
    assert read["subscribedEvents"] == EVENTS
    changed = partner.post(path, json={"url": "https://app.example/other", "name": "New"}).json()
    assert (changed["url"], changed["name"], changed["secret"]) == ("https://app.example/other", "New", made["secret"])
    assert changed["subscribedEvents"] == EVENTS


def test_webhooks_are_listed_and_deleted(partner: Partner) -> None:
    made = _register(partner, "https://app.example/hook")
    assert [hook["id"] for hook in partner.get(HOOKS).json()["data"]] == [made["id"]]
    assert partner.delete(f"{HOOKS}/{made['id']}").status_code == 204
    assert partner.get(HOOKS).json()["count"] == 0
    assert code(partner.get(f"{HOOKS}/{made['id']}")) == (404, "resource-not-found")
    assert code(partner.get(f"{HOOKS}/none")) == (400, "path-parameter-not-valid")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "invalid-content")),
        ({"url": "not an address"}, (400, "invalid-content")),
        ({"url": "http://["}, (400, "invalid-content")),
        ({"url": "https:///path"}, (400, "invalid-content")),
        ({"url": "https://a.example", "subscribedEvents": ["user.vanished"]}, (400, "invalid-content")),
        ({"url": "https://a.example", "subscribedEvents": ["connection.updated"]}, (400, "invalid-content")),
        ({"url": "https://a.example", "subscribedEvents": 7}, (400, "invalid-content")),
        ({"url": "https://a.example", "name": 7}, (400, "invalid-content")),
        ({"url": "https://app.example/hook"}, (409, "resource-already-exists")),
        ({"url": "https://a.example", "subscribedEvents": ["user.created"]}, (400, "event-already-subscribed")),
    ],
)
def test_a_webhook_that_cannot_be_is_refused(partner: Partner, body: object, expected: tuple[int, str]) -> None:
    _register(partner, "https://app.example/hook")
    assert code(partner.post(HOOKS, json=body)) == expected


def test_a_single_event_may_be_a_bare_text(partner: Partner) -> None:
    made = partner.post(HOOKS, json={"url": "https://a.example", "subscribedEvents": "user.created"}).json()
    assert made["subscribedEvents"] == ["user.created"]


def test_events_are_delivered_thin_and_signed(partner: Partner, receiver: Receiver) -> None:
    secret = _register(partner, receiver.url)["secret"]
    connection = partner.connected(GAVIN)
    _messages(partner)
    assert sorted(receiver.events) == ["connection.activated", "transactions.updated", "user.created"]
    delivery = next(one for one in receiver.deliveries if one.body["eventTypeId"] == "transactions.updated")
    assert delivery.is_signed_with(secret)
    assert not delivery.is_signed_with("whsec_" + "A" * 32)
    assert delivery.headers["content-type"] == "application/json"
    assert set(delivery.body) == {"eventTypeId", "eventId", "links"}
    event = partner.get(delivery.body["links"]["event"].removeprefix(BASE)).json()
    assert event["id"] == delivery.body["eventId"]
    assert f"connection.id.eq('{connection}')" in delivery.body["links"]["eventEntity"]


def test_a_message_tells_its_attempts(partner: Partner, receiver: Receiver) -> None:
    hook = _register(partner, receiver.url)["id"]
    partner.connected(GAVIN)
    _messages(partner)
    listed = partner.get(f"{HOOKS}/{hook}/messages").json()
    assert (listed["count"], listed["size"]) == (3, 3)
    message = listed["data"][0]
    assert partner.get(message["links"]["self"].removeprefix(BASE)).json() == message
    attempt = message["attempts"][0]
    assert (attempt["url"], attempt["response"], attempt["responseStatusCode"]) == (receiver.url, "noted", 200)
    assert attempt["status"] == "Success"
    assert partner.get(f"{HOOKS}/{hook}/messages", limit=2).json()["count"] == 2
    only = partner.get(f"{HOOKS}/{hook}/messages", filter="eventTypeId.eq('user.created'),status.eq('Success')")
    assert only.json()["size"] == 1
    assert code(partner.get(f"{HOOKS}/{hook}/messages/{hook}")) == (404, "resource-not-found")
    assert code(partner.get(f"{HOOKS}/{hook}/messages/x")) == (400, "path-parameter-not-valid")


def test_an_endpoint_that_fails_is_tried_eight_times_with_growing_pauses_and_then_removed(
    partner: Partner, receiver: Receiver
) -> None:
    receiver.status = 500
    _register(partner, receiver.url, ["user.created"])
    assert partner.user
    tried = []
    for pause in (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 36_000):
        _after(partner, seconds=pause)
        tried.append(len(receiver.deliveries))
    assert tried == [1, 2, 3, 4, 5, 6, 7, 8]
    assert len({delivery.headers["webhook-id"] for delivery in receiver.deliveries}) == 1
    assert len({delivery.headers["webhook-timestamp"] for delivery in receiver.deliveries}) == 8
    partner.renew_tokens()
    assert partner.get(HOOKS).json()["data"] == []


def test_no_attempt_is_made_before_its_time(partner: Partner, receiver: Receiver) -> None:
    receiver.status = 500
    _register(partner, receiver.url, ["user.created"])
    assert partner.user
    _after(partner, seconds=4)
    assert len(receiver.deliveries) == 1
    receiver.status = 204
    _after(partner, seconds=1)
    _after(partner, hours=30)
    assert len(receiver.deliveries) == 2
    assert _messages(partner)[0]["status"] == "Success"


def test_a_failing_endpoint_may_be_disabled_and_approved_again(partner: Partner, receiver: Receiver) -> None:
    partner.switch(after_last_attempt="disabled")
    receiver.status = 500
    hook = _register(partner, receiver.url, ["user.created"])["id"]
    assert partner.user
    for _ in range(8):
        _after(partner, hours=10)
    assert [one["status"] for one in partner.control.get("/webhooks").json()] == ["disabled"]
    receiver.status = 200
    assert partner.control.post(f"/webhooks/{hook}/approve").json()["status"] == "active"
    message = _messages(partner)[0]["id"]
    assert partner.control.post(f"/messages/{message}/redeliver").status_code == 202
    assert _messages(partner)[0]["attempts"] == [200]
    assert partner.control.post("/messages/none/redeliver").status_code == 404
    assert partner.control.post("/webhooks/none/approve").status_code == 404


def test_a_redelivered_message_keeps_its_id(partner: Partner, receiver: Receiver) -> None:
    _register(partner, receiver.url, ["user.created"])
    assert partner.user
    partner.control.post(f"/messages/{_messages(partner)[0]['id']}/redeliver")
    _messages(partner)
    first, second = receiver.deliveries
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.raw == second.raw


def test_messages_wait_for_the_approval_and_for_the_cool_off(partner: Partner, receiver: Receiver) -> None:
    partner.switch(webhooks_need_approval=True, cool_off_seconds=900)
    hook = _register(partner, receiver.url, ["user.created"])
    assert hook["status"] == "pending-approval"
    assert partner.user
    partner.control.post(f"/webhooks/{hook['id']}/approve")
    _messages(partner)
    assert receiver.deliveries == []
    _after(partner, minutes=15)
    assert receiver.events == ["user.created"]


def test_a_test_message_is_sent_to_the_subscribed_webhook(partner: Partner, receiver: Receiver) -> None:
    test = "/notifications/messages/test"
    assert code(partner.post(test, json={"eventTypeId": "user.created"})) == (400, "no-webhooks-found")
    secret = _register(partner, receiver.url, ["consent.warning"])["secret"]
    assert code(partner.post(test, json={"eventTypeId": "user.vanished"})) == (400, "invalid-content")
    assert code(partner.post(test, json={})) == (400, "invalid-content")
    response = partner.post(test, json={"eventTypeId": "consent.warning", "Text": "hello"})
    assert (response.status_code, response.content) == (201, b"")
    _messages(partner)
    assert receiver.events == ["consent.warning"]
    assert receiver.deliveries[0].is_signed_with(secret)


def test_nothing_leaves_this_machine_unless_a_switch_says_so(partner: Partner) -> None:
    _register(partner, "http://hooks.invalid/hook", ["user.created"])
    assert partner.user
    message = _messages(partner)[0]
    assert message["attempts"] == [0]
    assert "loopback addresses only" in message["answers"][0]


def test_an_endpoint_that_nobody_serves_is_a_failed_attempt(partner: Partner) -> None:
    with receiving() as gone:
        url = gone.url
    _register(partner, url, ["user.created"])
    assert partner.user
    assert _messages(partner)[0]["answers"] == ["ConnectError"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8000/x", True),
        ("https://localhost/x", True),
        ("http://[::1]:9/x", True),
        ("http://127.9.9.9/", True),
        ("http://10.0.0.1/", False),
        ("https://app.example/x", False),
        ("http://localhost.example/", False),
    ],
)
def test_loopback_addresses_are_told_from_others(url: str, *, expected: bool) -> None:
    assert is_loopback(url) is expected


def test_a_secret_without_prefix_signs_as_well(partner: Partner, receiver: Receiver) -> None:
    partner.switch(secret_prefix=False)
    secret = _register(partner, receiver.url, ["user.created"])["secret"]
    assert not secret.startswith("whsec_")
    assert partner.user
    _messages(partner)
    assert receiver.deliveries[0].is_signed_with(secret)


def test_the_clock_of_the_retries_can_be_set(partner: Partner, receiver: Receiver) -> None:
    partner.switch(retry_pauses=[1, 2])
    _register(partner, receiver.url, ["user.created"])
    receiver.status = 500
    assert partner.user
    for seconds in (0, 1, 2, 60):
        _after(partner, seconds=seconds)
    assert len(receiver.deliveries) == 3
    assert partner.get(HOOKS).json()["data"] == []  # given up


def test_two_secrets_may_sign_while_one_is_being_changed(partner: Partner, receiver: Receiver) -> None:
    partner.switch(signatures="two")
    secret = _register(partner, receiver.url, ["user.created"])["secret"]
    assert partner.user
    _after(partner, seconds=0)
    delivery = receiver.deliveries[0]
    assert len(delivery.headers["webhook-signature"].split()) == 2
    assert delivery.is_signed_with(secret)


def test_a_secret_may_lack_its_padding(partner: Partner, receiver: Receiver) -> None:
    partner.switch(secret_padding=False)
    secret = _register(partner, receiver.url, ["user.created"])["secret"]
    assert len(secret.removeprefix("whsec_")) % 4 == 2
    assert partner.user
    _after(partner, seconds=0)
    assert receiver.deliveries[0].is_signed_with(secret + "==")


def test_webhooks_may_come_in_the_shapes_of_the_printed_examples(partner: Partner) -> None:
    partner.switch(webhook_shapes="printed")
    headers = {"Authorization": f"Bearer {partner.token()}"}
    body = {"url": "http://127.0.0.1:9/", "subscribedEvents": ["user.created"]}
    made = partner.client.post(HOOKS, headers=headers, json=body).json()
    assert made["subscribedEvents"] == "user.created"
    listed = partner.client.get(HOOKS, headers=headers).json()
    assert listed["data"]["id"] == made["id"]


def test_a_deleted_webhook_gets_nothing_more(partner: Partner, receiver: Receiver) -> None:
    hook = _register(partner, receiver.url, ["user.created"])["id"]
    partner.delete(f"{HOOKS}/{hook}")
    assert partner.user
    assert _messages(partner) == []
    assert receiver.deliveries == []


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def test_a_running_sandbox_delivers_by_itself_and_again_when_its_clock_is_moved(
    served: Sandbox, receiver: Receiver
) -> None:
    about = served.describe()["basiq"]
    with httpx.Client(base_url=about["url"], trust_env=False) as client:
        key = {"Authorization": f"Basic {about['settings']['api_key']}", "basiq-version": "3.0"}
        token = client.post("/token", data={"scope": "SERVER_ACCESS"}, headers=key).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        secret = client.post(HOOKS, json={"url": receiver.url, "subscribedEvents": ["user.created"]}).json()["secret"]
        receiver.status = 503
        client.post("/users", json={"email": "anna@mail.example"})
        messages = f"{served.urls['control']}/basiq/messages"
        assert httpx.get(messages, trust_env=False).json()[0]["attempts"] == [503]
        receiver.status = 200
        served.advance(5)  # which nobody but the clock asks for
        assert receiver.wait_for(2)
    assert all(delivery.is_signed_with(secret) for delivery in receiver.deliveries)


def test_the_signature_is_that_of_the_recorded_delivery() -> None:
    if not SAMPLE.exists():
        pytest.skip(f"no recorded delivery at {SAMPLE}")
    sample = json.loads(SAMPLE.read_text())
    at = datetime.fromtimestamp(int(sample["headers"]["webhook-timestamp"]), UTC)
    headers = sign(sample["_secret"], sample["headers"]["webhook-id"], at, sample["raw_body"].encode())
    assert headers["webhook-signature"] == sample["headers"]["webhook-signature"]
