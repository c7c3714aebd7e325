"""What has happened, as /events tells it (providers/basiq.md, section 6.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from .bank import GAVIN, Login
from .caller import BASE, Partner, code

DAY = timedelta(days=1)


def _told(partner: Partner, **params: str) -> list[str]:
    """List the types of the events, oldest first."""
    events = partner.get("/events", **params).json()["data"]
    return [f"{event['entity']}.{event['eventType']}" for event in reversed(events)]


def _event(partner: Partner, type_: str) -> Any:
    entity, kind = type_.split(".")
    events = partner.get("/events").json()["data"]
    return next(event for event in events if (event["entity"], event["eventType"]) == (entity, kind))


def test_connecting_is_told_from_the_user_to_the_transactions(partner: Partner) -> None:
    partner.connected(GAVIN)
    assert _told(partner) == [
        "user.created",
        "consent.created",
        "connection.created",
        "account.updated",
        "account.updated",
        "connection.activated",
        "transactions.updated",
    ]


def test_an_event_is_dated_when_it_happened_and_not_when_somebody_looked(partner: Partner) -> None:
    partner.connected(GAVIN)
    created = _event(partner, "connection.created")["createdDate"]
    assert created == "2026-03-10T01:00:00Z"
    assert _event(partner, "connection.activated")["createdDate"] == "2026-03-10T01:00:06Z"


def test_an_event_holds_its_data_as_an_object_with_absolute_links(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    event = _event(partner, "transactions.updated")
    assert event["userId"] == partner.user
    assert event["dataRef"] == f"{BASE}/users/{partner.user}/transactions"
    assert event["data"]["count"] == "5"
    assert event["data"]["connection"]["id"] == connection
    link = event["data"]["links"]["self"]
    assert link == f"{BASE}/users/{partner.user}/transactions?filter=connection.id.eq('{connection}')"
    assert len(partner.get(link.removeprefix(BASE)).json()["data"]) == 5


def test_an_event_is_read_by_its_id(partner: Partner) -> None:
    partner.connected(GAVIN)
    event = _event(partner, "connection.activated")
    assert partner.get(event["links"]["self"].removeprefix(BASE)).json() == event
    assert code(partner.get("/events/" + "f" * 64)) == (404, "resource-not-found")
    assert code(partner.get("/events/nonsense")) == (400, "path-parameter-not-valid")


def test_events_are_filtered_by_user_entity_and_type(partner: Partner) -> None:
    partner.connected(GAVIN)
    other = partner.post("/users", json={"email": "other@mail.example"}).json()["id"]
    assert _told(partner, filter=f"user.id.eq('{other}')") == ["user.created"]
    assert set(_told(partner, filter="event.entity.eq('connection')")) == {"connection.created", "connection.activated"}
    narrow = f"user.id.eq('{partner.user}'),event.type.eq('created'),event.entity.eq('consent')"
    assert _told(partner, filter=narrow) == ["consent.created"]
    assert _told(partner, filter="event.type.eq('connection.created')") == ["connection.created"]
    assert code(partner.get("/events", filter="event.colour.eq('red')")) == (400, "parameter-not-valid")


def test_events_are_gone_after_a_week(partner: Partner) -> None:
    partner.connected(GAVIN)
    event = _event(partner, "connection.activated")["id"]
    partner.wait(8 * DAY)
    partner.renew_tokens()
    assert _told(partner) == []
    assert code(partner.get(f"/events/{event}")) == (404, "resource-not-found")


def test_a_refresh_tells_of_new_rows_only(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    partner.wait(4 * DAY)
    partner.renew_tokens()
    partner.refresh(connection)
    partner.wait()
    newest = partner.get("/events").json()["data"]
    counts = [event["data"]["count"] for event in newest if event["entity"] == "transactions"]
    # The taxi was booked and the machine gave money: two ids that were not there before.
    assert counts == ["2", "5"]
    assert _told(partner)[-2:] in (
        ["connection.updated", "transactions.updated"],
        ["transactions.updated", "connection.updated"],
    )


@pytest.mark.parametrize(
    ("login", "cause"),
    [
        (Login("gavinBelson", "wrong"), "invalid-username-or-password"),
        (Login("bighead", "password"), "locked-account"),
        (Login("erlich", "aviato"), "user-action-required"),
    ],
)
def test_a_refused_connection_is_invalidated_with_its_cause(partner: Partner, login: Login, cause: str) -> None:
    page = partner.open_consent_ui().press("I consent").press("Continue", institution="AU00000")
    page = page.press("Sign in", loginId=login.name, password=login.password)
    if "Share" in page.buttons:
        page.press("Share")
    partner.wait()
    assert _event(partner, "connection.invalidated")["data"]["status"] == cause


def test_a_connection_is_invalidated_once(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    for _ in range(2):
        plan = {"connection": connection, "step": "retrieve-accounts", "code": "service-unavailable"}
        partner.control.post("/failures", json=plan)
        partner.refresh(connection)
        partner.wait()
    assert _told(partner).count("connection.invalidated") == 1


def test_deleting_is_told(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    partner.delete(f"/users/{partner.user}/connections/{connection}")
    partner.post(f"/users/{partner.user}", json={"firstName": "Gavin"})
    partner.delete(f"/users/{partner.user}")
    assert _told(partner)[-3:] == ["connection.deleted", "user.updated", "user.deleted"]


def test_a_revoked_consent_is_told_with_what_it_was(partner: Partner) -> None:
    partner.connected(GAVIN)
    consent = partner.get(f"/users/{partner.user}/consents").json()["data"][0]["id"]
    partner.delete(f"/users/{partner.user}/consents/{consent}")
    event = _event(partner, "consent.revoked")
    assert event["data"]["status"] == "revoked"
    assert event["data"]["revoked"] == event["createdDate"]
    assert _told(partner)[-2:] == ["consent.revoked", "connection.deleted"]


def test_a_consent_reminds_warns_and_ends_by_itself(partner: Partner) -> None:
    partner.switch(event_days=400)
    partner.connected(GAVIN)
    partner.wait(366 * DAY)
    partner.renew_tokens()
    events = [e for e in reversed(partner.get("/events").json()["data"]) if e["entity"] == "consent"]
    told = [(event["eventType"], event["createdDate"][:10]) for event in events]
    assert told == [
        ("created", "2026-03-10"),
        ("reminder", "2026-06-08"),
        ("reminder", "2026-09-06"),
        ("reminder", "2026-12-05"),
        ("warning", "2027-03-03"),
        ("reminder", "2027-03-05"),
        ("expired", "2027-03-10"),
    ]


def test_an_extended_consent_is_warned_of_anew(partner: Partner) -> None:
    partner.switch(event_days=1000)
    partner.connected(GAVIN)
    partner.wait(360 * DAY)
    partner.renew_tokens()
    partner.open_consent_ui("extend").press("Extend")
    partner.wait(360 * DAY)
    partner.renew_tokens()
    told = _told(partner, filter="event.entity.eq('consent')")
    assert told.count("consent.warning") == 2
    assert "consent.updated" in told
    assert "consent.expired" not in told


def test_the_types_are_listed_and_read(partner: Partner) -> None:
    types = partner.get("/events/types").json()
    assert types["count"] == len(types["data"]) == 16
    assert "consent.warning" in [one["id"] for one in types["data"]]
    assert partner.get("/events/types/transactions.updated").json()["id"] == "transactions.updated"
    assert code(partner.get("/events/types/transactions.vanished")) == (404, "resource-not-found")
    assert code(partner.get("/events/types/x")) == (400, "path-parameter-not-valid")


def test_the_order_can_be_turned_round(partner: Partner) -> None:
    partner.connected(GAVIN)
    newest_first = [event["id"] for event in partner.get("/events").json()["data"]]
    partner.switch(events_order="oldest-first")
    assert [event["id"] for event in partner.get("/events").json()["data"]] == newest_first[::-1]


def test_events_are_for_servers(partner: Partner) -> None:
    assert code(partner.get("/events", "CLIENT_ACCESS")) == (403, "forbidden-access")
