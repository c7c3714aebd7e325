"""The rest of the published SDK against the sandbox: the person, documents, declarations, plans, clients."""

from __future__ import annotations

import httpx
from sandboxed import Control

from .conftest import Anna, StartSdk, walk
from .sdk_process import SdkProcess


def test_the_persons_profile_is_the_worlds(sdk: SdkProcess, anna: Anna) -> None:
    user = sdk.call("models.user.get")
    person = anna.person
    assert (user["firstName"], user["lastName"], user["email"]) == (person.first_name, person.last_name, person.email)
    assert user["birthDate"].startswith(person.birth_date.isoformat())
    assert sdk.call("models.user.confirm", {"confirmation": "SUBMIT_ASSETS", "year": 2025}) is True


def test_a_statement_is_listed_downloaded_renamed_and_deleted(sdk: SdkProcess, anna: Anna) -> None:
    statement = sdk.call("models.document.fetch")[0]
    headers = {"authorization": "Bearer " + sdk.call("auth.tokenManager.token")["accessToken"]}
    with httpx.Client(trust_env=False) as client:
        assert client.get(statement["url"]).status_code == 401
        pdf = client.get(statement["url"], headers=headers)
    assert pdf.content.startswith(b"%PDF")
    assert str(anna.account.iban).encode() in pdf.content
    assert sdk.call("models.document.update", {"id": statement["id"], "name": "Mine"})["name"] == "Mine"
    assert sdk.call("models.document.delete", statement["id"]) is True
    assert statement["id"] not in {document["id"] for document in sdk.call("models.document.fetch")}


def test_mail_to_an_alias_becomes_an_email_document(sdk: SdkProcess, control: Control) -> None:
    assert sdk.call("models.user.createEmailAlias", "annas-receipts", "hash") is True
    mail = {"to": "annas-receipts@mail.example", "filename": "receipt.pdf"}
    control.client.post("/kontist/emails", json=mail).raise_for_status()
    (found,) = sdk.call("models.emailDocument.fetchAll", {"filterByUnmatched": True})
    assert (found["filename"], found["matchStatus"]) == ("receipt.pdf", "NO_MATCHES")
    row = sdk.call("models.transaction.fetch", {"first": 1})["items"][0]
    match = {"emailDocumentId": found["id"], "transactionId": row["id"]}
    assert sdk.call("models.emailDocument.matchEmailDocumentToTransaction", match) == {"success": True}
    one = sdk.call("models.transaction.fetchOne", {"id": row["id"]})
    assert one["documentDownloadUrl"].startswith(found["url"])
    assert sdk.call("models.emailDocument.fetchOne", {"id": found["id"]})["id"] == found["id"]
    assert sdk.call("models.emailDocument.delete", {"id": found["id"]}) == {"success": True}


def test_a_declaration_is_reckoned_submitted_and_printed(sdk: SdkProcess) -> None:
    open_one = sdk.call("models.declaration.fetch", {"type": "UStVA"})[0]
    period = {"period": open_one["period"], "year": open_one["year"]}
    part = sdk.call("models.declaration.getStats", period)["uncategorized"][0]
    categorized = {"id": part["id"], "category": "VAT_19", "categoryCode": "OFFICE_COSTS"}
    assert sdk.call("models.declaration.categorizeTransaction", categorized)["category"] == "VAT_19"
    stats = sdk.call("models.declaration.getStats", period)
    assert stats["amount"] == round(part["amount"] * 19 / 119)
    assert sdk.call("models.declaration.getPdfUrl", {"id": open_one["id"]}) is None
    submitted = sdk.call("models.declaration.submit", period)
    assert (submitted["id"], submitted["amount"]) == (open_one["id"], stats["amount"])
    assert sdk.call("models.declaration.getPdfUrl", {"id": open_one["id"]})


def test_tax_numbers_and_addresses_are_kept(sdk: SdkProcess) -> None:
    number = {"type": "BUSINESS", "taxNumber": "12/345/67890", "description": "", "isMainBusinessTaxNumber": True}
    created = sdk.call("models.taxNumber.create", {"payload": number})
    changed = sdk.call("models.taxNumber.update", {"id": created["id"], "payload": number | {"description": "Office"}})
    assert sdk.call("models.taxNumber.fetch")["items"] == [changed]
    assert sdk.call("models.taxNumber.delete", {"id": created["id"]}) == {"success": True}
    place = {"street": "Neue Gasse 1", "postCode": "20095", "city": "Hamburg", "movingDate": "2031-01-01T00:00:00.000Z"}
    moved = sdk.call("models.businessAddress.create", {"payload": place})
    assert sdk.call("models.businessAddress.lastBusinessAddress") == moved
    assert len(sdk.call("models.businessAddress.fetch")["items"]) == 2


def test_a_plan_is_bought(sdk: SdkProcess) -> None:
    offered = sdk.call("models.subscription.fetch", "SANDBOX50")
    assert offered["couponCode"] == "SANDBOX50"
    assert sdk.call("models.subscription.makePurchase", "PREMIUM") == {"type": "PREMIUM", "state": "PENDING"}
    assert sdk.call("models.subscription.fetchPurchases") == [{"type": "PREMIUM", "state": "PENDING"}]
    assert sdk.call("models.subscription.updatePlan", {"newPlan": "KONTAX"})["newPlan"] == "KONTAX"


def test_a_client_that_the_sdk_has_registered_signs_people_in(sdk: SdkProcess, start_sdk: StartSdk, anna: Anna) -> None:
    mutation = "mutation ($client: CreateClientInput!) {createClient(client: $client) {id}}"
    callback = "https://app.example/own"
    client = {"name": "Own", "secret": "s3cret", "redirectUri": callback, "scopes": ["ACCOUNTS", "OFFLINE"]}
    grants = {"grantTypes": ["AUTHORIZATION_CODE", "REFRESH_TOKEN"]}
    client_id = sdk.call("graphQL.rawQuery", mutation, {"client": client | grants})["createClient"]["id"]
    options = {"clientId": client_id, "clientSecret": "s3cret", "redirectUri": callback, "state": "1"}
    own = start_sdk(**options, scopes=["accounts", "offline"])
    own.call("auth.tokenManager.fetchToken", walk(own.call("auth.tokenManager.getAuthUri"), anna))
    assert own.call("models.account.get")["iban"] == anna.account.iban
    assert own.call("auth.tokenManager.refresh")["accessToken"]
