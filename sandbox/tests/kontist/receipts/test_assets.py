"""Receipts: announced, uploaded as a form, finalized, read again, deleted (providers/kontist.md section 6.4)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sandbox.tests.kontist.callers import ORIGIN, Kontist

from bankweave_sandbox.world import world_id

ROW = world_id("movement", "1")
CREATE = """mutation ($id: ID!, $name: String!, $type: String!) {
    createTransactionAsset(transactionId: $id, name: $name, filetype: $type, uploadPlatform: WEB) {
        assetId url name formData {key value}
    }
}"""
FINALIZE = """mutation ($id: ID!) {
    finalizeTransactionAssetUpload(assetId: $id) {id assetableId name filetype path thumbnail fullsize}
}"""
DELETE = "mutation ($id: ID!) {deleteTransactionAsset(assetId: $id) {success}}"
CONTENT = b"%PDF-1.7 a receipt"


def announce(kontist: Kontist, token: str, row: str = ROW) -> dict[str, Any]:
    answer = kontist.read(CREATE, token, id=row, name="Beleg.pdf", type="application/pdf")
    return dict(answer["createTransactionAsset"])


def upload(kontist: Kontist, asset: dict[str, Any], content: bytes = CONTENT, **changed: str) -> httpx.Response:
    fields = {pair["key"]: pair["value"] for pair in asset["formData"]} | changed
    path = asset["url"].removeprefix(ORIGIN)
    return kontist.send("POST", path, data=fields, files={"file": ("Beleg.pdf", content)})


def finalize(kontist: Kontist, token: str, asset: dict[str, Any]) -> dict[str, Any]:
    return dict(kontist.read(FINALIZE, token, id=asset["assetId"])["finalizeTransactionAssetUpload"])


def refusal(kontist: Kontist, token: str, query: str, **variables: str) -> int:
    return int(kontist.ask(query, token, **variables)["errors"][0]["extensions"]["status"])


@pytest.fixture
def token(kontist: Kontist) -> str:
    return kontist.token()


@pytest.fixture
def receipt(kontist: Kontist, token: str) -> dict[str, Any]:
    asset = announce(kontist, token)
    assert upload(kontist, asset).status_code == 204
    return finalize(kontist, token, asset)


def test_a_finalized_receipt_is_on_its_transaction(kontist: Kontist, token: str, receipt: dict[str, Any]) -> None:
    fields = f'id hasAssets assets {{id name filetype assetableId}} asset(assetId: "{receipt["id"]}") {{fullsize}}'

    rows = {row["id"]: row for row in kontist.transactions(fields=fields, token=token)}

    assert rows[ROW]["assets"] == [
        {"id": receipt["id"], "name": "Beleg.pdf", "filetype": "application/pdf", "assetableId": ROW}
    ]
    assert rows[ROW]["asset"] == {"fullsize": receipt["fullsize"]}
    assert [row["id"] for row in rows.values() if row["hasAssets"]] == [ROW]


@pytest.mark.parametrize("size", ["fullsize", "thumbnail"])
def test_a_receipt_is_read_again_by_its_owner(kontist: Kontist, token: str, receipt: dict[str, Any], size: str) -> None:
    path = receipt[size].removeprefix(ORIGIN)

    answer = kontist.send("GET", path, token=token)

    assert (answer.content, answer.headers["content-type"]) == (CONTENT, "application/pdf")
    assert kontist.send("GET", path).status_code == 401
    assert kontist.send("GET", path, token=kontist.token(name="ben")).status_code == 404


def test_rows_are_filtered_by_their_receipts(kontist: Kontist, token: str, receipt: dict[str, Any]) -> None:
    assert receipt["assetableId"] == ROW
    assert [row["id"] for row in kontist.transactions("filter: {assets_exist: true}", token=token)] == [ROW]
    assert ROW not in [row["id"] for row in kontist.transactions("filter: {assets_exist: false}", token=token)]


def test_a_deleted_receipt_is_gone(kontist: Kontist, token: str, receipt: dict[str, Any]) -> None:
    assert kontist.read(DELETE, token, id=receipt["id"]) == {"deleteTransactionAsset": {"success": True}}

    assert not any(row["hasAssets"] for row in kontist.transactions(fields="hasAssets", token=token))
    assert kontist.send("GET", receipt["fullsize"].removeprefix(ORIGIN), token=token).status_code == 404
    assert refusal(kontist, token, DELETE, id=receipt["id"]) == 404


def test_what_was_not_uploaded_is_not_finalized(kontist: Kontist, token: str) -> None:
    asset = announce(kontist, token)

    assert refusal(kontist, token, FINALIZE, id=asset["assetId"]) == 400
    assert not any(row["hasAssets"] for row in kontist.transactions(fields="hasAssets", token=token))


def test_finalizing_twice_attaches_once(kontist: Kontist, token: str, receipt: dict[str, Any]) -> None:
    assert finalize(kontist, token, {"assetId": receipt["id"]}) == receipt

    rows = kontist.transactions("filter: {assets_exist: true}", "assets {id}", token)
    assert rows == [{"assets": [{"id": receipt["id"]}]}]


def test_the_form_must_be_the_one_that_was_given_out(kontist: Kontist, token: str) -> None:
    asset = announce(kontist, token)

    assert upload(kontist, asset, policy="guessed").status_code == 403
    assert kontist.send("POST", asset["url"].removeprefix(ORIGIN), data={"file": "x"}).status_code == 403


def test_a_file_may_be_too_large(kontist: Kontist, token: str) -> None:
    kontist.control("PATCH", "/switches", {"asset_most_bytes": 17})

    assert upload(kontist, announce(kontist, token)).status_code == 413
    assert upload(kontist, announce(kontist, token), CONTENT[:17]).status_code == 204


def test_an_upload_is_awaited_for_a_while(kontist: Kontist, token: str) -> None:
    asset = announce(kontist, token)
    kontist.advance(minutes=15)

    assert upload(kontist, asset).status_code == 404


def test_a_finalized_file_is_not_replaced(kontist: Kontist, token: str) -> None:
    asset = announce(kontist, token)
    upload(kontist, asset)
    finalize(kontist, token, asset)

    assert upload(kontist, asset, b"another").status_code == 404


def test_somebody_elses_transactions_and_receipts_are_unknown(
    kontist: Kontist, token: str, receipt: dict[str, Any]
) -> None:
    bens = kontist.token(name="ben")

    assert refusal(kontist, bens, CREATE, id=ROW, name="x", type="pdf") == 404
    assert refusal(kontist, bens, DELETE, id=receipt["id"]) == 404
    assert refusal(kontist, token, CREATE, id="nonsense", name="x", type="pdf") == 404


def test_a_receipt_stays_when_its_transaction_gets_another_id(kontist: Kontist, token: str) -> None:
    kontist.dialect.switches.booking_changes_id = True
    asset = announce(kontist, token, kontist.transactions("first: 1", token=token)[0]["id"])
    upload(kontist, asset)

    finalized = finalize(kontist, token, asset)

    assert finalized["assetableId"] == kontist.transactions("filter: {assets_exist: true}", token=token)[0]["id"]
