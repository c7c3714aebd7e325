"""Tax declarations, reckoned from categorised transactions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from sandbox.tests.kontist.callers import Kontist, make_kontist, make_movement

from bankweave_sandbox.world import Kind

_STATS = (
    "query ($period: String!, $year: Int!) {viewer{mainAccount{declarationStats(period: $period, year: $year) {"
    "amount uncategorized{id amount} exitedBusinessAssetsWithVat{id} categoryGroups{amount categoryCode"
    " categoryCodeTranslation transactions{id amount vatAmount vatRate isSplit selectedBookingDate}}}}}}"
)
_LIST = (
    "query ($type: DeclarationType!) {viewer{mainAccount{declarations(type: $type)"
    " {id amount period year uploadedAt submissionStatus}}}}"
)
_SUBMIT = (
    "mutation ($period: String!, $year: Int!) {submitDeclaration(period: $period, year: $year)"
    " {id amount period year uploadedAt}}"
)
_CATEGORIZE = (
    "mutation ($id: ID!, $category: TransactionCategory, $code: String, $date: String, $split: Boolean) {"
    "categorizeTransactionForDeclaration(id: $id, category: $category, categoryCode: $code, date: $date,"
    " isSplit: $split) {category categoryCode date}}"
)


@pytest.fixture
def kontist() -> Kontist:
    """Income of 119.00 and an expense of 11.90 in February 2026, and an expense in March."""
    february, march = datetime(2026, 2, 10, 9, tzinfo=UTC), datetime(2026, 3, 10, 9, tzinfo=UTC)
    return make_kontist(
        [
            make_movement(1, "119.00", at=february, kind=Kind.TRANSFER, text="INVOICE"),
            make_movement(2, "-11.90", at=february, text="PAPER"),
            make_movement(3, "-50.00", at=march, text="MARCH"),
        ]
    )


@pytest.fixture
def token(kontist: Kontist) -> str:
    kontist.dialect.switches.access_seconds = 400 * 86_400  # these tests move the clock far
    return kontist.token("accounts transactions statements users")


def ids(kontist: Kontist, token: str) -> dict[str, str]:
    return {row["purpose"]: row["id"] for row in kontist.transactions(fields="id purpose", token=token)}


def categorize(kontist: Kontist, token: str) -> None:
    known = ids(kontist, token)
    kontist.read(_CATEGORIZE, token, id=known["INVOICE"], category="VAT_19", code="INCOME_GERMANY")
    kontist.read(_CATEGORIZE, token, id=known["PAPER"], category="VAT_19", code="OFFICE_COSTS")


def stats(kontist: Kontist, token: str, period: str) -> dict[str, Any]:
    account = kontist.read(_STATS, token, period=period, year=2026)["viewer"]["mainAccount"]
    return dict(account["declarationStats"])


def listed(kontist: Kontist, token: str, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = kontist.read(_LIST, token, type=kind)["viewer"]["mainAccount"]["declarations"]
    return found


def test_what_is_not_categorised_counts_for_nothing(kontist: Kontist, token: str) -> None:
    before = stats(kontist, token, "02")
    assert (before["amount"], before["categoryGroups"]) == (0, [])
    assert sorted(part["amount"] for part in before["uncategorized"]) == [-1190, 11900]


def test_vat_due_is_what_was_received_less_what_was_paid(kontist: Kontist, token: str) -> None:
    categorize(kontist, token)
    after = stats(kontist, token, "02")
    assert after["amount"] == 1900 - 190
    assert after["uncategorized"] == []
    groups = {group["categoryCode"]: group for group in after["categoryGroups"]}
    assert set(groups) == {"INCOME_GERMANY", "OFFICE_COSTS"}
    assert groups["OFFICE_COSTS"]["transactions"][0]["vatAmount"] == -190
    assert groups["INCOME_GERMANY"]["transactions"][0]["vatRate"] == "19"


def test_a_quarter_holds_its_months(kontist: Kontist, token: str) -> None:
    categorize(kontist, token)
    assert stats(kontist, token, "41")["amount"] == stats(kontist, token, "02")["amount"]
    assert len(stats(kontist, token, "41")["uncategorized"]) == 1
    assert stats(kontist, token, "42")["categoryGroups"] == []


def test_a_split_counts_by_itself(kontist: Kontist, token: str) -> None:
    invoice = ids(kontist, token)["INVOICE"]
    split = (
        "mutation ($id: ID!, $splits: [CreateTransactionSplitsInput!]!)"
        "{createTransactionSplits(transactionId: $id, splits: $splits) {splits{uuid amount}}}"
    )
    given = [{"amount": 10700, "category": "VAT_7"}, {"amount": 1200, "category": "PRIVATE"}]
    splits = kontist.read(split, token, id=invoice, splits=given)["createTransactionSplits"]["splits"]
    assert stats(kontist, token, "02")["amount"] == 700
    whole = next(part["uuid"] for part in splits if part["amount"] == 1200)
    kontist.read(_CATEGORIZE, token, id=whole, category="VAT_19", split=True)
    assert stats(kontist, token, "02")["amount"] == 700 + 192
    assert "errors" in kontist.ask(_CATEGORIZE, token, id=invoice, category="VAT_19", split=True)


def test_a_tax_payment_counts_for_the_day_that_was_chosen(kontist: Kontist, token: str) -> None:
    march = ids(kontist, token)["MARCH"]
    answer = kontist.read(_CATEGORIZE, token, id=march, category="VAT_PAYMENT", date="2026-02-15T00:00:00Z")
    assert answer["categorizeTransactionForDeclaration"]["date"] == "2026-02-15T00:00:00Z"
    february = stats(kontist, token, "02")
    assert february["amount"] == 0
    assert [group["categoryCode"] for group in february["categoryGroups"]] == ["VAT_PAYMENT"]
    assert stats(kontist, token, "03")["categoryGroups"] == []


def test_periods_are_listed_when_they_have_ended(kontist: Kontist, token: str) -> None:
    categorize(kontist, token)
    newest = listed(kontist, token, "UStVA")[0]
    assert newest == {
        "id": 202641,
        "amount": 1710,
        "period": "41",
        "year": 2026,
        "uploadedAt": None,
        "submissionStatus": None,
    }
    kontist.read(
        "mutation {updateVatYearSetting(vatPaymentFrequency: MONTHLY, year: 2026) {vatPaymentFrequency}}", token
    )
    assert [d["period"] for d in listed(kontist, token, "UStVA")][:5] == ["05", "04", "03", "02", "01"]
    assert kontist.read("{viewer{vatPaymentFrequency}}", token)["viewer"]["vatPaymentFrequency"] == "MONTHLY"


def test_yearly_declarations_sum_up_the_years_that_are_over(kontist: Kontist, token: str) -> None:
    categorize(kontist, token)
    kontist.advance(days=250)
    assert next(d for d in listed(kontist, token, "USt") if d["year"] == 2026)["amount"] == 1710
    assert next(d for d in listed(kontist, token, "EUER") if d["year"] == 2026)["amount"] == 10000 - 1000
    assert listed(kontist, token, "GewSt") == []


def test_a_submission_keeps_its_amount_and_has_a_pdf(kontist: Kontist, token: str) -> None:
    categorize(kontist, token)
    submitted = kontist.read(_SUBMIT, token, period="41", year=2026)["submitDeclaration"]
    assert submitted["uploadedAt"] == "2026-06-15T10:00:00.000Z"
    kontist.read(_CATEGORIZE, token, id=ids(kontist, token)["PAPER"], category="PRIVATE", code=None)
    assert listed(kontist, token, "UStVA")[0]["amount"] == 1710
    query = (
        "{viewer{mainAccount{declarationPdfUrl(id: 202641) other: declarationPdfUrl(id: 1)"
        ' vatDeclarationSubmissions(period: "41", year: 2026) {isSuccessful submittedAt messages{text}}}}}'
    )
    account = kontist.read(query, token)["viewer"]["mainAccount"]
    assert account["other"] is None
    pdf = kontist.send("GET", urlsplit(account["declarationPdfUrl"]).path, token)
    assert b"17.10 EUR" in pdf.content
    assert account["vatDeclarationSubmissions"][0]["submittedAt"] == submitted["uploadedAt"]
    names = [d["name"] for d in kontist.read("{viewer{documents{name}}}", token)["viewer"]["documents"]]
    assert names[0] == "UStVA 41-2026"


@pytest.mark.parametrize(("period", "year"), [("42", 2026), ("13", 2025), ("00", 2025), ("01", 99999)])
def test_a_period_that_is_not_over_or_does_not_exist_cannot_be_submitted(
    kontist: Kontist, token: str, period: str, year: int
) -> None:
    assert kontist.ask(_SUBMIT, token, period=period, year=year)["errors"][0]["extensions"]["status"] == 400


def test_a_declaration_is_submitted_once(kontist: Kontist, token: str) -> None:
    kontist.read(_SUBMIT, token, period="41", year=2026)
    assert "errors" in kontist.ask(_SUBMIT, token, period="41", year=2026)


def test_a_declaration_is_marked_as_not_needed_and_reset(kontist: Kontist, token: str) -> None:
    mark = (
        'mutation {upsertDeclaration(payload: {period: "41", year: 2026, submissionStatus: NOT_NEEDED})'
        "{submissionStatus}}"
    )
    assert kontist.read(mark, token)["upsertDeclaration"] == {"submissionStatus": "NOT_NEEDED"}
    assert listed(kontist, token, "UStVA")[0]["submissionStatus"] == "NOT_NEEDED"
    kontist.read('mutation {resetDeclaration(period: "41", year: 2026) {success}}', token)
    assert listed(kontist, token, "UStVA")[0]["submissionStatus"] is None


def test_tax_years_are_kept(kontist: Kontist, token: str) -> None:
    update = "mutation {updateTaxYearSettings(taxYearSettings: [{year: 2026, taxRate: 30}]) {year}}"
    kontist.read(update, token)
    read = "{viewer{mainAccount{taxYearSettings{year taxRate excluded} vatYearSettings(year: 2026) {vatPaymentFrequency}}}}"
    account = kontist.read(read, token)["viewer"]["mainAccount"]
    assert account["taxYearSettings"] == [{"year": 2026, "taxRate": 30, "excluded": None}]
    assert account["vatYearSettings"] == [{"vatPaymentFrequency": "QUARTERLY"}]


def test_a_transaction_of_somebody_else_cannot_be_categorised(kontist: Kontist, token: str) -> None:
    ben = kontist.token("transactions accounts", name="ben")
    answer = kontist.ask(_CATEGORIZE, ben, id=ids(kontist, token)["INVOICE"], category="VAT_19")
    assert answer["errors"][0]["extensions"]["status"] == 404


def test_a_declined_payment_is_no_expense_even_when_it_is_categorised(kontist: Kontist, token: str) -> None:
    card = kontist.control("GET", "/cards").json()[0]["id"]
    declined = kontist.control("POST", f"/cards/{card}/pay", {"amount": "5000.00"}).json()["id"]
    kontist.read(_CATEGORIZE, token, id=declined, category="VAT_19", code="OFFICE_COSTS")

    june = stats(kontist, token, "06")

    assert (june["amount"], june["categoryGroups"], june["uncategorized"]) == (0, [], [])
