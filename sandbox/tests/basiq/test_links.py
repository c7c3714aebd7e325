"""Every link in an answer leads to something that can be read, whether documented or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .bank import GAVIN, JARED
from .caller import BASE, Partner, code

ANSWERS_ONLY_POSTS = ("/mfa",)


def _addresses(value: object) -> Iterator[str]:
    """Find the addresses at our origin anywhere in an answer, written in full or as a path."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _addresses(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _addresses(inner)
    elif isinstance(value, str) and value.startswith((BASE, "/users/", "/jobs/", "/reports/")):
        yield value.removeprefix(BASE)


def _read(partner: Partner, path: str) -> Any:
    response = partner.get(path)
    assert response.status_code == 200, f"{path}: {response.text}"
    return response.json() if response.headers["content-type"] == "application/json" else None


def _crawl(partner: Partner, *paths: str) -> set[str]:
    """Read everything that can be reached."""
    seen: set[str] = set()
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path in seen or path.endswith(ANSWERS_ONLY_POSTS):
            continue
        seen.add(path)
        waiting.extend(_addresses(_read(partner, path)))
    return seen


@pytest.fixture
def settled(partner: Partner) -> Partner:
    """An application that has used what there is."""
    partner.connected(GAVIN)
    partner.connected(GAVIN, "AU00004")
    partner.connected(JARED, "AU00002", ["1234"])
    partner.post(f"/users/{partner.user}/auth_link", json={"mobile": "+61491570006"})
    partner.post("/notifications/webhooks", json={"url": "http://127.0.0.1:9/", "subscribedEvents": ["user.updated"]})
    partner.post(f"/users/{partner.user}", json={"lastName": "Belson"})
    for kind in ("affordability", "income", "expenses"):
        partner.post(f"/users/{partner.user}/{kind}", json={})
    return partner


def test_every_link_leads_to_what_can_be_read(settled: Partner) -> None:
    user = f"/users/{settled.user}"
    starts = [f"{user}/{topic}" for topic in ("jobs", "consents", "identities", "affordability")]
    seen = _crawl(settled, user, *starts, "/connectors", "/events", "/events/types", "/notifications/webhooks")
    assert {"/institutions/AU00000", "/institutions/AU00004"} <= seen
    assert any(path.startswith("/policies/") for path in seen)
    assert len(seen) > 60


def test_links_may_lead_to_connectors_where_they_led_to_institutions(settled: Partner) -> None:
    settled.switch(institution_links="connectors")
    user = f"/users/{settled.user}"
    seen = _crawl(settled, user, f"{user}/jobs", f"{user}/transactions")
    assert {"/connectors/AU00000", "/connectors/AU00004"} <= seen
    assert not any(path.startswith("/institutions/") for path in seen)
    assert settled.get("/connectors/AU00004").json()["method"] == "openbanking"
    assert code(settled.get("/connectors/AU99999")) == (404, "resource-not-found")


def test_a_connector_has_no_address_without_its_method_unless_links_lead_there(partner: Partner) -> None:
    assert code(partner.get("/connectors/AU00000")) == (404, "resource-not-found")


def test_the_links_of_a_waiting_challenge_lead_to_what_can_be_read(partner: Partner) -> None:
    connection = partner.connected(JARED, "AU00002", ["1234"])
    partner.post(f"/users/{partner.user}/auth_link", json={"mobile": "+61491570006"})
    job = partner.refresh(connection)
    partner.wait()
    assert partner.result(job, "mfa-challenge")["links"]["response"] == f"{BASE}/jobs/{job}/mfa"
    assert f"/jobs/{job}" in _crawl(partner, f"/jobs/{job}")
