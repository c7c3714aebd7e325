"""Any GraphQL operation of the caller's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from bankweave.adapter import Response
from bankweave.errors import InvalidOrder
from bankweave_kontist.protocol import graphql_request, read_data, read_once
from bankweave_kontist.session import Session
from bankweave_kontist.wire import Envelope

if TYPE_CHECKING:
    from graphql import DocumentNode, OperationDefinitionNode

LONGEST_QUERY = 10_000  # characters; Kontist takes fewer (section 5)
_OPERATION = "raw_query"
_DATA: TypeAdapter[Envelope[dict[str, Any]]] = TypeAdapter(Envelope[dict[str, Any]])


class GraphQL:
    """Runs operations that this library has no method for. Kontist's own names and units come back: cents, ISO dates."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def query(
        self, text: str, variables: Mapping[str, object] | None = None, operation_name: str | None = None
    ) -> dict[str, Any]:
        """Run one operation and give its `data`; never part of it beside errors.

        A lost answer is asked for again only if the operation is a query. A mutation raises `OutcomeUnknown` instead, as it
        does when the server fails. Raises `InvalidOrder` before anything is sent: for what is no GraphQL, for 10,000
        characters or more, for a subscription, and where `operation_name` does not name one of several operations.
        """
        document = _parsed(text)
        chosen = _chosen(document, operation_name)
        is_query = chosen.operation.value == "query"
        name = None if chosen.name is None else chosen.name.value
        body = {"query": text, "operationName": name, "variables": None if variables is None else dict(variables)}
        sent = {key: value for key, value in body.items() if value is not None}
        request = graphql_request(self._session.settings, _OPERATION, sent, repeatable=is_query)

        def read(response: Response) -> dict[str, Any]:
            return (read_data if is_query else read_once)(_DATA, response, _OPERATION)

        return await self._session.send(request, read)


def _parsed(text: str) -> DocumentNode:
    from gql import gql
    from graphql import GraphQLError

    if len(text) >= LONGEST_QUERY:
        raise _invalid(f"has {len(text)} characters; Kontist takes fewer than {LONGEST_QUERY}")
    try:
        return gql(text).document
    except GraphQLError as error:
        places = ", ".join(f"line {place.line}, column {place.column}" for place in error.locations or ())
        raise _invalid(f"is no GraphQL ({places or 'somewhere'})") from None


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The operation that is to run: the one of that name, or the only one."""
    from graphql import OperationDefinitionNode, OperationType

    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if name is not None:
        operations = [each for each in operations if each.name is not None and each.name.value == name]
    if len(operations) != 1:
        raise _invalid("does not hold exactly one operation of that name")
    if operations[0].operation is OperationType.SUBSCRIPTION:
        raise _invalid("is a subscription; kontist.live has the only one there is")
    return operations[0]


def _invalid(problem: str) -> InvalidOrder:
    return InvalidOrder(f"the GraphQL text {problem}; nothing was sent", code="query")
