"""A bank that moves from its PSD2 target to a fallback, where multiple access does not work."""

from __future__ import annotations

import pytest

from .signin_service import Service, attribute, read, refusal


def catalog(service: Service, **query: str) -> list[str | None]:
    root = read(service.api.get("/v1/catalog.xml", params=query))
    return [target.get("name") for target in root.findall("targets/target")]


def move(service: Service, *institutions: str) -> None:
    service.dialect.switches.moved_to_fallback = ", ".join(institutions)


def test_only_the_fallback_is_offered_then(service: Service) -> None:
    move(service, "KontoBank")
    assert catalog(service, country="pl") == ["KontoBank", "PkoApi", "Pko"]
    assert catalog(service, country="pl", accessMode="MULTIPLE") == ["PkoApi"]
    assert service.open(service.fetch("MIXED")["redirectionLink"]).targets == ["KontoBank", "PkoApi"]
    assert service.open(service.fetch("MULTIPLE")["redirectionLink"]).targets == ["PkoApi"]
    move(service)
    assert catalog(service, country="pl", accessMode="MULTIPLE") == ["KontoBankApi", "PkoApi"]


def test_its_multiple_access_rests_and_comes_back_with_the_target(service: Service) -> None:
    access_id = service.signed_in()["multipleAccessId"]
    move(service, "KontoBank", "KontoBank_cz")
    assert refusal(service.reuse(access_id), 404) == "InvalidMultipleAccessId"
    move(service)
    assert [service.reuse(access_id).status_code for _ in range(5)] == [200] * 4 + [429], (
        "a refusal was none of the four"
    )


@pytest.mark.parametrize(("name", "status"), [("CommandNotAvailable", 400), ("ServiceTemporarilyUnavailable", 503)])
def test_what_reusing_it_is_answered_with_is_a_switch(service: Service, name: str, status: int) -> None:
    access_id = service.signed_in()["multipleAccessId"]
    move(service, "KontoBank")
    service.dialect.switches.moved_access_exception = name  # type: ignore[assignment]  # a parameter is a plain str
    assert refusal(service.reuse(access_id), status) == name


def test_a_person_can_sign_in_at_the_fallback_for_once(service: Service) -> None:
    move(service, "KontoBank")
    back = service.sign_in(service.fetch("MIXED")["redirectionLink"], target="KontoBank")
    params = service.status(back.redirection_id)["params"]
    assert (params["target"], params["multipleAccessId"]) == ("KontoBank", None)
    assert attribute(service.imported(params), "command/@institution") == "KontoBank"


def test_a_person_on_the_way_to_the_old_target_meets_an_outage(service: Service) -> None:
    page = service.click(service.open(service.fetch()["redirectionLink"]), target="KontoBankApi")
    move(service, "KontoBank")
    back = service.click(page)
    assert service.status(back.redirection_id)["params"]["exception"] == "ServiceTemporarilyUnavailable"


def test_the_old_target_cannot_be_preselected(service: Service) -> None:
    move(service, "KontoBank")
    order = {"redirectUri": "https://shop.example/", "country": "pl", "locale": "pl", "target": "KontoBankApi"}
    response = service.api.post("/v1/signin/redirection", json=order)
    assert response.json()["exception"]["name"] == "InvalidTarget"


def test_the_mock_session_takes_the_fallback_too(service: Service) -> None:
    move(service, "KontoBank")
    session = service.session_from(service.mock_session())
    assert session["multipleAccessId"] is None
    assert attribute(service.imported(session), "command/@target") == "KontoBank"


def test_both_targets_of_a_bank_are_one_bank_of_the_stored_data(service: Service) -> None:
    service.imported(service.session_from(service.mock_session()))
    move(service, "KontoBank")
    service.imported(service.session_from(service.mock_session()))
    service.imported(service.session_from(service.mock_session(country="cz")))
    root = read(service.api.get("/v1/data.xml", params={"ownerExternalId": "anna-1"}))
    assert [t.get("name") for t in root.findall("owner/target")] == ["KontoBank", "KontoBankApi_cz"]


def test_a_catalog_as_in_production_has_one_target_of_each_bank(service: Service) -> None:
    service.dialect.switches.catalog_targets = "one-per-institution"
    assert catalog(service) == ["KontoBankApi", "PkoApi", "KontoBankApi_cz"]
    move(service, "Pko")
    assert catalog(service) == ["KontoBankApi", "Pko", "KontoBankApi_cz"]
