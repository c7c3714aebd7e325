"""Connections that were not finished, and two to one institution (providers/basiq.md, section 3.1)."""

from __future__ import annotations

from typing import Any

import pytest

from .bank import GAVIN
from .caller import Page, Partner, code


def _connections(partner: Partner) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = partner.get(f"/users/{partner.user}/connections").json()["data"]
    return data


def _refresh(connection: str, partner: Partner) -> str:
    return f"/users/{partner.user}/connections/{connection}/refresh"


def _statuses(partner: Partner) -> list[tuple[str, str]]:
    return [(one["method"], one["status"]) for one in _connections(partner)]


def _at_the_bank(partner: Partner, action: str = "null", **query: str) -> Page:
    """Go as far as the choice of accounts of an open-banking institution."""
    page = partner.open_consent_ui(action, **query)
    page = page.press("I consent") if "I consent" in page.buttons else page
    page = page if "connectionId" in query else page.press("Continue", institution="AU00004")
    return page.press("Sign in", loginId=GAVIN.name, password=GAVIN.password)


@pytest.fixture
def unfinished(partner: Partner) -> str:
    """A connection of somebody who left the bank's pages."""
    partner.switch(pre_init_kept=True)
    _at_the_bank(partner).press("Cancel")
    return str(_connections(partner)[0]["id"])


@pytest.mark.parametrize(
    ("reading", "expected"), [("refuse", (400, "parameter-not-valid")), ("not-found", (404, "resource-not-found"))]
)
def test_what_the_person_left_unfinished_is_not_refreshed(
    partner: Partner, unfinished: str, reading: str, expected: tuple[int, str]
) -> None:
    partner.switch(refresh_of_pre_init=reading)
    assert code(partner.post(_refresh(unfinished, partner))) == expected
    assert partner.post(f"/users/{partner.user}/connections/refresh").json()["data"] == []
    partner.wait()
    assert _statuses(partner) == [("open-banking", "pre-init")]


def test_a_refresh_of_what_was_left_unfinished_may_be_a_job_that_is_denied(partner: Partner, unfinished: str) -> None:
    partner.switch(refresh_of_pre_init="job")
    job = partner.refresh(unfinished)
    partner.wait()
    denied = partner.result(job, "verify-credentials")
    assert (denied["code"], denied["detail"]) == ("authorization-failed", "access_denied")
    assert _statuses(partner) == [("open-banking", "invalid")]


def test_what_was_left_unfinished_can_be_finished(partner: Partner, unfinished: str) -> None:
    page = _at_the_bank(partner, connectionId=unfinished)
    page.press("Share", account=page.checked)
    partner.wait()
    assert _statuses(partner) == [("open-banking", "active")]
    assert partner.refresh(unfinished)


def test_a_refresh_while_a_job_runs_is_answered_as_the_switch_says(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    partner.switch(refresh_while_running=202)
    first = partner.refresh(connection)
    assert partner.refresh(connection) == first


def test_too_many_open_banking_refreshes_may_be_forbidden(partner: Partner) -> None:
    partner.switch(open_banking_refreshes_per_day=0, too_many_requests_status=403)
    connection = partner.connected(GAVIN, "AU00004")
    # Asked beside the contract, which lists neither answer for this operation.
    headers = {"Authorization": f"Bearer {partner.token()}"}
    refused = partner.client.post(_refresh(connection, partner), headers=headers)
    assert code(refused) == (403, "too-many-requests")


def test_open_banking_takes_the_place_of_web_at_the_same_institution(partner: Partner) -> None:
    partner.connected(GAVIN, "AU00000")
    partner.switch(institutions_open_banking=["AU00000"])
    assert partner.get("/connectors/AU00000/open-banking").status_code == 200
    assert code(partner.get("/connectors/AU00000/web")) == (404, "resource-not-found")
    partner.connect(GAVIN, "AU00000", action="connect")
    assert _statuses(partner) == [("web", "active"), ("open-banking", "init")]
    partner.wait()
    assert _statuses(partner) == [("web", "invalid"), ("open-banking", "active")]
    told = partner.get("/events", filter="event.type.eq('connection.invalidated')").json()["data"]
    assert [event["data"]["status"] for event in told] == ["invalid-connection"]


def test_an_institution_that_is_connected_another_way_may_be_refused(partner: Partner) -> None:
    partner.switch(other_method="refused")
    partner.connected(GAVIN, "AU00000")
    partner.switch(institutions_open_banking=["AU00000"])
    page = partner.open_consent_ui("connect").press("Continue", institution="AU00000")
    page = page.press("Sign in", loginId=GAVIN.name, password=GAVIN.password)
    page = page.press("Share", account=page.checked)
    assert page.response.status_code == 409
    assert "already" in page.text
    assert _statuses(partner) == [("web", "active")]
