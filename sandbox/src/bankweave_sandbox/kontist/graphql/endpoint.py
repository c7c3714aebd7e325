"""POST /api/graphql: one operation, one answer (providers/kontist.md sections 5 and 6.1)."""

from __future__ import annotations

import json
from collections.abc import Sequence

from graphql import DocumentNode, GraphQLError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bankweave_sandbox.kontist.caller import Caller
from bankweave_sandbox.kontist.graphql.operations import (
    GraphQLRequest,
    InvalidDocumentError,
    Operations,
    has_not_run,
    is_subscription,
    read_request,
    render_errors,
    render_result,
)
from bankweave_sandbox.kontist.oauth.bearers import bearer_token
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.switches import Switches


class GraphQLEndpoint:
    def __init__(self, operations: Operations, switches: Switches) -> None:
        self._operations = operations
        self._switches = switches

    async def answer(self, request: Request) -> Response:
        caller = self._caller(request)
        if caller is None:
            return self._refuse_token()
        try:
            asked = read_request(_json(await request.body()))
            document = self._operations.check(asked, caller)
        except Problem as problem:
            if problem.extensions and problem.extensions["status"] == 401:
                return self._refuse_token()
            return self._answer_errors([problem])
        except InvalidDocumentError as invalid:
            return self._answer_errors(invalid.errors)
        return self._execute(asked, document, caller)

    def _caller(self, request: Request) -> Caller | None:
        origin = str(request.base_url).rstrip("/")
        if "authorization" not in request.headers:
            return self._operations.anonymous(origin)
        return self._operations.caller(bearer_token(request), origin)

    def _execute(self, asked: GraphQLRequest, document: DocumentNode, caller: Caller) -> Response:
        if is_subscription(asked, document):
            return self._answer_errors([Problem(400, "Subscriptions are answered over a WebSocket only")])
        result = self._operations.run(asked, document, caller)
        if has_not_run(result):
            return self._answer_errors(result.errors or [])
        return JSONResponse(render_result(result))

    def _answer_errors(self, errors: Sequence[GraphQLError]) -> Response:
        return JSONResponse({"errors": render_errors(errors)}, self._switches.graphql_error_status)

    def _refuse_token(self) -> Response:
        """Seen live as HTTP 401 and as HTTP 200 with an error (section 5)."""
        status = 401 if self._switches.unauthorized == "http_401" else 200
        return JSONResponse({"errors": render_errors([Problem(401, "Unauthorized")]), "data": None}, status)


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None
