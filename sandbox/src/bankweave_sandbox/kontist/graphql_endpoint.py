"""POST /api/graphql: transport, limits and the shape of errors (providers/kontist.md sections 5 and 6.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLSyntaxError, execute_sync, parse, validate
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bankweave_sandbox.kontist.access import PUBLIC_FIELDS
from bankweave_sandbox.kontist.credentials import bearer_token
from bankweave_sandbox.kontist.documents import count_distinct_fields, root_fields
from bankweave_sandbox.kontist.problems import Problem, problem_type
from bankweave_sandbox.kontist.resolvers import Caller
from bankweave_sandbox.kontist.schema import make_schema
from bankweave_sandbox.kontist.services import Services
from bankweave_sandbox.kontist.tokens import TokenMint

_MOST_ERRORS = 3  # "at most 3 errors are returned"


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    query: str
    variables: Mapping[str, Any]
    operation_name: str | None


class GraphQLEndpoint:
    def __init__(self, services: Services, mint: TokenMint) -> None:
        self._services = services
        self._mint = mint
        self._switches = services.switches
        self._schema = make_schema()

    async def answer(self, request: Request) -> Response:
        caller = self._caller(request)
        if caller is None:
            return self._refuse_token()
        try:
            asked = _read(await request.body())
            document = self._check(asked, caller)
        except Problem as problem:
            if problem.extensions and problem.extensions["status"] == 401:
                return self._refuse_token()
            return self._answer_errors([problem])
        except _InvalidDocument as invalid:
            return self._answer_errors(invalid.errors)
        return self._execute(asked, document, caller)

    def _caller(self, request: Request) -> Caller | None:
        """Tell who asks; None when a token came that is not, or no longer, good."""
        origin = str(request.base_url).rstrip("/")
        if "authorization" not in request.headers:
            return Caller(self._services, None, None, origin)
        token = bearer_token(request)
        grant = self._mint.read_access(token) if token else None
        person = self._services.people.by_user_id(grant.user_id) if grant else None
        return Caller(self._services, grant, person, origin) if person else None

    def _check(self, asked: GraphQLRequest, caller: Caller) -> DocumentNode:
        if len(asked.query) >= self._switches.max_query_characters:
            raise Problem(400, "The query is too long")
        try:
            document = parse(asked.query)
        except GraphQLSyntaxError as error:
            raise _InvalidDocument([error]) from None
        if errors := validate(self._schema, document):
            raise _InvalidDocument(errors)
        if caller.grant is None and not root_fields(document) <= PUBLIC_FIELDS:
            raise Problem(401, "Unauthorized")
        most = self._switches.max_distinct_fields
        if count_distinct_fields(document, most) > most:
            raise Problem(400, "The query is too complex")
        return document

    def _execute(self, asked: GraphQLRequest, document: DocumentNode, caller: Caller) -> Response:
        result = execute_sync(
            self._schema,
            document,
            context_value=caller,
            variable_values=dict(asked.variables),
            operation_name=asked.operation_name,
        )
        if result.data is None and result.errors and all(e.path is None for e in result.errors):
            return self._answer_errors(result.errors)  # it never ran: variables of a wrong type, no such operation
        return JSONResponse(_body(result))

    def _answer_errors(self, errors: Sequence[GraphQLError]) -> Response:
        return JSONResponse({"errors": _format(errors)}, self._switches.graphql_error_status)

    def _refuse_token(self) -> Response:
        """Seen live as HTTP 401 and as HTTP 200 with an error (section 5)."""
        status = 401 if self._switches.unauthorized == "http_401" else 200
        return JSONResponse({"errors": _format([Problem(401, "Unauthorized")]), "data": None}, status)


class _InvalidDocument(Exception):
    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__("the document does not parse or validate")
        self.errors = errors


def _read(body: bytes) -> GraphQLRequest:
    try:
        fields = json.loads(body)
    except ValueError:
        fields = None
    if not isinstance(fields, dict) or not isinstance(fields.get("query"), str):
        raise Problem(400, "Expected a JSON object with a query")
    variables = fields.get("variables") or {}
    if not isinstance(variables, dict):
        raise Problem(400, "variables must be an object")
    name = fields.get("operationName")
    return GraphQLRequest(fields["query"], variables, name if isinstance(name, str) and name else None)


def _body(result: ExecutionResult) -> dict[str, Any]:
    # A successful answer has no `errors` key: the SDK takes its mere presence for a failure.
    return ({"errors": _format(result.errors)} if result.errors else {}) | {"data": result.data}


def _format(errors: Sequence[GraphQLError]) -> list[dict[str, Any]]:
    return [_with_extensions(error) for error in errors[:_MOST_ERRORS]]


def _with_extensions(error: GraphQLError) -> dict[str, Any]:
    """Add status and type where the error is the client's; unexpected ones may lack them (section 5)."""
    formatted: dict[str, Any] = dict(error.formatted)
    if "extensions" not in formatted and (error.original_error is None or isinstance(error, GraphQLSyntaxError)):
        formatted["extensions"] = {"status": 400, "type": problem_type(400)}
    return formatted
