"""Stored data of an owner, and the catalog of targets."""

from __future__ import annotations

from lxml import etree

from .signin_service import Service, attribute, read, refusal, texts


def data(service: Service, owner: str = "anna-1") -> etree._Element:
    return read(service.api.get("/v1/data.xml", params={"ownerExternalId": owner}))


def data_status(service: Service, method: str = "GET", owner: str = "anna-1") -> int:
    return service.api.request(method, "/v1/data.xml", params={"ownerExternalId": owner}).status_code


def test_an_owners_banks_are_joined_in_one_document(service: Service) -> None:
    service.imported(service.session_from(service.mock_session(country="pl")))
    service.imported(service.session_from(service.mock_session(country="cz")))
    service.imported(service.session_from(service.mock_session(country="cz", ownerExternalId="somebody-else")))
    root = data(service)
    assert attribute(root, "owner/@externalId") == "anna-1"
    assert [t.get("name") for t in root.findall("owner/target")] == ["KontoBankApi", "KontoBankApi_cz"]
    assert [e.tag for e in root.findall("owner/target")[0]] == ["owners", "accounts", "creditCards", "deposits"]


def test_of_two_imports_of_one_bank_the_newest_counts(service: Service) -> None:
    access_id = service.signed_in()["multipleAccessId"]
    for since in ("2026-11-01", "2026-11-20"):
        service.imported(service.session_from(service.reuse(access_id)), since)
    root = data(service)
    assert len(root.findall("owner/target")) == 1
    assert min(texts(root, ".//bookedOn")) >= "2026-11-20"


def test_only_finished_and_successful_imports_are_stored(service: Service) -> None:
    session = service.signed_in()
    assert data_status(service) == 404
    service.start(session)
    assert data_status(service) == 404
    service.imported(service.signed_in("import-error", ownerExternalId="unlucky"))
    assert data_status(service, owner="unlucky") == 404
    assert data_status(service) == 200


def test_data_is_kept_for_24_hours(service: Service) -> None:
    service.imported(service.signed_in())
    service.later(hours=23, minutes=59)
    assert data_status(service) == 200
    service.later(minutes=1)
    response = service.api.get("/v1/data.xml", params={"ownerExternalId": "anna-1"})
    assert refusal(response, 404) == "InvalidOwnerExternalId"


def test_data_can_be_removed_early(service: Service) -> None:
    root = service.imported(service.signed_in())
    assert data_status(service, "DELETE") == 200
    assert data_status(service) == 404
    assert data_status(service, "DELETE") == 404
    command_id = attribute(root, "command/@id")
    assert service.api.get(f"/v1/command/{command_id}.xml").status_code == 404


def test_data_needs_an_owner(service: Service) -> None:
    assert refusal(service.api.get("/v1/data.xml"), 400) == "InvalidParameter"


def catalog(service: Service, path: str = "catalog", **query: str) -> list[str | None]:
    root = read(service.api.get(f"/v1/{path}.xml", params=query))
    return [target.get("name") for target in root.findall("targets/target")]


def test_the_catalog_has_two_names_and_the_same_targets(service: Service) -> None:
    assert catalog(service) == catalog(service, "command-catalog", favicons="false")
    assert set(catalog(service)) >= {"KontoBankApi", "KontoBank", "PkoApi", "KontoBankApi_cz", "KontoBank_cz"}


def test_the_catalog_narrows_by_country(service: Service) -> None:
    assert catalog(service, country="cz") == ["KontoBankApi_cz", "KontoBank_cz"]
    assert catalog(service, country="all") == catalog(service)
    assert catalog(service, country="zz") == []


def test_only_psd2_targets_offer_multiple_access(service: Service) -> None:
    assert catalog(service, accessMode="MULTIPLE") == ["KontoBankApi", "PkoApi", "KontoBankApi_cz"]
    assert catalog(service, accessMode="SINGLE") == catalog(service, accessMode="MIXED") == catalog(service)
    response = service.api.get("/v1/catalog.xml", params={"accessMode": "ALWAYS"})
    assert refusal(response, 400) == "InvalidParameter"


def test_several_targets_share_an_institution(service: Service) -> None:
    root = read(service.api.get("/v1/catalog.xml"))
    institutions = {t.get("name"): t.get("institution") for t in root.findall("targets/target")}
    assert institutions["KontoBankApi_cz"] == institutions["KontoBank_cz"] == "KontoBank_cz"
    assert institutions["PkoApi"] == "Pko"
