"""How Kontist says no: problem bodies over REST, `errors[]` with a logical status over GraphQL."""

from __future__ import annotations

from http import HTTPStatus

from graphql import GraphQLError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


def problem_type(status: int) -> str:
    """Name a problem that has no URI of its own (providers/kontist.md section 5)."""
    return f"http://www.iana.org/assignments/http-status-codes#{status}"


class Problem(GraphQLError):
    """A refusal inside a GraphQL answer; `extensions.status` is the logical HTTP status."""

    def __init__(self, status: int, message: str, type_: str | None = None) -> None:
        self.status = status
        super().__init__(message, extensions={"status": status, "type": type_ or problem_type(status)})


def problem_body(status: int, detail: str) -> dict[str, object]:
    """Build a REST error body. Undocumented: Kontist's own client drops it and reads the reason phrase."""
    title = HTTPStatus(status).phrase
    return {"type": problem_type(status), "title": title, "status": status, "detail": detail}


async def answer_problem(_request: Request, error: Exception) -> Response:
    """Turn an `HTTPException` or a `Problem` of any route into a problem body."""
    if isinstance(error, Problem):
        return JSONResponse(problem_body(error.status, error.message), error.status)
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse(problem_body(error.status_code, error.detail), error.status_code, headers=error.headers)
