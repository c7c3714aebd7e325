"""A GraphQL request on its way to an answer, over HTTP or over a WebSocket (providers/kontist.md sections 5 and 6.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSyntaxError,
    OperationType,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)

from bankweave_sandbox.kontist.caller import Caller
from bankweave_sandbox.kontist.graphql.access import PUBLIC_FIELDS
from bankweave_sandbox.kontist.graphql.documents import count_distinct_fields, root_fields
from bankweave_sandbox.kontist.graphql.schema import make_schema
from bankweave_sandbox.kontist.oauth.tokens import TokenMint
from bankweave_sandbox.kontist.problems import Problem, problem_type

if TYPE_CHECKING:  # the services are made of every topic
    from bankweave_sandbox.kontist.services import Services

_MOST_ERRORS = 3  # "at most 3 errors are returned"


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    query: str
    variables: Mapping[str, Any]
    operation_name: str | None


class InvalidDocumentError(Exception):
    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__("the document does not parse or validate")
        self.errors = errors


class Operations:
    def __init__(self, services: Services, mint: TokenMint) -> None:
        self._services = services
        self._mint = mint
        self._switches = services.switches
        self._schema = make_schema()

    def anonymous(self, origin: str) -> Caller:
        return Caller(self._services, None, None, origin)

    def caller(self, token: str | None, origin: str) -> Caller | None:
        """Tell who asks with this token; None when it is not, or no longer, good."""
        grant = self._mint.read_access(token) if token else None
        person = self._services.people.by_user_id(grant.user_id) if grant else None
        return Caller(self._services, grant, person, origin) if person else None

    def expiry(self, token: str) -> datetime | None:
        return self._mint.expiry(token)

    def check(self, asked: GraphQLRequest, caller: Caller) -> DocumentNode:
        if len(asked.query) >= self._switches.max_query_characters:
            raise Problem(400, "The query is too long")
        try:
            document = parse(asked.query)
        except GraphQLSyntaxError as error:
            raise InvalidDocumentError([error]) from None
        if errors := validate(self._schema, document):
            raise InvalidDocumentError(errors)
        if caller.grant is None and not root_fields(document) <= PUBLIC_FIELDS:
            raise Problem(401, "Unauthorized")
        most = self._switches.max_distinct_fields
        if count_distinct_fields(document, most) > most:
            raise Problem(400, "The query is too complex")
        return document

    def run(
        self, asked: GraphQLRequest, document: DocumentNode, caller: Caller, event: object = None
    ) -> ExecutionResult:
        """Execute an operation; `event` is what a subscription has been told of."""
        return execute_sync(
            self._schema,
            document,
            root_value=event,
            context_value=caller,
            variable_values=dict(asked.variables),
            operation_name=asked.operation_name,
        )


def read_request(fields: object) -> GraphQLRequest:
    """Read what a client has sent as JSON."""
    if not isinstance(fields, dict) or not isinstance(fields.get("query"), str):
        raise Problem(400, "Expected a JSON object with a query")
    variables = fields.get("variables") or {}
    if not isinstance(variables, dict):
        raise Problem(400, "variables must be an object")
    name = fields.get("operationName")
    return GraphQLRequest(fields["query"], variables, name if isinstance(name, str) and name else None)


def is_subscription(asked: GraphQLRequest, document: DocumentNode) -> bool:
    operation = get_operation_ast(document, asked.operation_name)
    return operation is not None and operation.operation is OperationType.SUBSCRIPTION


def has_not_run(result: ExecutionResult) -> bool:
    """Tell that execution did not begin: variables of a wrong type, no operation of that name."""
    return result.data is None and bool(result.errors) and all(e.path is None for e in result.errors or ())


def render_result(result: ExecutionResult) -> dict[str, Any]:
    # A successful answer has no `errors` key: the SDK takes its mere presence for a failure.
    return ({"errors": render_errors(result.errors)} if result.errors else {}) | {"data": result.data}


def render_errors(errors: Sequence[GraphQLError]) -> list[dict[str, Any]]:
    return [_with_extensions(error) for error in errors[:_MOST_ERRORS]]


def _with_extensions(error: GraphQLError) -> dict[str, Any]:
    """Add status and type where the error is the client's; unexpected ones may lack them (section 5)."""
    formatted: dict[str, Any] = dict(error.formatted)
    if "extensions" not in formatted and (error.original_error is None or isinstance(error, GraphQLSyntaxError)):
        formatted["extensions"] = {"status": 400, "type": problem_type(400)}
    return formatted
