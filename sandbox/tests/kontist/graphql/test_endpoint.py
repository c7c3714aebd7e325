"""Transport, tokens, scopes, limits and errors of the GraphQL endpoint; the person and the account."""

from __future__ import annotations

from decimal import Decimal

import pytest
from graphql import get_introspection_query
from sandbox.tests.kontist.callers import Kontist, make_kontist, make_movement

FORBIDDEN = {"status": 403, "type": "http://www.iana.org/assignments/http-status-codes#403"}


def test_the_answer_is_plain_json_without_an_errors_key(kontist: Kontist) -> None:
    response = kontist.send("POST", "/api/graphql", kontist.token(), json={"query": "{viewer{email}}"})
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {"data": {"viewer": {"email": "anna@kontist.example"}}}


def test_viewer_is_the_person_of_the_token(kontist: Kontist) -> None:
    fields = "firstName lastName birthDate street postCode city country mobileNumber isUSPerson vatNumber"
    assert kontist.read(f"{{viewer{{{fields}}}}}", kontist.token(name="ben"))["viewer"] == {
        "firstName": "Ben",
        "lastName": "Muster",
        "birthDate": "1988-04-12T00:00:00.000Z",
        "street": "Erfundener Weg 7",
        "postCode": "10999",
        "city": "Berlin",
        "country": "DE",
        "mobileNumber": "+4915550100001",
        "isUSPerson": False,
        "vatNumber": None,
    }


def test_the_account_has_its_bank_details_and_both_balances() -> None:
    pending = make_movement(1, "-20.05", booked_at=None)
    kontist = make_kontist([make_movement(2, "-0.45"), pending])
    fields = "iban bic name balance availableBalance stats{accountBalance main yours vatTotal taxPastYearsAmount}"
    solaris = "solarisBalance{balance{value currency unit} availableBalance{value} seizureProtection{"
    solaris += "protectedAmountExpiringDate}}"
    account = kontist.read(f"{{viewer{{mainAccount{{{fields} {solaris}}}}}}}")["viewer"]["mainAccount"]
    assert account == {
        "iban": "DE30110101001234567890",
        "bic": "SOBKDEBBXXX",
        "name": "Geschäftskonto",
        "balance": 99955,
        "availableBalance": 97950,
        "stats": {
            "accountBalance": 99955,
            "main": 99955,
            "yours": 99955,
            "vatTotal": 0,
            "taxPastYearsAmount": None,
        },
        "solarisBalance": {
            "balance": {"value": 99955, "currency": "EUR", "unit": "cents"},
            "availableBalance": {"value": 97950},
            "seizureProtection": None,
        },
    }


def test_account_ids_are_stable_and_of_the_documented_kinds(kontist: Kontist) -> None:
    query = "{viewer{publicId mainAccount{id publicId createdAt}}}"
    first, second = kontist.read(query), kontist.read(query)
    assert first == second
    account = first["viewer"]["mainAccount"]
    assert isinstance(account["id"], (int, float))
    assert len(account["publicId"]) == len(first["viewer"]["publicId"]) == 36
    assert account["createdAt"] == "2024-01-31T23:00:00.000Z"  # Berlin midnight


def test_public_fields_need_no_token(kontist: Kontist) -> None:
    answer = kontist.send("POST", "/api/graphql", json={"query": "{status{type message}}"})
    assert answer.json() == {"data": {"status": {"type": None, "message": None}}}
    kontist.dialect.switches.system_status_message = "Wartung"
    answer = kontist.send("POST", "/api/graphql", json={"query": "{status{type message}}"})
    assert answer.json() == {"data": {"status": {"type": "ERROR", "message": "Wartung"}}}


@pytest.mark.parametrize("token", [None, "not.a.jwt"])
@pytest.mark.parametrize(("style", "status"), [("http_401", 401), ("graphql_200", 200)])
def test_a_missing_or_bad_token_is_unauthorized_in_either_style(
    kontist: Kontist, token: str | None, style: str, status: int
) -> None:
    kontist.control("PATCH", "/switches", {"unauthorized": style})
    answer = kontist.send("POST", "/api/graphql", token, json={"query": "{viewer{email}}"})
    assert answer.status_code == status
    assert answer.json()["errors"][0]["message"] == "Unauthorized"
    assert answer.json()["errors"][0]["extensions"]["status"] == 401


def test_an_expired_token_is_unauthorized(kontist: Kontist) -> None:
    token = kontist.token()
    kontist.advance(seconds=3600)
    assert kontist.send("POST", "/api/graphql", token, json={"query": "{viewer{email}}"}).status_code == 401


def test_introspection_needs_a_token(kontist: Kontist) -> None:
    query = get_introspection_query(descriptions=False)
    assert kontist.send("POST", "/api/graphql", json={"query": query}).status_code == 401
    types = {t["name"]: t for t in kontist.read(query)["__schema"]["types"]}
    projection = [value["name"] for value in types["TransactionProjectionType"]["enumValues"]]
    assert len(projection) == 65
    assert {"CARD_USAGE", "SEPAInstantCreditTransfer", "ChargeRecallRequest"} <= set(projection)


@pytest.mark.parametrize(
    ("scope", "query"),
    [
        ("transactions", "{viewer{firstName}}"),
        ("users accounts", "{viewer{mainAccount{transactions{edges{cursor}}}}}"),
        ("users accounts", "{transactions{edges{cursor}}}"),
        ("users transactions", "{viewer{mainAccount{balance}}}"),
        ("users", "{viewer{mainAccount{__typename}}}"),
        ("accounts", 'mutation{updateTransaction(id:"x",personalNote:"y"){id}}'),
    ],
)
def test_a_field_outside_the_scopes_is_forbidden_unless_switched_off(kontist: Kontist, scope: str, query: str) -> None:
    token = kontist.token(scope)
    [error] = kontist.ask(query, token)["errors"]
    assert error["extensions"] == FORBIDDEN
    kontist.dialect.switches.enforce_scopes = False
    assert all(e["extensions"] != FORBIDDEN for e in kontist.ask(query, token).get("errors", []))


def test_transactions_scope_alone_reads_transactions(kontist: Kontist) -> None:
    assert len(kontist.transactions(token=kontist.token("transactions"))) == 3


@pytest.mark.parametrize(("strict", "is_refused"), [("off", False), ("transfers", False), ("banking", True)])
def test_unconfirmed_tokens_reach_the_account_unless_banking_is_strict(
    kontist: Kontist, strict: str, *, is_refused: bool
) -> None:
    kontist.control("PATCH", "/switches", {"strict_mfa": strict})
    answer = kontist.ask("{viewer{email mainAccount{iban}}}")
    assert ("errors" in answer) is is_refused
    assert answer["data"]["viewer"]["email"] == "anna@kontist.example"
    if is_refused:
        assert answer["errors"][0]["extensions"] == FORBIDDEN
        assert answer["errors"][0]["path"] == ["viewer", "mainAccount"]


def test_at_most_three_errors_are_returned(kontist: Kontist) -> None:
    answer = kontist.ask("{a b c d e}")
    assert len(answer["errors"]) == 3
    assert set(answer["errors"][0]) == {"message", "locations", "extensions"}
    assert answer["errors"][0]["extensions"]["status"] == 400


@pytest.mark.parametrize("query", ["{", "{viewer{id}}", "query($a: Int!){viewer{email}}", "subscription{x}", ""])
def test_invalid_documents_answer_errors_with_the_switched_status(kontist: Kontist, query: str) -> None:
    assert kontist.ask(query)["errors"]
    kontist.dialect.switches.graphql_error_status = 400
    body = {"query": query}
    assert kontist.send("POST", "/api/graphql", kontist.token(), json=body).status_code == 400


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b'{"query":1}', b'{"query":"{status{type}}","variables":3}'])
def test_unreadable_bodies_are_errors_not_crashes(kontist: Kontist, body: bytes) -> None:
    answer = kontist.send("POST", "/api/graphql", kontist.token(), content=body)
    assert answer.json()["errors"][0]["extensions"]["status"] == 400


def test_operation_name_picks_the_operation(kontist: Kontist) -> None:
    query = "query A{viewer{firstName}} query B{viewer{lastName}}"
    body = {"query": query, "operationName": "B"}
    answer = kontist.send("POST", "/api/graphql", kontist.token(), json=body)
    assert answer.json() == {"data": {"viewer": {"lastName": "Muster"}}}
    assert kontist.ask(query)["errors"]


def test_queries_of_ten_thousand_characters_are_refused(kontist: Kontist) -> None:
    query = "{viewer{email}}"
    kontist.read(query.ljust(9_999))
    assert kontist.ask(query.ljust(10_000))["errors"][0]["message"] == "The query is too long"


def test_complexity_counts_distinct_fields_through_fragments(kontist: Kontist) -> None:
    kontist.dialect.switches.max_distinct_fields = 4
    kontist.read("{viewer{email ...F firstName} viewer{email}} fragment F on User{firstName lastName}")
    answer = kontist.ask("{viewer{email ...F ... on User{city}}} fragment F on User{firstName lastName}")
    assert answer["errors"][0]["message"] == "The query is too complex"


def test_fragments_that_unfold_exponentially_are_counted_quickly(kontist: Kontist) -> None:
    chain = "".join(f"fragment F{n} on User{{...F{n + 1} ...F{n + 1}}}" for n in range(40))
    kontist.read(f"{{viewer{{...F0}}}}{chain}fragment F40 on User{{email}}")


def test_the_hundred_and_first_request_of_a_minute_is_refused_when_switched_on(kontist: Kontist) -> None:
    token = kontist.token()
    kontist.dialect.switches.requests_per_minute = 100
    body = {"query": "{status{type}}"}
    statuses = [kontist.send("POST", "/api/graphql", token, json=body).status_code for _ in range(101)]
    assert statuses == [200] * 100 + [429]
    kontist.advance(minutes=1)
    assert kontist.send("POST", "/api/graphql", token, json=body).status_code == 200


def test_iban_information_knows_kontist_and_refuses_wrong_check_digits(kontist: Kontist) -> None:
    token = kontist.token("transfers")
    query = "query($i:String!){getIBANInformation(iban:$i){bankName bic isSepaInstantTransferAvailable}}"
    known = kontist.read(query, token, i="DE35 1101 0100 9876 5432 10")["getIBANInformation"]
    assert known == {"bankName": "Kontist", "bic": "SOBKDEBBXXX", "isSepaInstantTransferAvailable": True}
    foreign = kontist.read(query, token, i="DE89370400440532013000")["getIBANInformation"]
    assert foreign == {"bankName": None, "bic": None, "isSepaInstantTransferAvailable": False}
    assert kontist.ask(query, token, i="DE35110101009876543211")["errors"][0]["extensions"]["status"] == 400


def test_the_account_follows_the_world(kontist: Kontist) -> None:
    kontist.world.pay(kontist.account, make_movement(50, "12.34", at=kontist.world.clock.now()))
    account = kontist.read("{viewer{mainAccount{balance}}}")["viewer"]["mainAccount"]
    assert account["balance"] == 98234
    assert kontist.world.booked_balance(kontist.account) == Decimal("982.34")


def test_unknown_paths_and_methods_are_problems(kontist: Kontist) -> None:
    assert kontist.send("GET", "/api/nothing").json()["status"] == 404
    assert kontist.send("GET", "/api/graphql").json()["title"] == "Method Not Allowed"


def test_what_the_sdk_asks_of_an_account_and_a_person_is_answered(kontist: Kontist) -> None:
    """The field sets of `account.get` and `user.get` in release 0.48.4."""
    account = "iban bic balance availableBalance cardHolderRepresentation cardHolderRepresentations "
    account += "hasPendingCardFraudCase canCreateOverdraft"
    user = (
        "birthDate birthPlace businessPurpose city companyType country createdAt economicSector email firstName gender "
    )
    user += "identificationLink identificationStatus screeningStatus screeningProgress riskClassificationStatus "
    user += "customerVettingStatus isUSPerson lastName mobileNumber nationality otherEconomicSector postCode publicId "
    user += "referralCode street taxPaymentFrequency taxRate untrustedPhoneNumber vatNumber vatPaymentFrequency vatRate"
    viewer = kontist.read(f"{{viewer{{{user} mainAccount{{{account}}}}}}}")["viewer"]
    assert viewer["nationality"] == "DE"
    assert viewer["mainAccount"]["cardHolderRepresentation"] == "ANNA/MUSTER"
