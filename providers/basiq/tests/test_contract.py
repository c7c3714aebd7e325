"""Every request that is built, against the vendor's own specification."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from bankweave.adapter import Request
from bankweave_basiq import BasiqSettings
from bankweave_basiq import protocol as p

SPECIFICATION = Path(__file__).parents[4] / "shared" / "specs" / "basiq-v3.openapi.json"
pytestmark = pytest.mark.skipif(
    not SPECIFICATION.is_file(), reason="the file shared/specs/basiq-v3.openapi.json is missing beside the repository"
)
SETTINGS = BasiqSettings.model_validate({"api_key": "key"})
PERSON = dict.fromkeys(("email", "mobile", "firstName", "middleName", "lastName", "businessName", "businessIdNo"), "x")

REQUESTS = {
    "server token": p.fetch_token(SETTINGS),
    "client token": p.fetch_token(SETTINGS, "user-1"),
    "create user": p.create_user(SETTINGS, {**PERSON, "businessIdNoType": "ABN"}),
    "get user": p.get_user(SETTINGS, "user-1"),
    "list consents": p.list_consents(SETTINGS, "user-1"),
    "list connections": p.list_connections(SETTINGS, "user-1"),
    "refresh connection": p.refresh_connection(SETTINGS, "user-1", "con-1"),
    "purge connection": p.purge_connection(SETTINGS, "user-1", "con-1"),
    "delete connection": p.delete_connection(SETTINGS, "user-1", "con-1"),
    "list connectors": p.list_connectors(SETTINGS),
    "list connectors of a country": p.list_connectors(SETTINGS, "New Zealand"),
    "get connector": p.get_connector(SETTINGS, "AU00000"),
    "get job": p.get_job(SETTINGS, "job-1"),
    "list jobs": p.list_jobs(SETTINGS, "user-1", "con-1"),
    "answer challenge": p.answer_challenge(SETTINGS, "job-1", ("1234", "Basiq")),
    "list accounts": p.list_accounts(SETTINGS, "user-1", ("con-1",)),
    "list all accounts": p.list_accounts(SETTINGS, "user-1", ("con-1", "con-2")),
    "get account": p.get_account(SETTINGS, "user-1", "acc-1"),
    "list transactions": p.list_transactions(SETTINGS, "user-1", "acc-1", "posted", date(2026, 1, 2)),
    "list pending": p.list_transactions(SETTINGS, "user-1", "acc-1", "pending"),
    "follow transactions": p.follow_transactions(SETTINGS, "user-1", "next=bf1ec9d4"),
}
UNDOCUMENTED = {"next"}  # how the next page is asked for is Basiq's own affair; its link is followed

VALUE = r"'[^']+'"
FILTERS = {
    "/connectors": rf"connector\.(stage|institution\.country|id)\.eq\({VALUE}\)",
    "/users/{userId}/accounts": rf"(account|connection|institution)\.id\.eq\({VALUE}\)",
    "/users/{userId}/jobs": rf"connection\.id\.eq\({VALUE}\)",
    "/users/{userId}/transactions": (
        rf"account\.id\.eq\({VALUE}\)|transaction\.status\.eq\('(posted|pending)'\)"
        r"|transaction\.postDate\.gteq\('\d{4}-\d\d-\d\d'\)"
    ),
}


@pytest.fixture(scope="module")
def specification() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SPECIFICATION.read_text())
    return loaded


def find(specification: dict[str, Any], request: Request) -> tuple[str, dict[str, Any]]:
    path = urlsplit(request.url).path
    for template, operations in specification["paths"].items():
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
        if re.fullmatch(pattern, path) and request.method.lower() in operations:
            return template, operations[request.method.lower()]
    raise AssertionError(f"the specification has no {request.method} {path}")


@pytest.mark.parametrize("name", REQUESTS)
def test_path_and_method_are_in_the_specification(specification: dict[str, Any], name: str) -> None:
    find(specification, REQUESTS[name])


@pytest.mark.parametrize("name", REQUESTS)
def test_query_and_headers_are_in_the_specification(specification: dict[str, Any], name: str) -> None:
    request = REQUESTS[name]
    declared = find(specification, request)[1].get("parameters", [])
    query = {*request.params, *dict(parse_qsl(urlsplit(request.url).query))}
    assert query - UNDOCUMENTED <= {one["name"] for one in declared if one["in"] == "query"}
    required = {one["name"].lower() for one in declared if one["in"] == "header" and one.get("required")}
    assert required <= {header.lower() for header in request.headers}


@pytest.mark.parametrize("name", REQUESTS)
def test_body_is_what_the_specification_describes(specification: dict[str, Any], name: str) -> None:
    request = REQUESTS[name]
    described = find(specification, request)[1].get("requestBody")
    assert (request.body is None) == (described is None)
    if request.body is None or described is None:
        return
    media = request.headers["Content-Type"]
    body = json.loads(request.body) if media == "application/json" else dict(parse_qsl(request.body.decode()))
    validator(specification, described["content"][media]["schema"]).validate(body)


def test_a_wrong_body_would_be_noticed(specification: dict[str, Any]) -> None:
    described = specification["paths"]["/jobs/{jobId}/mfa"]["post"]["requestBody"]
    schema = described["content"]["application/json"]["schema"]
    assert not validator(specification, schema).is_valid({"mfa-response": "1234"})


@pytest.mark.parametrize("name", REQUESTS)
def test_filter_is_written_in_the_documented_language(specification: dict[str, Any], name: str) -> None:
    request = REQUESTS[name]
    conditions = request.params.get("filter")
    if conditions is not None:
        template, _ = find(specification, request)
        assert all(re.fullmatch(FILTERS[template], one) for one in conditions.split(","))


def test_only_what_starts_or_answers_something_is_not_repeatable() -> None:
    assert {name for name, request in REQUESTS.items() if not request.repeatable} == {"create user", "answer challenge"}


def validator(specification: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    everything = Resource.from_contents(specification, default_specification=DRAFT202012)
    whole = Registry().with_resource("urn:basiq", everything)
    return Draft202012Validator(_anchored(schema), registry=whole)


def _anchored(schema: Any) -> Any:
    """References of the specification are to itself."""
    if isinstance(schema, list):
        return [_anchored(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: f"urn:basiq{value}" if key == "$ref" else _anchored(value) for key, value in schema.items()}
