"""Payments that the person writes in, and drafts of such."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox.tests.kontist.callers import Kontist

_ROW = "id amount type source name purpose bookingDate personalNote categoryCode hasAssets"
_WRITE = (
    f"mutation ($payload: UserExternalTransactionInput!) {{updateExternalTransaction(payload: $payload) {{{_ROW}}}}}"
)
_STRIKE = "mutation ($id: String!) {deleteExternalTransaction(id: $id) {success}}"
_DRAFT = "id amount name isCashTransaction categoryCode paymentDate assets{name}"
_DRAFTS = f"{{draftTransactions{{{_DRAFT}}}}}"
_UPDATE = (
    f"mutation ($payload: UpdateDraftTransactionInput!) {{updateDraftTransaction(payload: $payload) {{{_DRAFT}}}}}"
)
_CASH = {
    "amount": -1250,
    "name": "Market",
    "description": "Flowers",
    "paymentDate": "2026-06-14T08:00:00.000Z",
    "isCashTransaction": True,
    "note": "for the office",
    "categoryCode": "OFFICE_COSTS",
}


@pytest.fixture
def token(kontist: Kontist) -> str:
    return kontist.token("transactions accounts")


def write(kontist: Kontist, token: str, **changed: Any) -> dict[str, Any]:
    row: dict[str, Any] = kontist.read(_WRITE, token, payload=_CASH | changed)["updateExternalTransaction"]
    return row


def draft(kontist: Kontist, token: str) -> str:
    answer = kontist.read('mutation {createDraftTransaction(fileName: "r.pdf") {id assetData{assetId url}}}', token)
    return str(answer["createDraftTransaction"]["id"])


def test_cash_is_a_transaction_that_moves_no_money(kontist: Kontist, token: str) -> None:
    before = kontist.read("{viewer{mainAccount{balance availableBalance}}}", token)
    row = write(kontist, token)
    assert (row["type"], row["source"], row["amount"]) == ("EXTERNAL_TRANSACTION_CASH", "USER", -1250)
    assert (row["personalNote"], row["categoryCode"]) == ("for the office", "OFFICE_COSTS")
    assert row in kontist.transactions(fields=_ROW, token=token)
    assert kontist.transactions('filter: {source_eq: "USER"}', token=token) == [{"id": row["id"]}]
    assert kontist.read("{viewer{mainAccount{balance availableBalance}}}", token) == before


def test_what_was_written_in_is_corrected_and_struck_out(kontist: Kontist, token: str) -> None:
    row = write(kontist, token)
    corrected = write(kontist, token, id=row["id"], amount=-990, isCashTransaction=False)
    assert (corrected["id"], corrected["amount"], corrected["type"]) == (row["id"], -990, "EXTERNAL_TRANSACTION")
    assert len(kontist.transactions(token=token)) == 4
    assert kontist.read(_STRIKE, token, id=row["id"])["deleteExternalTransaction"] == {"success": True}
    assert len(kontist.transactions(token=token)) == 3


def test_what_the_bank_has_booked_is_not_the_persons_to_change(kontist: Kontist, token: str) -> None:
    booked = kontist.transactions(token=token)[0]["id"]
    for query, variables in ((_STRIKE, {"id": booked}), (_WRITE, {"payload": _CASH | {"id": booked}})):
        assert kontist.ask(query, token, **variables)["errors"][0]["extensions"]["status"] == 404


@pytest.mark.parametrize("amount", [0, 1.5])
def test_an_amount_is_in_whole_cents(kontist: Kontist, token: str, amount: float) -> None:
    assert "errors" in kontist.ask(_WRITE, token, payload=_CASH | {"amount": amount})


def test_a_draft_is_filled_in_and_becomes_a_transaction(kontist: Kontist, token: str) -> None:
    draft_id = draft(kontist, token)
    filled = kontist.read(_UPDATE, token, payload={"id": draft_id, "amount": -500, "categoryCode": "BOOKS"})
    assert kontist.read(_DRAFTS, token)["draftTransactions"] == [filled["updateDraftTransaction"]]
    assert (filled["updateDraftTransaction"]["amount"], filled["updateDraftTransaction"]["name"]) == (-500, None)
    row = write(kontist, token, id=draft_id)
    assert row["id"] == draft_id
    assert kontist.read(_DRAFTS, token)["draftTransactions"] == []


def test_a_drafts_receipt_goes_with_it(kontist: Kontist, token: str) -> None:
    create = (
        "mutation ($name: String!) {createDraftTransaction(fileName: $name)"
        " {id assetData{assetId url formData{key value}}}}"
    )
    created = kontist.read(create, token, name="receipt.pdf")["createDraftTransaction"]
    asset = created["assetData"]
    form = {pair["key"]: pair["value"] for pair in asset["formData"]}
    path = asset["url"].partition("kontist.test")[2]
    uploaded = kontist.send("POST", path, data=form, files={"file": ("receipt.pdf", b"%PDF-1.4")})
    assert uploaded.is_success, uploaded.text
    kontist.read("mutation ($id: ID!) {finalizeAssetUpload(assetId: $id) {id}}", token, id=asset["assetId"])
    assert kontist.read(_DRAFTS, token)["draftTransactions"][0]["assets"] == [{"name": "receipt.pdf"}]
    assert write(kontist, token, id=created["id"])["hasAssets"] is True


def test_drafts_are_deleted_and_their_owners_only(kontist: Kontist, token: str) -> None:
    draft_id, ben = draft(kontist, token), kontist.token("transactions", name="ben")
    delete = "mutation ($id: String!) {deleteDraftTransaction(id: $id) {success}}"
    assert kontist.read(_DRAFTS, ben)["draftTransactions"] == []
    assert kontist.ask(delete, ben, id=draft_id)["errors"][0]["extensions"]["status"] == 404
    assert kontist.read(delete, token, id=draft_id)["deleteDraftTransaction"] == {"success": True}
    assert kontist.read(_DRAFTS, token)["draftTransactions"] == []


def test_many_drafts_are_created_at_once(kontist: Kontist, token: str) -> None:
    payload = [{"amount": 1, "name": name, "paymentDate": "2026-06-01T00:00:00Z"} for name in ("A", "B")]
    create = (
        "mutation ($p: [CreateDraftTransactionInput!]!) {createDraftTransactions(payload: $p) {id assetData{name}}}"
    )
    assert len(kontist.read(create, token, p=payload)["createDraftTransactions"]) == 2
    assert [d["name"] for d in kontist.read(_DRAFTS, token)["draftTransactions"]] == ["A", "B"]


def test_a_category_that_does_not_exist_is_refused(kontist: Kontist, token: str) -> None:
    assert "errors" in kontist.ask(_UPDATE, token, payload={"id": draft(kontist, token), "categoryCode": "NO_SUCH"})
