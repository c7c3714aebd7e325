from __future__ import annotations

import json
from typing import Any

import pytest

from bankweave.adapter import Ability, Request, Response
from bankweave.errors import (
    AccessRevoked,
    BankweaveError,
    InvalidOrder,
    MalformedAnswer,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
)
from bankweave.testing import FakeContext, ScriptedHttp
from bankweave_kontist import Kontist

pytestmark = pytest.mark.anyio

UNAUTHORIZED = Response(status=200, body=b'{"errors":[{"message":"Unauthorized"}],"data":null}')
FUNDS = "https://api.kontist.com/problems/transfer/insufficient-funds"
QUERY = "{ status { type } }"
MUTATION = 'mutation { deleteDocument(id: "d-1") { success } }'


def answer(data: object, *errors: dict[str, Any], status: int = 200) -> Response:
    body: dict[str, object] = {"data": data} | ({"errors": list(errors)} if errors else {})
    return Response(status=status, body=json.dumps(body).encode())


def scripted(*answers: Response | BankweaveError) -> FakeContext:
    return FakeContext(http=ScriptedHttp(list(answers)))


def sent(ctx: FakeContext) -> list[dict[str, Any]]:
    return [json.loads(request.body or b"") for request in ctx.http.sent]


async def run(kontist: Kontist, ctx: FakeContext, text: str, **more: Any) -> dict[str, Any]:
    return await kontist.client(ctx).graphql.query(text, **more)


def test_kontist_says_that_it_has_a_client_of_its_own(kontist: Kontist) -> None:
    assert {Ability.CLIENT, Ability.RENEWABLE} <= kontist.info.abilities


async def test_a_raw_query_gives_its_data(kontist: Kontist) -> None:
    ctx = scripted(answer({"status": {"type": None}}))
    assert await run(kontist, ctx, QUERY) == {"status": {"type": None}}
    request: Request = ctx.http.sent[0]
    assert (request.method, request.url) == ("POST", "https://api.kontist.com/api/graphql")
    assert request.headers["Authorization"] == "Bearer access-1"
    assert sent(ctx) == [{"query": QUERY}]


async def test_variables_and_the_name_of_the_operation_travel(kontist: Kontist) -> None:
    ctx = scripted(answer({"a": 1}), answer({"a": 1}))
    two = "query A($n: Int) { a(n: $n) } query B { b }"
    await run(kontist, ctx, two, variables={"n": 1}, operation_name="A")
    await run(kontist, ctx, "query Only { only }")
    assert sent(ctx) == [
        {"query": two, "operationName": "A", "variables": {"n": 1}},
        {"query": "query Only { only }", "operationName": "Only"},
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", None),
        ("{ viewer {", None),
        ("{ a(b: ) }", None),
        ("fragment F on User { firstName }", None),
        ("query A { a } query B { b }", None),
        ("query A { a } query B { b }", "C"),
        ("subscription { newTransaction { id } }", None),
        ("{ a } #" + "x" * 10_000, None),
    ],
)
async def test_what_cannot_be_a_query_is_not_sent(kontist: Kontist, text: str, name: str | None) -> None:
    ctx = scripted()
    with pytest.raises(InvalidOrder) as raised:
        await run(kontist, ctx, text, operation_name=name)
    assert raised.value.code == "query"
    assert ctx.http.sent == []


async def test_a_query_just_below_the_limit_is_sent(kontist: Kontist) -> None:
    ctx = scripted(answer({"a": 1}))
    text = "{ a } #".ljust(9_999, "x")
    assert await run(kontist, ctx, text) == {"a": 1}


async def test_a_syntax_error_says_where_and_shows_nothing_of_the_text(kontist: Kontist) -> None:
    with pytest.raises(InvalidOrder, match="line 2, column 3") as raised:
        await run(kontist, scripted(), '{ secret(pin: "4711")\n  (')
    assert "4711" not in str(raised.value)


async def test_only_queries_may_be_repeated(kontist: Kontist) -> None:
    ctx = scripted(answer({"a": 1}), answer({"b": 1}), answer({"c": 1}))
    await run(kontist, ctx, QUERY)
    await run(kontist, ctx, MUTATION)
    await run(kontist, ctx, f"query A {QUERY} mutation B {{ b }}", operation_name="B")
    assert [request.repeatable for request in ctx.http.sent] == [True, False, False]


@pytest.mark.parametrize("text", [QUERY, MUTATION])
@pytest.mark.parametrize("rejected", [Response(status=401), UNAUTHORIZED])
async def test_a_rejected_token_is_renewed_once(kontist: Kontist, text: str, rejected: Response) -> None:
    ctx = scripted(rejected, answer({"a": 1}))
    assert await run(kontist, ctx, text) == {"a": 1}
    assert [each.headers["Authorization"] for each in ctx.http.sent] == ["Bearer access-1", "Bearer access-2"]


async def test_a_token_that_is_rejected_twice_means_that_the_access_is_gone(kontist: Kontist) -> None:
    ctx = scripted(UNAUTHORIZED, UNAUTHORIZED)
    with pytest.raises(AccessRevoked):
        await run(kontist, ctx, QUERY)
    assert len(ctx.http.sent) == 2


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (answer(None, {"message": "no", "extensions": {"status": 400, "type": FUNDS}}), ProviderRefused),
        (answer({"status": None}, {"message": "no", "extensions": {"status": 404}}), ProviderRefused),
        (answer(None, {"message": "no", "extensions": {"status": 429}}), RateLimited),
        (answer(None, {"message": "no"}), ProviderUnavailable),
        (Response(status=503), ProviderUnavailable),
        (answer(None), MalformedAnswer),
        (Response(status=200, body=b"<html>"), MalformedAnswer),
    ],
)
async def test_errors_of_a_query_are_told_apart(
    kontist: Kontist, response: Response, kind: type[BankweaveError]
) -> None:
    with pytest.raises(kind) as raised:
        await run(kontist, scripted(response), QUERY)
    assert type(raised.value) is kind


async def test_a_refusal_has_kontists_own_word(kontist: Kontist) -> None:
    refused = answer(None, {"message": "no", "extensions": {"status": 400, "type": FUNDS}})
    with pytest.raises(ProviderRefused) as raised:
        await run(kontist, scripted(refused), MUTATION)
    assert raised.value.code == FUNDS


async def test_of_several_errors_the_first_decides(kontist: Kontist) -> None:
    errors = [{"message": "no", "extensions": {"status": 400, "type": f"{FUNDS}-{number}"}} for number in range(3)]
    with pytest.raises(ProviderRefused) as raised:
        await run(kontist, scripted(answer(None, *errors)), QUERY)
    assert raised.value.code == f"{FUNDS}-0"


async def test_an_expired_token_is_noticed_among_other_errors(kontist: Kontist) -> None:
    errors: list[dict[str, Any]] = [
        {"message": "no", "extensions": {"status": 400}},
        {"message": "Unauthorized"},
    ]
    ctx = scripted(answer(None, *errors), answer({"a": 1}))
    assert await run(kontist, ctx, QUERY) == {"a": 1}


async def test_data_beside_an_error_are_never_used(kontist: Kontist) -> None:
    partial = answer({"viewer": {"mainAccount": None}}, {"message": "no", "extensions": {"status": 404}})
    with pytest.raises(ProviderRefused):
        await run(kontist, scripted(partial), QUERY)
    with pytest.raises(ProviderRefused) as raised:
        await kontist.client(scripted(partial)).transactions.newest()
    assert raised.value.code == "404"


async def test_the_network_failing_leaves_as_it_came(kontist: Kontist) -> None:
    for lost in (ProviderUnavailable("no route"), OutcomeUnknown("lost")):
        with pytest.raises(type(lost)):
            await run(kontist, scripted(lost), MUTATION)


@pytest.mark.parametrize(
    "response",
    [
        Response(status=503),
        Response(status=200, body=b"<html>"),
        answer(None, {"message": "no"}),
        answer(None),
        answer(None, {"message": "no", "path": ["deleteDocument", "success"], "extensions": {"status": 403}}),
        answer(None, {"message": "Unauthorized", "path": ["deleteDocument", "success"]}),
    ],
)
async def test_a_mutation_that_may_have_been_executed_says_so_and_is_not_repeated(
    kontist: Kontist, response: Response
) -> None:
    ctx = scripted(response, answer({"a": 1}))
    with pytest.raises(OutcomeUnknown):
        await run(kontist, ctx, MUTATION)
    assert len(ctx.http.sent) == 1
