"""What people tell Kontist about themselves: tax numbers, addresses, terms, aliases."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox.tests.kontist.callers import Kontist

_NUMBER = "id type taxNumber description isMainBusinessTaxNumber modificationDate"
_CREATE = f"mutation ($payload: CreateTaxNumberInput!) {{ createTaxNumber(payload: $payload) {{ {_NUMBER} }} }}"
_UPDATE = (
    f"mutation ($id: ID!, $payload: UpdateTaxNumberInput!) {{ updateTaxNumber(id: $id, payload: $payload)"
    f" {{ {_NUMBER} }} }}"
)
_DELETE = "mutation ($id: ID!) { deleteTaxNumber(id: $id) { success } }"
_MAIN = {"type": "BUSINESS", "taxNumber": "12/345/67890", "description": "Office", "isMainBusinessTaxNumber": True}
_MOVE = "mutation ($payload: CreateBusinessAddressInput!) { createBusinessAddress(payload: $payload) { id city } }"


def numbers(kontist: Kontist, token: str | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = kontist.read(f"{{viewer{{taxNumbers{{{_NUMBER}}}}}}}", token)["viewer"]["taxNumbers"]
    return found


def test_tax_numbers_are_created_changed_and_deleted(kontist: Kontist) -> None:
    created = kontist.read(_CREATE, payload=_MAIN)["createTaxNumber"]
    assert numbers(kontist) == [created]
    kontist.advance(hours=1)
    updated = kontist.read(_UPDATE, id=created["id"], payload=_MAIN | {"description": "Studio"})["updateTaxNumber"]
    assert (updated["id"], updated["description"]) == (created["id"], "Studio")
    assert updated["modificationDate"] > created["modificationDate"]
    assert kontist.read(_DELETE, id=created["id"])["deleteTaxNumber"] == {"success": True}
    assert numbers(kontist) == []
    assert kontist.ask(_DELETE, id=created["id"])["errors"][0]["extensions"]["status"] == 404


def test_only_one_tax_number_is_the_main_one(kontist: Kontist) -> None:
    for number in ("1/1/1", "2/2/2"):
        kontist.read(_CREATE, payload=_MAIN | {"taxNumber": number})
    assert {n["taxNumber"]: n["isMainBusinessTaxNumber"] for n in numbers(kontist)} == {"1/1/1": False, "2/2/2": True}


def test_tax_numbers_are_their_owners_only(kontist: Kontist) -> None:
    created = kontist.read(_CREATE, payload=_MAIN)["createTaxNumber"]
    ben = kontist.token("users", name="ben")
    assert numbers(kontist, ben) == []
    assert "errors" in kontist.ask(_DELETE, ben, id=created["id"])


def test_a_tax_number_has_digits(kontist: Kontist) -> None:
    assert "errors" in kontist.ask(_CREATE, payload=_MAIN | {"taxNumber": "none"})


def test_the_first_business_address_is_the_persons_own(kontist: Kontist) -> None:
    viewer = kontist.read("{viewer{street lastBusinessAddress{id street postCode city} businessAddress{id street}}}")[
        "viewer"
    ]
    last = viewer["lastBusinessAddress"]
    assert (last["street"], last["postCode"], last["city"]) == ("Erfundener Weg 7", "10999", "Berlin")
    assert viewer["businessAddress"] == {"id": last["id"], "street": viewer["street"]}


def test_a_move_is_the_last_address_at_once_and_the_current_one_from_its_day(kontist: Kontist) -> None:
    payload = {"street": "Neue Gasse 1", "postCode": "20095", "city": "Hamburg", "movingDate": "2026-06-20T00:00:00Z"}
    kontist.read(_MOVE, payload=payload)
    where = "{viewer{businessAddress{city} lastBusinessAddress{city} businessAddresses{city}}}"
    before = kontist.read(where)["viewer"]
    assert (before["businessAddress"]["city"], before["lastBusinessAddress"]["city"]) == ("Berlin", "Hamburg")
    assert [address["city"] for address in before["businessAddresses"]] == ["Hamburg", "Berlin"]
    kontist.advance(days=5)
    assert kontist.read(where)["viewer"]["businessAddress"]["city"] == "Hamburg"


def test_an_address_without_a_street_is_refused(kontist: Kontist) -> None:
    payload = {"street": " ", "postCode": "20095", "city": "Hamburg", "movingDate": "2026-06-20T00:00:00Z"}
    assert "errors" in kontist.ask(_MOVE, payload=payload)


def test_terms_are_undecided_until_confirmed_or_rejected(kontist: Kontist) -> None:
    read = "query ($name: String) {termsAndConditions(name: $name) {name confirmedAt rejectedAt}}"
    (before,) = kontist.read(read, name="TOP_UP")["termsAndConditions"]
    assert before == {"name": "TOP_UP", "confirmedAt": None, "rejectedAt": None}
    assert len(kontist.read(read)["termsAndConditions"]) == 4
    decide = (
        "mutation ($payload: UpdateTermsAndConditionsArgs!)"
        "{updateTermsAndConditions(payload: $payload) {name confirmedAt rejectedAt}}"
    )
    kontist.read(decide, payload={"name": "TOP_UP", "confirmed": True})
    (after,) = kontist.read(read, name="TOP_UP")["termsAndConditions"]
    assert after["confirmedAt"]
    kontist.read(decide, payload={"name": "TOP_UP", "confirmed": False})
    (rejected,) = kontist.read(read, name="TOP_UP")["termsAndConditions"]
    assert (rejected["confirmedAt"], bool(rejected["rejectedAt"])) == (None, True)
    assert "errors" in kontist.ask(decide, payload={"name": "NO_SUCH", "confirmed": True})


def test_an_alias_belongs_to_one_person(kontist: Kontist) -> None:
    alias = "mutation ($alias: String!, $hash: String!) {createUserEmailAlias(alias: $alias, hash: $hash) {success}}"
    assert kontist.read(alias, alias="anna-receipts", hash="h")["createUserEmailAlias"] == {"success": True}
    assert "errors" in kontist.ask(alias, kontist.token("users", name="ben"), alias="Anna-Receipts", hash="h")
    assert "errors" in kontist.ask(alias, alias="other", hash="")


def test_a_year_confirmed_as_not_needed_shows_in_its_declarations(kontist: Kontist) -> None:
    confirm = "mutation {userConfirmation(confirmation: TAX_DECLARATION_NOT_NEEDED, year: 2025) {success}}"
    assert kontist.read(confirm)["userConfirmation"] == {"success": True}
    listed = kontist.read("{viewer{mainAccount{declarations(type: EUER) {year submissionStatus}}}}")
    states = {d["year"]: d["submissionStatus"] for d in listed["viewer"]["mainAccount"]["declarations"]}
    assert states == {2025: "NOT_NEEDED", 2024: None}


def test_generic_features_are_public_and_come_from_the_switch(kontist: Kontist) -> None:
    kontist.dialect.switches.generic_features = "ONE TWO"
    answer = kontist.send("POST", "/api/graphql", json={"query": "{genericFeatures{name}}"}).json()
    assert answer == {"data": {"genericFeatures": [{"name": "ONE"}, {"name": "TWO"}]}}


def test_no_cards_are_kept_for_top_ups(kontist: Kontist) -> None:
    assert kontist.read("{listPaymentMethods{paymentMethodId}}")["listPaymentMethods"] == []


@pytest.mark.parametrize("field", ["taxNumbers{id}", "businessAddresses{id}"])
def test_a_persons_data_needs_the_users_scope(kontist: Kontist, field: str) -> None:
    answer = kontist.ask(f"{{viewer{{{field}}}}}", kontist.token("accounts"))
    assert answer["errors"][0]["extensions"]["status"] == 403
