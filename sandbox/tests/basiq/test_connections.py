"""Connections, connectors and identities (providers/basiq.md, sections 3 and 5.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from .bank import GAVIN, JARED, Login
from .caller import BASE, Partner, code


def _connections(partner: Partner, **params: str) -> list[dict[str, object]]:
    response = partner.get(f"/users/{partner.user}/connections", **params)
    assert response.status_code == 200, response.text
    data: list[dict[str, object]] = response.json()["data"]
    return data


def _one(partner: Partner, connection: str) -> str:
    return f"/users/{partner.user}/connections/{connection}"


def test_a_web_connection_is_pending_then_active_and_never_expires(partner: Partner) -> None:
    partner.connect(GAVIN)
    assert _connections(partner)[0]["status"] == "pending"
    partner.wait()
    connection = _connections(partner)[0]
    assert (connection["status"], connection["method"], connection["expiryDate"]) == ("active", "web", "")
    assert connection["createdDate"] == "2026-03-10T01:00:00Z"
    assert connection["lastUsed"] == "2026-03-10T01:00:06Z"


def test_an_open_banking_connection_is_init_then_active_and_expires(partner: Partner) -> None:
    partner.connect(GAVIN, "AU00004")
    assert _connections(partner)[0]["status"] == "init"
    partner.wait()
    connection = _connections(partner)[0]
    assert (connection["status"], connection["method"]) == ("active", "open-banking")
    assert connection["expiryDate"] == "2027-03-10T01:00:00Z"


def test_open_banking_is_spelt_in_two_ways(partner: Partner) -> None:
    connection = partner.connected(GAVIN, "AU00004")
    partner.switch(method_spelling="mixed")
    assert _connections(partner)[0]["method"] == "openbanking"
    assert partner.get(_one(partner, connection)).json()["method"] == "open-banking"


def test_connections_can_be_filtered(partner: Partner) -> None:
    hooli = partner.connected(GAVIN)
    partner.connected(GAVIN, "AU00004")
    assert [c["id"] for c in _connections(partner, filter="institution.id.eq('AU00000')")] == [hooli]
    assert [c["id"] for c in _connections(partner, filter=f"id.eq('{hooli}')")] == [hooli]
    assert _connections(partner, filter="status.eq('invalid')") == []
    both = partner.get(f"/users/{partner.user}/connections", filter="institution.name.eq('Hooli')")
    assert code(both) == (400, "parameter-not-valid")


def test_one_connection_shows_accounts_and_profile(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    shown = partner.get(_one(partner, connection)).json()
    assert [a["name"] for a in shown["accounts"]["data"]] == ["Hooli Everyday", "Hooli Visa"]
    assert shown["profile"]["fullName"] == "Gavinbelson Tester"
    address = shown["profile"]["physicalAddresses"][0]
    assert (address["addressLine1"], address["city"], address["state"], address["postcode"]) == (
        "1 Fiction St",
        "Newtown",
        "NSW",
        "2042",
    )
    partner.switch(profile_included=False)
    assert "profile" not in partner.get(_one(partner, connection)).json()


def test_a_refresh_under_way_is_answered_with_the_same_job(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    job = partner.refresh(connection)
    again = partner.post(_one(partner, connection) + "/refresh")
    assert (again.status_code, again.json()["id"]) == (200, job)
    partner.wait()
    assert partner.refresh(connection) != job


def test_all_connections_are_refreshed_at_once(partner: Partner) -> None:
    partner.connected(GAVIN)
    running = partner.connect(GAVIN, "AU00004")["jobId"]
    response = partner.post(f"/users/{partner.user}/connections/refresh")
    assert response.status_code == 202
    jobs = [job["id"] for job in response.json()["data"]]
    assert len(jobs) == 2
    assert running in jobs


def test_a_refresh_with_credentials_that_the_bank_refused_is_refused(partner: Partner) -> None:
    page = partner.open_consent_ui().press("I consent").press("Continue", institution="AU00000")
    page.press("Sign in", loginId="gavinBelson", password="wrong").press("Return to the application")
    partner.wait()
    connection = str(_connections(partner)[0]["id"])
    assert code(partner.post(_one(partner, connection) + "/refresh")) == (400, "invalid-credentials")
    assert partner.post(f"/users/{partner.user}/connections/refresh").json()["data"] == []
    partner.switch(refresh_with_bad_credentials="job")
    job = partner.refresh(connection)
    partner.wait()
    assert partner.steps(job)["verify-credentials"] == "failed"


def test_an_invalid_connection_becomes_active_with_the_next_good_job(partner: Partner) -> None:
    connection = partner.connected(JARED, "AU00002", ["1234"])
    partner.refresh(connection)
    partner.wait(timedelta(minutes=5))
    assert _connections(partner)[0]["status"] == "invalid"
    job = partner.refresh(connection)
    partner.wait(timedelta(seconds=3))
    partner.answer(job, "1234")
    partner.wait()
    assert _connections(partner)[0]["status"] == "active"


def test_open_banking_is_refreshed_only_so_often_a_day(partner: Partner) -> None:
    partner.switch(open_banking_refreshes_per_day=2)
    connection = partner.connected(GAVIN, "AU00004")
    for _ in range(2):
        partner.refresh(connection)
        partner.wait()
    assert code(partner.post(_one(partner, connection) + "/refresh")) == (429, "too-many-requests")
    partner.wait(timedelta(days=1))
    partner.renew_tokens()
    partner.refresh(connection)


def test_the_same_login_has_to_wait_while_it_is_in_use(partner: Partner) -> None:
    partner.connect(GAVIN)
    job = partner.connect(GAVIN)["jobId"]
    partner.wait(timedelta(minutes=5))
    assert partner.steps(job)["verify-credentials"] == "in-progress"
    partner.wait(timedelta(minutes=2))
    assert set(partner.steps(job).values()) == {"success"}


@pytest.mark.parametrize(("reading", "expected"), [("in-use", "success"), ("ever", "in-progress")])
def test_the_same_login_a_second_time_has_to_wait_if_so_read(partner: Partner, reading: str, expected: str) -> None:
    partner.switch(same_credentials=reading)
    partner.connected(GAVIN)
    job = partner.connect(GAVIN)["jobId"]
    partner.wait(timedelta(minutes=5))
    assert partner.steps(job)["verify-credentials"] == expected


def test_purging_wipes_the_data_and_keeps_the_connection(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    partner.connected(GAVIN, "AU00004")
    assert partner.post(_one(partner, connection) + "/purge").status_code == 204
    accounts = partner.get(f"/users/{partner.user}/accounts").json()["data"]
    assert [account["institution"] for account in accounts] == ["AU00004"]
    assert partner.get(_one(partner, connection)).status_code == 200


def test_only_an_active_connection_is_purged(partner: Partner) -> None:
    partner.connect(GAVIN)
    connection = str(_connections(partner)[0]["id"])
    assert code(partner.post(_one(partner, connection) + "/purge")) == (400, "parameter-not-valid")


def test_deleting_a_connection_leaves_its_data(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    assert partner.delete(_one(partner, connection)).status_code == 204
    assert code(partner.get(_one(partner, connection))) == (404, "resource-not-found")
    assert code(partner.post(_one(partner, connection) + "/refresh")) == (404, "resource-not-found")
    assert len(partner.transactions()) == 5


def test_connectors_are_the_worlds_banks(partner: Partner) -> None:
    body = partner.get("/connectors").json()
    assert body["totalCount"] == 4
    kinds = {c["id"]: (c["method"], c["authorization"]["type"]) for c in body["data"]}
    assert kinds == {
        "AU00000": ("web", "user"),
        "AU00002": ("web", "user-mfa"),
        "AU00003": ("web", "user-mfa-intermittent"),
        "AU00004": ("openbanking", "other"),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("connector.id.eq('AU00002')", ["AU00002"]),
        ("connector.method.eq('open-banking')", ["AU00004"]),
        ("connector.method.eq('web'),connector.authorization.type.ne('user')", ["AU00002", "AU00003"]),
        ("connector.authorization.type.in('user-mfa','other')", ["AU00002", "AU00004"]),
        ("connector.stage.eq('live'),connector.institution.tier.in('1','2')", []),
        ("connector.scopes.eq('account.basic'),connector.id.eq('AU00000')", ["AU00000"]),
        ("connector.scopes.ne('account.basic')", []),
    ],
)
def test_connectors_can_be_filtered(partner: Partner, text: str, expected: list[str]) -> None:
    assert [c["id"] for c in partner.get("/connectors", filter=text).json()["data"]] == expected


def test_a_connector_is_found_by_id_and_method(partner: Partner) -> None:
    connector = partner.get("/connectors/AU00004/open-banking").json()
    assert connector["links"]["self"] == f"{BASE}/connectors/AU00004/openbanking"
    assert connector["institution"]["name"] == "HooliGov"
    assert code(partner.get("/connectors/AU00004/web")) == (404, "resource-not-found")
    assert code(partner.get("/connectors/AU99999/web")) == (404, "resource-not-found")


def test_identities_are_what_each_bank_says(partner: Partner) -> None:
    partner.connected(GAVIN)
    identities = partner.get(f"/users/{partner.user}/identities").json()
    assert identities["count"] == 1
    identity = identities["data"][0]
    assert (identity["fullName"], identity["DOB"]) == ("Gavinbelson Tester", "1980-02-29")
    path = f"/users/{partner.user}/identities"
    assert partner.get(f"{path}/{identity['id']}").json() == identity
    assert code(partner.get(f"{path}/none")) == (404, "resource-not-found")


def test_the_description_names_everyone_who_can_sign_in_and_every_switch(partner: Partner) -> None:
    described = partner.dialect.describe(BASE)
    assert described["settings"]["consent_url"] == f"{BASE}/home"
    assert described["settings"]["api_key"] == described["credentials"]["api_key"]
    logins = {(p["institution"], Login(p["username"], p["password"])) for p in described["people"]}
    assert ("AU00000", GAVIN) in logins
    assert ("AU00003", Login("bighead", "password")) in logins
    assert ("AU00003", GAVIN) not in logins
    assert described["switches"].keys() == partner.control.get("/switches").json().keys()
    assert all(switch["meaning"] for switch in described["switches"].values())


def test_an_unknown_switch_is_refused_with_the_known_ones(partner: Partner) -> None:
    response = partner.control.patch("/switches", json={"speed": 1})
    assert response.status_code == 400
    assert "verify_seconds" in response.json()["error"]


def test_the_control_origin_lists_connections(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    assert partner.control.get("/connections").json() == [
        {"id": connection, "user": partner.user, "institution": "AU00000", "login": "gavinBelson", "status": "active"}
    ]
