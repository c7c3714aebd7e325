"""Policies, where the links of consents lead (providers/basiq.md, section 2.4)."""

from __future__ import annotations

from typing import Any

from .bank import GAVIN
from .caller import BASE, Partner, code


def _consent(partner: Partner) -> dict[str, Any]:
    consent: dict[str, Any] = partner.client.get(
        f"/users/{partner.user}/consents", headers={"Authorization": f"Bearer {partner.token()}"}
    ).json()["data"][-1]
    return consent


def _path(consent: dict[str, Any], link: str) -> str:
    return str(consent["links"][link]).removeprefix(BASE)


def test_a_consents_policy_is_served_with_the_terms_that_were_agreed_to(partner: Partner) -> None:
    partner.connected(GAVIN)
    consent = _consent(partner)
    policy = partner.get(_path(consent, "consentPolicy")).json()
    assert policy["links"]["self"] == consent["links"]["consentPolicy"]
    assert policy["purpose"] == consent["purpose"]
    asked = [permission["scope"] for permission in policy["data"]["permissions"]]
    assert asked == [permission["scope"] for permission in consent["data"]["permissions"]]
    assert policy["data"]["initialRetrievalDays"] == consent["data"]["initialRetrievalDays"]
    assert "consented" not in policy["data"]["permissions"][0]


def test_an_earlier_policy_stays_as_long_as_a_consent_stands_under_it(partner: Partner) -> None:
    partner.connected(GAVIN)
    partner.switch(policy_version=2)
    consent = _consent(partner)
    earlier, latest = _path(consent, "consentPolicy"), _path(consent, "latestConsentPolicy")
    assert earlier != latest
    assert [partner.get(path).json()["id"] for path in (earlier, latest)] == [
        path.rpartition("/")[2] for path in (earlier, latest)
    ]
    partner.delete(f"/users/{partner.user}")
    assert code(partner.get(earlier)) == (404, "resource-not-found")
    assert partner.get(latest).status_code == 200


def test_an_unknown_policy_is_not_found(partner: Partner) -> None:
    assert code(partner.get("/policies/none")) == (404, "resource-not-found")


def test_a_person_may_read_the_policy_in_a_browser(partner: Partner) -> None:
    partner.connected(GAVIN)
    assert partner.get(_path(_consent(partner), "consentPolicy"), "CLIENT_ACCESS").status_code == 200


def test_policies_may_be_served_nowhere(partner: Partner) -> None:
    partner.connected(GAVIN)
    partner.switch(policies_served=False)
    refused = partner.get(_path(_consent(partner), "consentPolicy"))
    assert refused.json()["data"][0]["detail"] == "Route not found for this API version."


def test_the_terms_follow_the_settings_of_the_dashboard(partner: Partner) -> None:
    partner.connected(GAVIN)
    assert "disclosure" not in _consent(partner)["data"]
    partner.switch(retain_data=True, retrieval_days=90, consent_disclosure=True)
    data = _consent(partner)["data"]
    assert (data["retainData"], data["initialRetrievalDays"], data["disclosure"]) == (True, 90, None)
    assert partner.get(_path(_consent(partner), "latestConsentPolicy")).json()["data"]["retainData"] is True
