"""Connections that have ended: gone, or listed as such (providers/basiq.md, section 3.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from .bank import GAVIN
from .caller import Partner, code

YEAR = timedelta(days=365)


def _listed(partner: Partner, **params: str) -> list[tuple[str, str]]:
    data = partner.get(f"/users/{partner.user}/connections", **params).json()["data"]
    return [(one["institution"]["id"], one["status"]) for one in data]


def _one(partner: Partner, connection: str) -> Any:
    return partner.get(f"/users/{partner.user}/connections/{connection}")


def _revoke(partner: Partner) -> None:
    consent = partner.get(f"/users/{partner.user}/consents").json()["data"][0]["id"]
    partner.delete(f"/users/{partner.user}/consents/{consent}")


def test_a_connection_that_has_ended_is_gone(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    partner.delete(f"/users/{partner.user}/connections/{connection}")
    assert _listed(partner) == []
    assert code(_one(partner, connection)) == (404, "resource-not-found")


def test_a_deleted_connection_may_be_listed_as_such(partner: Partner) -> None:
    partner.switch(ended_connections="listed")
    deleted = partner.connected(GAVIN)
    partner.connected(GAVIN, "AU00004")
    partner.delete(f"/users/{partner.user}/connections/{deleted}")
    assert _listed(partner) == [("AU00004", "active"), ("AU00000", "deleted")]
    assert _listed(partner, filter="status.eq('deleted')") == [("AU00000", "deleted")]


def test_the_connections_of_a_revoked_consent_may_be_listed_as_revoked(partner: Partner) -> None:
    partner.switch(ended_connections="listed")
    connection = partner.connected(GAVIN)
    _revoke(partner)
    shown = _one(partner, connection).json()
    assert (shown["status"], shown["accounts"]["data"]) == ("revoked", [])
    assert "profile" not in shown


def test_the_connections_of_an_expired_consent_may_be_listed_as_revoked(partner: Partner) -> None:
    partner.switch(ended_connections="listed")
    partner.connected(GAVIN)
    partner.wait(YEAR)
    partner.renew_tokens()
    assert _listed(partner) == [("AU00000", "revoked")]


@pytest.mark.parametrize("deed", ["refresh", "purge"])
def test_nothing_can_be_done_with_a_connection_that_has_ended(partner: Partner, deed: str) -> None:
    partner.switch(ended_connections="listed")
    connection = partner.connected(GAVIN)
    path = f"/users/{partner.user}/connections"
    partner.delete(f"{path}/{connection}")
    assert code(partner.post(f"{path}/{connection}/{deed}")) == (404, "resource-not-found")
    assert code(partner.delete(f"{path}/{connection}")) == (404, "resource-not-found")
    assert partner.post(f"{path}/refresh").json()["data"] == []
