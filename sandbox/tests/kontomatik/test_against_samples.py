"""Shapes against the hand-made sample payloads, where those lie beside the repository."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from .signin_service import Service, read

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "kontomatik"
pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason=f"no sample payloads at {SAMPLES.name}, beside the repository"
)

Shape = dict[str, tuple[list[str], list[list[str]]]]


def shape(root: etree._Element) -> Shape:
    """For each path of tags: every attribute seen on it and every order of children seen in it."""
    found: Shape = {}
    for element in root.iter():
        path = "/".join([*(str(a.tag) for a in reversed(list(element.iterancestors()))), str(element.tag)])
        attributes, orders = found.setdefault(path, ([], []))
        attributes.extend(name for name in map(str, element.attrib) if name not in attributes)
        orders.append(list(dict.fromkeys(str(child.tag) for child in element)))
    return found


def assert_fits(root: etree._Element, sample: str) -> None:
    """Hold each element's attributes and the order of its children against the sample's."""
    expected = shape(etree.parse(SAMPLES / sample).getroot())
    for path, (attributes, orders) in shape(root).items():
        assert path in expected, f"{path} is not in {sample}"
        known, known_orders = expected[path]
        assert [a for a in known if a in attributes] == attributes, f"attributes of {path}"
        merged = merge(known_orders)
        for order in orders:
            assert [tag for tag in merged if tag in order] == order, f"children of {path}"


def merge(orders: list[list[str]]) -> list[str]:
    """One order that holds for all: children that some elements leave out fall into their place."""
    merged: list[str] = []
    for order in orders:
        place = 0
        for tag in order:
            if tag not in merged:
                merged.insert(place, tag)
            place = merged.index(tag) + 1
    return merged


def test_a_started_import(service: Service) -> None:
    assert_fits(read(service.start(service.signed_in()), 202), "commands/default-import.start.response.xml")


@pytest.mark.parametrize(
    ("seconds", "sample"),
    [(0, "setup"), (2, "in_progress"), (4, "successful.default-import")],
)
def test_a_polled_import(service: Service, seconds: int, sample: str) -> None:
    root = read(service.start(service.signed_in()), 202)
    service.later(seconds=seconds)
    command = root.find("command")
    assert command is not None
    assert_fits(service.poll(str(command.get("id"))), f"commands/command.{sample}.xml")


@pytest.mark.parametrize(
    ("user", "sample"), [("import-error", "error"), ("import-fatal", "fatal"), ("partial", "successful.partial")]
)
def test_an_import_that_went_otherwise(service: Service, user: str, sample: str) -> None:
    assert_fits(service.imported(service.signed_in(user), since="2026-11-20"), f"commands/command.{sample}.xml")


def test_stored_data_of_two_countries(service: Service) -> None:
    for country in ("pl", "cz"):
        service.imported(service.session_from(service.mock_session(country=country)))
    response = service.api.get("/v1/data.xml", params={"ownerExternalId": "anna-1"})
    root = read(response)
    assert len(root.findall("owner/target")) == 2
    assert_fits(root, "data/data.response.xml")


def test_the_catalog(service: Service) -> None:
    assert_fits(read(service.api.get("/v1/catalog.xml")), "catalog/catalog.response.xml")


def test_sessions_without_a_browser(service: Service) -> None:
    mocked = service.mock_session()
    assert_fits(read(mocked), "sessions/mock-session.response.xml")
    access_id = str(service.session_from(mocked)["multipleAccessId"])
    assert_fits(read(service.reuse(access_id)), "sessions/reuse-multiple-access.response.xml")


def test_errors(service: Service) -> None:
    unknown = {"sessionId": "1", "sessionIdSignature": "0"}
    assert_fits(read(service.start(unknown), 404), "errors/404-InvalidSessionId.xml")
    assert_fits(read(service.client().get("/v1/catalog.xml"), 401), "errors/401-Unauthorized.xml")
    session = service.signed_in()
    service.start(session)
    assert_fits(read(service.start(session), 400), "errors/400-CommandNotAvailable.xml")


@pytest.mark.parametrize(
    ("mode", "user", "sample"),
    [
        ("MULTIPLE", "test1", "success-multiple"),
        ("SINGLE", "test1", "success-single"),
        ("MULTIPLE", "locked-out", "error-user"),
    ],
)
def test_final_statuses(service: Service, mode: str, user: str, sample: str) -> None:
    back = service.sign_in(service.fetch(mode)["redirectionLink"], user)
    expected = json.loads((SAMPLES / "redirection" / f"redirection-status.{sample}.json").read_text("utf-8"))
    status = service.status(back.redirection_id)
    assert status["status"] == expected["status"]
    assert list(status["params"]) == list(expected["params"])


@pytest.mark.parametrize("status", ["unknown-id-404", "too-many-requests-429"])
def test_errors_of_the_status_endpoint(service: Service, status: str) -> None:
    expected = json.loads((SAMPLES / "redirection" / f"redirection-status.{status}.json").read_text("utf-8"))
    redirection_id = service.fetch()["redirectionId"] if status.endswith("429") else "no-such-id"
    responses = [service.ask(redirection_id) for _ in range(4)]
    assert responses[-1].json() == expected
    assert responses[-1].status_code == int(status[-3:])
