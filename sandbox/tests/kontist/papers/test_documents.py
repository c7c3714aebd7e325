"""Statements and other documents, and receipts that arrive by mail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from sandbox.tests.kontist.callers import Kontist, make_account, make_kontist, make_movement

_FIELDS = "id name type url downloadUrl note createdAt metadata{category{id categoryName folderName}}"
_LIST = (
    "query ($categories: [String!], $year: Int)"
    f"{{viewer{{documents(categoryIds: $categories, year: $year){{{_FIELDS}}}}}}}"
)
_MAIL = (
    "query ($unmatched: Boolean, $sources: [DocumentUploadSource!])"
    "{viewer{emailDocuments(filterByUnmatched: $unmatched, uploadSources: $sources)"
    "{id filename url matchStatus documentNumber amount transactionId matches{id}}}}"
)

_MATCH = (
    "mutation ($d: ID!, $t: ID!) {matchEmailDocumentToTransaction(emailDocumentId: $d, transactionId: $t) {success}}"
)


@pytest.fixture
def kontist() -> Kontist:
    """One movement in May, one of the same amount and one of another in June."""
    may = datetime(2026, 5, 20, 9, tzinfo=UTC)
    return make_kontist(
        [
            make_movement(1, "-20.00", at=may, counterparty="Łódź (Café)", text="MAY"),
            make_movement(2, "-20.00", text="JUNE"),
            make_movement(3, "-33.10", text="ONLY"),
        ]
    )


@pytest.fixture
def token(kontist: Kontist) -> str:
    kontist.dialect.switches.access_seconds = 400 * 86_400  # these tests move the clock far
    return kontist.token("statements transactions accounts")


def documents(kontist: Kontist, token: str, **wanted: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = kontist.read(_LIST, token, **wanted)["viewer"]["documents"]
    return found


def fetch(kontist: Kontist, url: str, token: str | None) -> Any:
    parts = urlsplit(url)
    return kontist.send("GET", f"{parts.path}?{parts.query}", token)


def mail(kontist: Kontist, **given: str) -> dict[str, Any]:
    answer = kontist.control("POST", "/emails", {"to": "anna@kontist.example", "filename": "r.pdf"} | given)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def inbox(kontist: Kontist, token: str, **wanted: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = kontist.read(_MAIL, token, **wanted)["viewer"]["emailDocuments"]
    return found


def test_a_receipt_belongs_to_no_payment_that_was_declined(kontist: Kontist) -> None:
    card = kontist.control("GET", "/cards").json()[0]["id"]
    assert kontist.control("POST", f"/cards/{card}/pay", {"amount": "5000.00"}).json()["status"] == "declined"

    assert mail(kontist, amount="5000.00")["matchStatus"] == "NO_MATCHES"


def test_every_month_that_has_ended_has_a_statement(kontist: Kontist, token: str) -> None:
    listed = documents(kontist, token)
    assert len(listed) == 28  # February 2024 to May 2026
    assert listed[0]["name"] == "Kontoauszug 05-2026 DE30110101001234567890"
    assert listed[0]["createdAt"] == "2026-05-31T22:00:00.000Z"
    kontist.advance(days=20)
    assert len(documents(kontist, token)) == 29


def test_a_statement_is_a_pdf_of_the_months_movements_and_balances(kontist: Kontist, token: str) -> None:
    statement = documents(kontist, token)[0]
    answer = fetch(kontist, statement["url"], token)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.4")
    assert b"1000.00 EUR" in answer.content
    assert b"20.05.2026  L\xf3dz \\(Caf\xe9\\)" in answer.content.replace(b"?", b"L")
    assert b"MAY" in answer.content
    assert b"JUNE" not in answer.content
    assert b"980.00 EUR" in answer.content
    assert "inline" in answer.headers["content-disposition"]
    assert "attachment" in fetch(kontist, statement["downloadUrl"], token).headers["content-disposition"]


def test_a_pdf_points_at_each_of_its_objects(kontist: Kontist, token: str) -> None:
    pdf = fetch(kontist, documents(kontist, token)[0]["url"], token).content
    table = int(pdf.rsplit(b"startxref\n", 1)[1].split()[0])
    rows = pdf[table:].split(b"\n")
    size = int(rows[1].split()[1])
    for number in range(1, size):
        offset = int(rows[2 + number].split()[0])
        assert pdf[offset:].startswith(f"{number} 0 obj".encode())


def test_downloads_need_the_owners_token_with_a_scope(kontist: Kontist, token: str) -> None:
    url = documents(kontist, token)[0]["url"]
    assert fetch(kontist, url, None).status_code == 401
    assert fetch(kontist, url, kontist.token("users")).status_code == 403
    assert fetch(kontist, url, kontist.token("statements", name="ben")).status_code == 404


def test_documents_are_filtered_by_category_and_german_year(kontist: Kontist, token: str) -> None:
    (category,) = {d["metadata"]["category"]["id"] for d in documents(kontist, token)}
    assert len(documents(kontist, token, categories=[category], year=2024)) == 10
    assert len(documents(kontist, token, year=2025)) == 12  # the one of December 2024 is issued in 2025
    assert documents(kontist, token, categories=["other"]) == []


def test_a_document_is_renamed_moved_and_deleted(kontist: Kontist, token: str) -> None:
    known = documents(kontist, token)[0]
    categories = kontist.read("{viewer{documentCategories{id categoryName}}}", token)["viewer"]["documentCategories"]
    other = next(c for c in categories if c["categoryName"] == "Sonstiges")
    change = (
        "mutation ($id: ID!, $name: String, $to: String) {updateDocument(id: $id, name: $name,"
        f"metadata: {{documentCategoryId: $to}}) {{{_FIELDS}}}}}"
    )
    changed = kontist.read(change, token, id=known["id"], name="May", to=other["id"])["updateDocument"]
    assert (changed["name"], changed["metadata"]["category"]["id"]) == ("May", other["id"])
    assert documents(kontist, token)[0] == changed
    delete = "mutation ($id: ID!) {deleteDocument(id: $id) {success}}"
    assert kontist.read(delete, token, id=known["id"])["deleteDocument"] == {"success": True}
    assert known["id"] not in {d["id"] for d in documents(kontist, token)}
    assert kontist.ask(delete, token, id=known["id"])["errors"][0]["extensions"]["status"] == 404
    assert fetch(kontist, known["url"], token).status_code == 404


def test_a_receipt_finds_the_only_transaction_of_its_amount(kontist: Kontist, token: str) -> None:
    mail(kontist, amount="33.10", number="R-1", filename="receipt.pdf")
    (found,) = inbox(kontist, token)
    (row,) = [
        t
        for t in kontist.transactions(fields="id purpose documentNumber documentType documentDownloadUrl", token=token)
        if t["purpose"] == "ONLY"
    ]
    assert found["transactionId"] == row["id"]
    assert (row["documentNumber"], row["documentType"]) == ("R-1", "EXPENSE")
    assert b"R-1" in fetch(kontist, row["documentDownloadUrl"], token).content
    assert inbox(kontist, token, unmatched=True) == []


def test_a_receipt_of_an_ambiguous_amount_is_matched_by_hand(kontist: Kontist, token: str) -> None:
    mail(kontist, amount="20.00")
    (found,) = inbox(kontist, token, unmatched=True)
    assert (found["matchStatus"], len(found["matches"]), found["transactionId"]) == ("TOO_MANY_MATCHES", 2, None)
    kontist.read(_MATCH, token, d=found["id"], t=found["matches"][0]["id"])
    (matched,) = inbox(kontist, token)
    assert (matched["matchStatus"], matched["transactionId"]) == ("MANUAL_MATCH_USER", found["matches"][0]["id"])
    assert "errors" in kontist.ask(_MATCH, token, d=found["id"], t="unknown")


def test_a_receipt_of_a_sub_account_tells_its_transaction_as_well(kontist: Kontist, token: str) -> None:
    paid = make_movement(4, "-7.00")
    kontist.world.accounts.append(make_account(kontist.account.holders[0], "DE08110101001234567891", [paid]))
    mail(kontist)
    (found,) = inbox(kontist, token)
    kontist.read(_MATCH, token, d=found["id"], t=paid.id)
    assert inbox(kontist, token)[0]["transactionId"] == paid.id


def test_a_receipt_with_a_date_only_fits_transactions_near_it(kontist: Kontist, token: str) -> None:
    mail(kontist, amount="20.00", date="2026-04-25")
    (found,) = inbox(kontist, token)
    assert (len(found["matches"]), found["transactionId"]) == (1, found["matches"][0]["id"])


def test_a_receipt_finds_a_transaction_that_comes_later(kontist: Kontist, token: str) -> None:
    assert mail(kontist, amount="99.99")["matchStatus"] == "NO_MATCHES"
    kontist.world.pay(kontist.account, make_movement(77, "-99.99", at=kontist.world.clock.now()))
    (found,) = inbox(kontist, token)
    assert found["matchStatus"] == "LATER_MATCH"
    assert mail(kontist, amount="99.99")["matchStatus"] == "ALREADY_HAS_ASSET"


def test_mail_reaches_people_at_their_alias(kontist: Kontist, token: str) -> None:
    alias = 'mutation {createUserEmailAlias(alias: "belege", hash: "h") {success}}'
    kontist.read(alias, kontist.token("users"))
    mail(kontist, to="belege@mail.example", source="EMAIL_FETCH")
    assert len(inbox(kontist, token, sources=["EMAIL_FETCH"])) == 1
    assert inbox(kontist, token, sources=["WEB"]) == []
    assert kontist.control("POST", "/emails", {"to": "nobody", "filename": "x"}).status_code == 404


def test_an_email_document_is_deleted(kontist: Kontist, token: str) -> None:
    mail(kontist)
    (found,) = inbox(kontist, token)
    delete = "mutation ($id: ID!) {deleteEmailDocument(id: $id) {success}}"
    assert "errors" in kontist.ask(delete, kontist.token("statements", name="ben"), id=found["id"])
    kontist.read(delete, token, id=found["id"])
    assert inbox(kontist, token) == []


def test_documents_need_their_scope(kontist: Kontist) -> None:
    for field in ("documents{id}", "emailDocuments{id}"):
        answer = kontist.ask(f"{{viewer{{{field}}}}}", kontist.token("users"))
        assert answer["errors"][0]["extensions"]["status"] == 403
