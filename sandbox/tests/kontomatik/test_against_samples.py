"""Every answer against the hand-made sample payloads, where those lie beside the repository."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from lxml import etree

from .signin_service import Service, attribute, read

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "kontomatik"
pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason=f"no sample payloads at {SAMPLES.name}, beside the repository"
)

Shape = dict[str, tuple[list[str], list[list[str]]]]
Way = Callable[[Service], httpx.Response]

_SECOND = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
_MICROSECOND = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
_DAY, _MONEY = r"\d{4}-\d\d-\d\d", r"-?\d+\.\d\d"
FORMS = {
    "reply/@responseTimestamp": _SECOND,
    "//@createdAt | //@updatedAt | //@lastChange": _MICROSECOND,
    "reply/session/@id | reply/command/@id": r"\d{9}",
    "reply/session/@signature": "[0-9a-f]{64}",
    "//transactionOn/text() | //bookedOn/text() | //birthDate/text() | //activeSinceAtLeast/text()": _DAY,
    "//currencyAmount/text() | //currencyBalance/text() | //currencyFundsAvailable/text()": _MONEY,
    "//currencyName/text()": "[A-Z]{3}",
    "//account/iban/text() | //partyIban/text()": r"[A-Z]{2}\d{2}[A-Z0-9]+",
    "//polishPesel/text()": r"\d{11}",
    "//phone/text()": r"\+\d+\*+\d+",
    "//variableSymbol/text()": r"\d{1,10}",
    "//constantSymbol/text()": r"\d{4}",
}


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
    """Hold each element's attributes, the order of its children and the form of its values against the sample's."""
    expected_root = etree.parse(SAMPLES / sample).getroot()
    expected = shape(expected_root)
    for path, (attributes, orders) in shape(root).items():
        assert path in expected, f"{path} is not in {sample}"
        known, known_orders = expected[path]
        assert [a for a in known if a in attributes] == attributes, f"attributes of {path}"
        merged = merge(known_orders)
        for order in orders:
            assert [tag for tag in merged if tag in order] == order, f"children of {path}"
    for one in (expected_root, root):
        assert_formed(one)


def assert_formed(root: etree._Element) -> None:
    for path, form in FORMS.items():
        values = root.getroottree().xpath(path)
        assert isinstance(values, list)
        for value in values:
            assert isinstance(value, str)
            assert re.fullmatch(form, value), f"{path}: {value}"


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


# Sessions, data, catalog ----------------------------------------------------------------------------------------------


def deleted_access(service: Service) -> httpx.Response:
    form = {"multipleAccessId": service.signed_in()["multipleAccessId"]}
    return service.api.post("/v1/command/delete-multiple-access.xml", data=form)


def data(service: Service, method: str = "GET") -> httpx.Response:
    for country in ("pl", "cz"):
        service.imported(service.session_from(service.mock_session(country=country)))
    return service.api.request(method, "/v1/data.xml", params={"ownerExternalId": "anna-1"})


def signed_out(service: Service) -> httpx.Response:
    fetched = service.fetch("SINGLE", target="KontoBank")
    page = service.click(service.open(fetched["redirectionLink"]))
    service.click(service.click(page, username="test1", password="Test123"), code="Test123")
    return service.begin("sign-out", service.status(fetched["redirectionId"])["params"])


REPLIES: dict[str, Way] = {
    "catalog/catalog.response.xml": lambda s: s.api.get("/v1/catalog.xml"),
    "commands/legacy/sign-out.response.xml": signed_out,
    "data/data.response.xml": data,
    "data/data-delete.response.xml": lambda s: data(s, "DELETE"),
    "sessions/delete-multiple-access.response.xml": deleted_access,
    "sessions/mock-session.response.xml": lambda s: s.mock_session(),
    "sessions/reuse-multiple-access.response.xml": lambda s: s.reuse(s.signed_in()["multipleAccessId"]),
}


@pytest.mark.parametrize("sample", REPLIES)
def test_a_reply(service: Service, sample: str) -> None:
    root = read(REPLIES[sample](service))
    assert_fits(root, sample)
    expected = etree.parse(SAMPLES / sample).getroot()
    assert list(root.attrib) == list(expected.attrib)
    assert [child.tag for child in root] == [child.tag for child in expected]


# Imports --------------------------------------------------------------------------------------------------------------


OTHERWISE = {
    "import-error": "commands/command.error.xml",
    "import-fatal": "commands/command.fatal.xml",
    "partial": "commands/command.successful.partial.xml",
}
STEPS = {
    None: "commands/default-import.start.response.xml",
    0: "commands/command.setup.xml",
    2: "commands/command.in_progress.xml",
    4: "commands/command.successful.default-import.xml",
}
OLDER = ("import-owners", "import-accounts", "import-account-transactions")


@pytest.mark.parametrize("user", OTHERWISE)
def test_an_import_that_went_otherwise(service: Service, user: str) -> None:
    assert_fits(service.imported(service.signed_in(user), since="2026-11-20"), OTHERWISE[user])


@pytest.mark.parametrize("seconds", STEPS)
def test_an_import_step_by_step(service: Service, seconds: int | None) -> None:
    root = read(service.start(service.signed_in()), 202)
    if seconds is not None:
        service.later(seconds=seconds)
        root = service.poll(attribute(root, "command/@id"))
    assert_fits(root, STEPS[seconds])


@pytest.mark.parametrize("command", OLDER)
def test_an_older_import(service: Service, command: str) -> None:
    iban = str(service.world.accounts[0].iban)
    form = {"iban": iban, "since": "2026-11-01"} if command.endswith("transactions") else {}
    started = read(service.begin(command, service.signed_in(), **form), 202)
    assert_fits(started, f"commands/legacy/{command}.start.response.xml")
    service.later(seconds=4)
    done = service.poll(attribute(started, "command/@id"))
    sample = f"commands/legacy/{command}.successful.xml"
    assert_fits(done, sample)
    named = etree.parse(SAMPLES / sample).getroot()
    assert attribute(done, "command/@name") == attribute(named, "command/@name")


# Refusals -------------------------------------------------------------------------------------------------------------


def limited(switch: str) -> Way:
    def way(service: Service) -> httpx.Response:
        first, second = service.signed_in(), service.signed_in()
        service.start(first)
        setattr(service.dialect.switches, switch, 1)
        return service.start(second) if switch == "imports_at_once" else service.mock_session()

    return way


def used_up(service: Service) -> httpx.Response:
    access_id = service.signed_in()["multipleAccessId"]
    return [service.reuse(access_id) for _ in range(5)][-1]


def imported_twice(service: Service) -> httpx.Response:
    session = service.signed_in()
    return [service.start(session) for _ in range(2)][-1]


def expired(service: Service) -> httpx.Response:
    service.dialect.switches.expired_session_exception = "SessionExpired"
    session = service.signed_in()
    service.later(minutes=10)
    return service.start(session)


def unknown_target(service: Service) -> httpx.Response:
    service.dialect.switches.json_errors = "xml"
    order = {"redirectUri": "https://shop.example/", "country": "pl", "locale": "pl", "target": "NoBankApi"}
    return service.api.post("/v1/signin/redirection", json=order)


def any_other(name: str) -> Way:
    def way(service: Service) -> httpx.Response:
        service.dialect.switches.refuse_all_with = name
        return service.api.get("/v1/catalog.xml")

    return way


REFUSALS: dict[str, Way] = {
    "400-AlreadySignedIn": any_other("AlreadySignedIn"),
    "400-CommandNotAvailable": lambda s: s.begin("sign-out", s.signed_in()),
    "400-DefaultImportAlreadyExecuted": imported_twice,
    "400-InvalidArgument": lambda s: s.begin("import-accounts", s.signed_in(), fast="perhaps"),
    "400-InvalidIban": lambda s: s.begin("import-account-transactions", s.signed_in(), iban="PL00", since="2026-11-01"),
    "400-InvalidParameter": lambda s: s.start(s.signed_in(), since=""),
    "400-InvalidSessionIdSignature": lambda s: s.start(s.signed_in() | {"sessionIdSignature": "0" * 64}),
    "400-InvalidSince": lambda s: s.start(s.signed_in(), since="yesterday"),
    "400-InvalidTarget": unknown_target,
    "400-NoDataToCalculateScore": any_other("NoDataToCalculateScore"),
    "400-NotSignedIn": any_other("NotSignedIn"),
    "400-SessionExpired": expired,
    "401-Unauthorized": lambda s: s.client().get("/v1/catalog.xml"),
    "404-InvalidCommandId": lambda s: s.api.get("/v1/command/1.xml"),
    "404-InvalidMultipleAccessId": lambda s: s.reuse("no-such-access"),
    "404-InvalidOwnerExternalId": lambda s: s.api.get("/v1/data.xml", params={"ownerExternalId": "nobody"}),
    "404-InvalidSessionId": lambda s: s.start({"sessionId": "1", "sessionIdSignature": "0"}),
    "429-ConcurrentSessionsLimitExceeded": limited("sessions_at_once"),
    "429-JobsQuotaExceeded": limited("imports_at_once"),
    "429-MultipleAccessLimitExceeded": used_up,
    "502-IOException": any_other("IOException"),
    "503-ServiceMaintenance": any_other("ServiceMaintenance"),
    "503-ServiceTemporarilyUnavailable": any_other("ServiceTemporarilyUnavailable"),
}


@pytest.mark.parametrize("sample", REFUSALS)
def test_a_refusal(service: Service, sample: str) -> None:
    code, name = sample.split("-")
    root = read(REFUSALS[sample](service), int(code))
    expected = etree.parse(SAMPLES / "errors" / f"{sample}.xml").getroot()
    assert root.get("status") == expected.get("status")
    assert [str(e.get("name")) for e in root.findall("exception")] == ([] if code == "401" else [name])
    # "Some errors" tell the owner (section 6): those that come of a session may.
    if "ownerExternalId" not in expected.attrib and "ownerExternalId" in root.attrib:
        del root.attrib["ownerExternalId"]
    assert_fits(root, f"errors/{sample}.xml")


# The redirection ------------------------------------------------------------------------------------------------------


def json_sample(name: str) -> Any:
    return json.loads((SAMPLES / "redirection" / f"{name}.json").read_text("utf-8"))


def test_a_fetched_redirection(service: Service) -> None:
    response = service.api.post("/v1/signin/redirection", json=json_sample("fetch-redirection.request"))
    assert response.status_code == 200
    assert list(response.json()) == list(json_sample("fetch-redirection.response"))
    back = service.sign_in(response.json()["redirectionLink"])
    sample = (SAMPLES / "redirection" / "callback-url.txt").read_text("utf-8").strip()
    assert back.url.rpartition("=")[0] == sample.rpartition("=")[0]


FINAL: dict[str, tuple[str, str, dict[str, str]]] = {  # the access mode, the user, the switches
    "success-multiple": ("MULTIPLE", "test1", {}),
    "success-single": ("SINGLE", "test1", {}),
    "success-single-key-absent": ("SINGLE", "test1", {"missing_access_id": "absent"}),
    "error-user": ("MULTIPLE", "locked-out", {}),
    "error-minimal": ("MULTIPLE", "invalid-credentials", {"error_params": "minimal"}),
}
WITHOUT_OUTCOME = ("nonfinal-created", "nonfinal-in_progress", "expired")
REFUSED = ("unknown-id-404", "too-many-requests-429")


@pytest.mark.parametrize("sample", FINAL)
def test_a_final_status(service: Service, sample: str) -> None:
    mode, user, switches = FINAL[sample]
    for name, value in switches.items():
        setattr(service.dialect.switches, name, value)
    back = service.sign_in(service.fetch(mode)["redirectionLink"], user)
    expected, status = json_sample(f"redirection-status.{sample}"), service.status(back.redirection_id)
    assert status["status"] == expected["status"]
    assert list(status["params"]) == list(expected["params"])
    assert {k: type(v) for k, v in status["params"].items()} == {k: type(v) for k, v in expected["params"].items()}
    assert status["params"].get("exception") == expected["params"].get("exception")


@pytest.mark.parametrize("sample", WITHOUT_OUTCOME)
def test_a_status_without_an_outcome(service: Service, sample: str) -> None:
    fetched = service.fetch()
    if sample != "nonfinal-created":
        service.open(fetched["redirectionLink"])
    service.later(hours=1 if sample == "expired" else 0)
    assert service.status(fetched["redirectionId"]) == json_sample(f"redirection-status.{sample}")


@pytest.mark.parametrize("sample", REFUSED)
def test_a_refused_status(service: Service, sample: str) -> None:
    redirection_id = service.fetch()["redirectionId"] if sample.endswith("429") else "no-such-id"
    responses = [service.ask(redirection_id) for _ in range(4)]
    assert responses[-1].json() == json_sample(f"redirection-status.{sample}")
    assert responses[-1].status_code == int(sample[-3:])


def test_a_refused_status_in_xml(service: Service) -> None:
    service.dialect.switches.json_errors = "xml"
    root, sample = read(service.ask("no-such-id"), 404), "redirection/redirection-status.unknown-id-404.alt.xml"
    assert_fits(root, sample)
    assert attribute(root, "exception/@name") == attribute(etree.parse(SAMPLES / sample).getroot(), "exception/@name")


# What clients send ----------------------------------------------------------------------------------------------------


def form_sample(name: str) -> dict[str, str]:
    return dict(parse_qsl((SAMPLES / name).read_text("utf-8").strip(), strict_parsing=True))


@pytest.mark.parametrize("style", ["data", "params"])
def test_requests_as_clients_send_them(service: Service, style: str) -> None:
    def post(path: str, form: dict[str, str]) -> httpx.Response:
        return service.api.post(path, **{style: form})  # type: ignore[arg-type]  # a form, or a query and no body

    mocked = service.session_from(post("/v1/mock-session.xml", form_sample("sessions/mock-session.request.txt")))
    start = form_sample("commands/default-import.start.request.txt")
    own = start | {k: mocked[k] for k in ("sessionId", "sessionIdSignature")}
    assert list(own) == list(start)
    read(post("/v1/command/default-import.xml", own), 202)
    reuse = form_sample("sessions/reuse-multiple-access.request.txt")
    read(post("/v1/command/reuse-multiple-access.xml", reuse | {"multipleAccessId": mocked["multipleAccessId"]}))


SENT = (
    "commands/default-import.start.request.txt",
    "redirection/callback-url.txt",
    "redirection/fetch-redirection.request.json",
    "redirection/fetch-redirection.response.json",
    "redirection/redirection-status.unknown-id-404.alt.xml",
    "sessions/mock-session.request.txt",
    "sessions/reuse-multiple-access.request.txt",
)


def test_no_sample_is_left_out() -> None:
    held = {*REPLIES, *OTHERWISE.values(), *STEPS.values(), *SENT, *(f"errors/{name}.xml" for name in REFUSALS)}
    held |= {f"commands/legacy/{name}.{end}.xml" for name in OLDER for end in ("start.response", "successful")}
    held |= {f"redirection/redirection-status.{name}.json" for name in (*FINAL, *WITHOUT_OUTCOME, *REFUSED)}
    assert held == {path.relative_to(SAMPLES).as_posix() for path in SAMPLES.glob("*/**/*.*")}
