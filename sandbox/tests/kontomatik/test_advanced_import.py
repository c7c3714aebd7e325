"""The older step-by-step imports, which some clients still speak."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from .signin_service import Service, attribute, read, refusal, texts

SINCE = "2026-11-01"


def imported(service: Service, command: str, session: dict[str, Any], **form: str) -> etree._Element:
    started = read(service.begin(command, session, **form), 202)
    service.later(seconds=4)
    return service.poll(attribute(started, "command/@id"))


def test_an_older_import_is_in_progress_from_the_start(service: Service) -> None:
    started = read(service.begin("import-owners", service.signed_in()), 202)
    assert attribute(started, "command/@state") == "in_progress"
    assert attribute(service.poll(attribute(started, "command/@id")), "command/@state") == "in_progress"


def test_accounts_come_without_their_rows(service: Service) -> None:
    root = imported(service, "import-accounts", service.signed_in(), fast="true")
    assert len(root.findall("command/result/accounts/account")) == 2
    assert root.find(".//moneyTransactions") is None
    assert [child.tag for child in root.findall("command/result/*")] == ["accounts"]


def test_rows_of_the_accounts_one_by_one_are_those_of_the_default_import(service: Service) -> None:
    whole = service.imported(service.signed_in(), SINCE)
    session = service.signed_in()
    for account in whole.findall("command/result/accounts/account"):
        iban = account.findtext("iban") or ""
        part = imported(service, "import-account-transactions", session, iban=f" {iban.lower()} ", since=SINCE)
        rows = part.find("command/result/moneyTransactions")
        expected = account.find("moneyTransactions")
        assert rows is not None
        assert expected is not None
        assert [(e.tag, e.text) for e in rows.iter()] == [(e.tag, e.text) for e in expected.iter()]


def test_cards_and_their_rows(service: Service) -> None:
    service.dialect.switches.credit_card = True
    session = service.signed_in()
    root = imported(service, "import-credit-cards", session)
    (number,) = texts(root, "command/result/creditCards/creditCard/number")
    rows = imported(service, "import-credit-card-transactions", session, cardNumber=number, since=SINCE)
    assert rows.findall("command/result/moneyTransactions/moneyTransaction")


@pytest.mark.parametrize(
    ("command", "form", "name"),
    [
        ("import-account-transactions", {"since": SINCE}, "InvalidParameter"),
        ("import-account-transactions", {"iban": "PL00"}, "InvalidParameter"),
        ("import-account-transactions", {"iban": "PL00", "since": "soon"}, "InvalidSince"),
        ("import-account-transactions", {"iban": "PL00", "since": SINCE}, "InvalidIban"),
        ("import-credit-card-transactions", {"cardNumber": "1", "since": SINCE}, "InvalidParameter"),
        ("import-accounts", {"fast": "perhaps"}, "InvalidArgument"),
        ("import-owners", {"sessionIdSignature": "0"}, "InvalidSessionIdSignature"),
    ],
)
def test_a_wrong_start_is_refused_by_name(service: Service, command: str, form: dict[str, str], name: str) -> None:
    assert refusal(service.begin(command, service.signed_in() | form, **form), 400) == name


def test_a_session_allows_several_of_them_but_no_default_import_beside(service: Service) -> None:
    session = service.signed_in()
    for command in ("import-owners", "import-accounts", "import-owners"):
        assert service.begin(command, session).status_code == 202
    assert refusal(service.start(session), 400) == "CommandNotAvailable"


def test_after_a_default_import_there_is_nothing_more_to_import(service: Service) -> None:
    session = service.signed_in()
    service.start(session)
    assert refusal(service.begin("import-owners", session), 400) == "DefaultImportAlreadyExecuted"


def test_what_they_read_is_not_stored(service: Service) -> None:
    imported(service, "import-accounts", service.signed_in())
    assert service.api.get("/v1/data.xml", params={"ownerExternalId": "anna-1"}).status_code == 404
