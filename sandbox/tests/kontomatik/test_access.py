"""Who may call: the key and the caller's address."""

from __future__ import annotations

import pytest

from .signin_service import KEY, Service, read, texts

CATALOG = "/v1/catalog.xml"


def test_a_wrong_key_gets_401_with_a_comment_and_no_name(service: Service) -> None:
    root = read(service.client().get(CATALOG, headers={"X-Api-Key": "wrong-key-0123"}), 401)
    assert "wr**********23" in texts(root, "comment")[0]
    assert "wrong-key" not in texts(root, "comment")[0]
    assert "user" not in root.attrib
    assert root.find("exception") is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", CATALOG),
        ("GET", "/v1/command-catalog.xml"),
        ("GET", "/v1/data.xml"),
        ("DELETE", "/v1/data.xml"),
        ("GET", "/v1/command/1.xml"),
        ("POST", "/v1/command/default-import.xml"),
        ("POST", "/v1/command/reuse-multiple-access.xml"),
        ("POST", "/v1/command/delete-multiple-access.xml"),
        ("POST", "/v1/command/sign-out.xml"),
        ("POST", "/v1/mock-session.xml"),
        ("POST", "/v1/signin/redirection"),
        ("GET", "/v1/signin/redirection-status"),
    ],
)
def test_every_endpoint_asks_for_the_key_before_anything_else(service: Service, method: str, path: str) -> None:
    assert service.client().request(method, path).status_code == 401


def test_an_unlisted_address_gets_the_same_401(service: Service) -> None:
    stranger = service.client("203.0.113.77", headers={"X-Api-Key": KEY})
    assert "20" in texts(read(stranger.get(CATALOG), 401), "comment")[0]
    service.dialect.switches.allowed_addresses = "198.51.100.1, 203.0.113.0/24"
    assert stranger.get(CATALOG).status_code == 200
    assert service.api.get(CATALOG).status_code == 401


def test_any_loopback_address_is_listed_at_first(service: Service) -> None:
    for address in ("127.0.0.1", "127.9.9.9", "::1"):
        assert service.client(address, headers={"X-Api-Key": KEY}).get(CATALOG).status_code == 200


def test_a_spoilt_list_lets_nobody_in(service: Service) -> None:
    service.dialect.switches.allowed_addresses = "loopback, not-an-address"
    assert service.api.get(CATALOG).status_code == 401


def test_the_old_key_parameter_works_until_switched_off(service: Service) -> None:
    bare = service.client()
    assert bare.get(CATALOG, params={"apiKey": KEY}).status_code == 200
    assert bare.post("/v1/mock-session.xml", data={"apiKey": KEY, "login": "test1", "country": "pl"}).status_code == 200
    service.dialect.switches.accept_key_parameter = False
    assert bare.get(CATALOG, params={"apiKey": KEY}).status_code == 401


def test_several_keys_can_be_valid_at_once_and_one_be_withdrawn(service: Service) -> None:
    service.dialect.switches.api_keys = f"{KEY}, second-key"
    other = service.client(headers={"X-Api-Key": "second-key"})
    assert {service.api.get(CATALOG).status_code, other.get(CATALOG).status_code} == {200}
    service.dialect.switches.api_keys = "second-key"
    assert (service.api.get(CATALOG).status_code, other.get(CATALOG).status_code) == (401, 200)


def test_health_needs_no_key(service: Service) -> None:
    assert service.client().get("/isItWorking").status_code == 200
    assert service.client().get("/v1/health").status_code == 200


def test_the_hosted_page_needs_no_key(service: Service) -> None:
    assert "Choose your bank" in service.open(service.fetch()["redirectionLink"]).text
