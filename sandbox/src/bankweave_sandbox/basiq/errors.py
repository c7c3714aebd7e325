"""Basiq's error envelope and the errors of its status table (providers/basiq.md, section 7)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class ApiError(Exception):
    """An answer other than success, as Basiq words it."""

    def __init__(self, status: int, code: str, title: str, detail: str, parameter: str | None = None) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.parameter = parameter
        self.others: tuple[ApiError, ...] = ()  # that are wrong with the same request

    def envelope(self) -> dict[str, object]:
        data = [error.shape() for error in (self, *self.others)]
        return {"type": "list", "correlationId": str(uuid.uuid4()), "data": data}

    def shape(self) -> dict[str, object]:
        shape: dict[str, object] = {"type": "error", "code": self.code, "title": self.title, "detail": self.detail}
        return shape if self.parameter is None else {**shape, "source": {"parameter": self.parameter}}


def raise_any(problems: Sequence[ApiError]) -> None:
    """Refuse a request with all that is wrong with it, in one envelope (section 7.1); the first gives the status."""
    if problems:
        refusal, *rest = problems
        refusal.others = tuple(rest)
        raise refusal


async def answer_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101 - registered for this class only
    return JSONResponse(error.envelope(), status_code=error.status)


async def answer_unknown_route(request: Request, _error: Exception) -> Response:
    """Answer 404 for what is not there, whatever the method; 403 when a path segment is missing (section 7.2)."""
    if "//" in request.url.path or request.url.path.endswith("/"):
        return await answer_error(request, invalid_request())
    return await answer_error(request, unknown_route())


async def answer_unreadable(request: Request, _error: Exception) -> Response:
    """Answer 400 for a form that breaks off or is none."""
    return await answer_error(request, invalid_content("The request body cannot be read."))


def not_supplied(detail: str, parameter: str | None = None) -> ApiError:
    return ApiError(400, "parameter-not-supplied", "Required parameter not supplied", detail, parameter)


def not_valid(detail: str, parameter: str | None = None) -> ApiError:
    return ApiError(400, "parameter-not-valid", "Parameter value is not valid", detail, parameter)


def value_not_valid(name: str, parameter: str) -> ApiError:
    return not_valid(f"{name} value is not valid", parameter)


def path_not_valid(detail: str, parameter: str) -> ApiError:
    return ApiError(400, "path-parameter-not-valid", "Parameter value is not valid", detail, parameter)


def invalid_content(detail: str) -> ApiError:
    return ApiError(400, "invalid-content", "Invalid content", detail)


def invalid_request_content(detail: str = "Posted request not valid.") -> ApiError:
    """Refuse a webhook or a test message, whose title differs from that of other content."""
    return ApiError(400, "invalid-content", "Invalid request content", detail)


def invalid_filter() -> ApiError:
    return not_valid("The provided filter parameter is in invalid format or unsupported", "filter")


def not_found(detail: str) -> ApiError:
    return ApiError(404, "resource-not-found", "Requested resource is not found", detail)


def unknown_route() -> ApiError:
    return not_found("Route not found for this API version.")


def gone(detail: str) -> ApiError:
    return ApiError(410, "resource-no-longer-available", "Resource no longer available", detail)


def invalid_request() -> ApiError:
    return ApiError(403, "request-not-valid", "Invalid request", "Invalid request")


def too_many_requests(status: int = 429) -> ApiError:
    detail = "You have exceeded the rate limit for this API."
    return ApiError(status, "too-many-requests", "Too many requests", detail)


def unknown_api_key() -> ApiError:
    detail = "Unable to authenticate. Please, check your API key"
    return ApiError(404, "parameter-not-valid", "We have encountered an error", detail, "Authorization")


def invalid_token() -> ApiError:
    return ApiError(401, "invalid-authorization-token", "Invalid authorization token", "")


def expired_token(status: int) -> ApiError:
    # The specification wants a source with every 403; which parameter it names is undocumented.
    return ApiError(status, "access-denied", "access-denied", "Token has expired", "Authorization")


def account_disabled() -> ApiError:
    detail = "Your account is disabled. Please contact us."  # the words are ours
    return ApiError(403, "access-denied", "access-denied", detail, "Authorization")


def unauthorized(code: str) -> ApiError:
    return ApiError(401, code, "Unauthorized Access", "You are not authorized to access this resource")


def forbidden(code: str = "forbidden-access") -> ApiError:
    return ApiError(403, code, "Forbidden Access", "Access to this resource is forbidden", "scope")


def unsupported_accept() -> ApiError:
    detail = "The requested representation is not available; accept application/json."
    return ApiError(400, "unsupported-accept", "Accept header is not supported", detail, "Accept")


def server_error(code: str) -> ApiError:
    if code == "internal-server-error":
        detail = "Internal Server error. Contact support."
        return ApiError(500, code, "Internal Server error.", detail)
    return ApiError(500, code, "We have encountered an error", "We have encountered an error")


def unavailable(code: str) -> ApiError:
    return ApiError(503, code, "Service Unavailable", "Service Unavailable. Try again later.")


def no_production_access() -> ApiError:
    detail = "Please contact us to have your API key enabled for Connections."
    return ApiError(403, "no-production-access", "Forbidden Access", detail, "institution.id")


def too_large() -> ApiError:
    return ApiError(413, "request-not-valid", "Request entity too large", "The uploaded file is too large.")


def unsupported_content_type(content_type: str) -> ApiError:
    detail = f"Content type {content_type} is not supported on requested endpoint."
    return ApiError(415, "unsupported-content-type", "Request content type is not supported", detail)


def bad_credentials() -> ApiError:
    detail = "The bank refused the stored credentials; update them in the Consent UI."
    return ApiError(400, "invalid-credentials", "Invalid credentials", detail)
