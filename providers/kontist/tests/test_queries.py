from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, OperationType, build_schema, parse, print_ast, validate

from bankweave_kontist import KontistSettings, queries
from bankweave_kontist.protocol import list_transactions, query_account
from bankweave_kontist.queries import Query
from bankweave_sandbox.kontist.graphql.schema import make_schema

ALL = [
    value
    for module in iter_modules(queries.__path__, f"{queries.__name__}.")
    for value in vars(import_module(module.name)).values()
    if isinstance(value, Query)
]
SCHEMA = Path(__file__).resolve().parents[4] / "shared/specs/kontist.schema.graphql"


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    if not SCHEMA.exists():
        pytest.skip(f"the reconstructed schema of Kontist is not beside the checkout: {SCHEMA.name}")
    return build_schema(SCHEMA.read_text())


@pytest.fixture(scope="module")
def served() -> GraphQLSchema:
    return make_schema()


@pytest.mark.parametrize("query", ALL, ids=lambda query: query.name)
def test_a_query_is_valid_in_the_schema(query: Query, schema: GraphQLSchema) -> None:
    assert validate(schema, query.document) == []


@pytest.mark.parametrize("query", ALL, ids=lambda query: query.name)
def test_a_query_is_one_that_the_sandbox_serves(query: Query, served: GraphQLSchema) -> None:
    assert validate(served, query.document) == []


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [query.name for query in ALL]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("query", ALL, ids=lambda query: query.name)
def test_only_queries_are_repeatable(query: Query) -> None:
    (operation,) = [each for each in query.document.definitions if isinstance(each, OperationDefinitionNode)]
    assert query.repeatable is (operation.operation is OperationType.QUERY)


@pytest.mark.parametrize("query", ALL, ids=lambda query: query.name)
def test_what_is_sent_is_the_document_under_its_own_name(query: Query) -> None:
    assert print_ast(parse(query.text)) == print_ast(query.document)
    assert f"{query.kind} {query.name}" in query.text
    assert len(query.text) < 10_000  # Kontist's limit


def test_a_query_goes_as_json_and_may_be_repeated(settings: KontistSettings) -> None:
    request = query_account(settings)
    assert (request.method, request.url) == ("POST", "https://api.kontist.com/api/graphql")
    assert request.repeatable
    assert request.headers["Content-Type"] == "application/json"
    body = json.loads(request.body or b"")
    assert body["operationName"] == "MainAccount"
    assert "variables" not in body


def test_a_page_is_asked_for_by_cursor_and_day(settings: KontistSettings) -> None:
    request = list_transactions(settings, after="c1", booked_from="2026-10-31T23:00:00.000Z")
    assert json.loads(request.body or b"")["variables"] == {
        "first": 50,
        "after": "c1",
        "filter": {"bookingDate_gte": "2026-10-31T23:00:00.000Z"},
    }


def test_the_first_page_of_everything_needs_neither_cursor_nor_filter(settings: KontistSettings) -> None:
    request = list_transactions(settings, after=None, booked_from=None)
    assert json.loads(request.body or b"")["variables"] == {"first": 50}
