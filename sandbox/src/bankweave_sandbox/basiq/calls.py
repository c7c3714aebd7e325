"""What every authorised API call goes through, and what its handler is given (providers/basiq.md, sections 1 and 7.2)."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.platform import Platform
from bankweave_sandbox.basiq.state import User
from bankweave_sandbox.basiq.switches import Switches
from bankweave_sandbox.basiq.timestamps import instant
from bankweave_sandbox.basiq.tokens import NOBODY, Token, TokenOffice

# What a CLIENT_ACCESS token may do beside opening the Consent UI; the sources disagree (section 1), hence three readings.
_STRICT = frozenset({"job.read", "job.answer"})
_DEFAULT = _STRICT | {"consent.read", "consent.delete", "user.read", "connector.read"}
CLIENT_RIGHTS = {
    "strict": _STRICT,
    "default": _DEFAULT,
    "wide": _DEFAULT | {"connection.read", "connection.delete", "user.delete", "data.read"},
}

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LONG_NUMBER = 10  # digits: more than any page has rows
_EXPIRED_IS_401 = {("POST", "/users"), ("POST", "/jobs/{job_id}/mfa")}  # S3, section 7.2


@dataclass(frozen=True, slots=True)
class Call:
    """One authorised request."""

    platform: Platform
    request: Request
    token: Token
    body: bytes
    base: str  # the origin that links begin with

    @property
    def switches(self) -> Switches:
        return self.platform.switches

    @property
    def user(self) -> User:
        """The user named in the path; 400, 404 or, for another's client token, 401."""
        user_id = self.path("user_id")
        if not UUID.fullmatch(user_id):
            raise errors.value_not_valid("User ID", "userId")
        self.demand_user(user_id)
        user = self.platform.users.get(user_id)
        if user is None:
            raise errors.not_found("Requested user does not exist.")
        return user

    @property
    def user_url(self) -> str:
        return f"{self.base}/users/{self.path('user_id')}"

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    def query(self, name: str) -> str | None:
        return self.request.query_params.get(name)

    @property
    def limit(self) -> int:
        """How many rows the query wants; without a limit, a page's."""
        asked = self.query("limit")
        if asked is None:
            return self.switches.page_limit
        if not (asked.isascii() and asked.isdecimal()) or not asked.lstrip("0"):
            raise errors.value_not_valid("Limit", "limit")
        return int(asked) if len(asked) < _LONG_NUMBER else sys.maxsize

    def listing(self, data: Sequence[object], **counts: int) -> Response:
        """Answer a list; which of its counts an area tells is its own affair (section 9.18)."""
        return JSONResponse({"type": "list", **counts, "data": data, "links": {"self": str(self.request.url)}})

    def job_reference(self, job_id: str) -> dict[str, object]:
        """Name a job that was started."""
        return {"type": "job", "id": job_id, "links": {"self": f"{self.base}/jobs/{job_id}"}}

    def demand_user(self, user_id: str) -> None:
        if self.token.scope == "CLIENT_ACCESS" and self.token.user_id != user_id:
            raise errors.unauthorized(self.switches.unauthorized_spelling)

    def json(self) -> dict[str, Any]:
        """Read a JSON object, whatever the content type says."""
        try:
            body = json.loads(self.body or b"{}")
            # What cannot be written again (NaN, half a surrogate pair) would spoil every list that it is told in.
            json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError):
            raise errors.invalid_content("The request body is not valid JSON.") from None
        if not isinstance(body, dict):
            raise errors.invalid_content("The request body must be a JSON object.")
        return body

    def demand_json_type(self) -> None:
        content_type = self.request.headers.get("content-type", "").partition(";")[0].strip()
        if content_type and content_type.casefold() != "application/json":
            raise errors.unsupported_content_type(content_type)

    @property
    def absent_date(self) -> str | None:
        """What stands for a date that there is none of (section 5.2)."""
        return None if self.switches.absent_dates == "null" else ""

    def instant(self, at: datetime) -> str:
        return instant(at, self.switches)


Handler = Callable[[Call], Response | Awaitable[Response]]


def origin(request: Request) -> str:
    return str(request.base_url).rstrip("/")


class Gate:
    """Builds routes whose handlers see authorised calls only."""

    def __init__(self, platform: Platform, office: TokenOffice) -> None:
        self._platform = platform
        self._office = office
        self._seen: list[datetime] = []  # when requests came, while they are limited

    def route(
        self, method: str, path: str, handler: Handler, right: str = "server", produces: tuple[str, ...] = ()
    ) -> Route:
        """Serve `handler`; `right` names what a CLIENT_ACCESS token needs, "server" being what none has.

        With "public" nobody needs a token, and one that is sent is not looked at.
        What is answered is JSON, and whatever else `produces` names.
        """

        async def endpoint(request: Request) -> Response:
            self._platform.settle()
            self._check_service()
            if right != "public" and self._is_stopped_at_the_gateway(request):
                return JSONResponse({"message": "Missing Authentication Token"}, status_code=403)
            self._count_request()
            token = NOBODY if right == "public" else self._admit(request, right, (method, path))
            _check_accept(request, produces)
            base = self._platform.postbox.base = origin(request)
            answered = handler(Call(self._platform, request, token, await request.body(), base))
            answer = answered if isinstance(answered, Response) else await answered
            self._platform.deliver()
            return answer

        served: Callable[[Request], Awaitable[Response]] = endpoint
        return Route(path, served, methods=[method])

    def _is_stopped_at_the_gateway(self, request: Request) -> bool:
        return self._platform.switches.missing_token == "gateway" and "authorization" not in request.headers

    def _admit(self, request: Request, right: str, operation: tuple[str, str]) -> Token:
        token = self._authenticate(request, expired_is_401=operation in _EXPIRED_IS_401)
        if self._platform.switches.account_disabled:
            raise errors.account_disabled()
        self._authorise(token, right)
        return token

    def _check_service(self) -> None:
        switches = self._platform.switches
        if switches.service_status == 500:
            raise errors.server_error(switches.server_error_code)
        if switches.service_status == 503:
            raise errors.unavailable(switches.unavailable_code)

    def _count_request(self) -> None:
        switches, now = self._platform.switches, self._platform.now()
        if not switches.requests_per_minute:
            return
        self._seen = [at for at in self._seen if at > now - timedelta(minutes=1)]
        if len(self._seen) >= switches.requests_per_minute:
            raise errors.too_many_requests(switches.too_many_requests_status)
        self._seen.append(now)

    def _authenticate(self, request: Request, *, expired_is_401: bool) -> Token:
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        if scheme.casefold() != "bearer" or not encoded:
            raise errors.invalid_token()
        token = self._office.read(encoded.strip())
        if token.expires <= self._platform.now():
            wanted = self._platform.switches.expired_token
            documented = 401 if expired_is_401 else 403
            raise errors.expired_token(documented if wanted == "documented" else int(wanted))
        return token

    def _authorise(self, token: Token, right: str) -> None:
        switches = self._platform.switches
        if right == "job.answer" and switches.mfa_needs_client_token and token.scope != "CLIENT_ACCESS":
            raise errors.forbidden("Forbidden access")  # spelt so for this one operation (section 7.2)
        if token.scope == "SERVER_ACCESS":
            return
        if token.scope != "CLIENT_ACCESS" or right not in CLIENT_RIGHTS[switches.client_rights]:
            raise errors.forbidden()


def _check_accept(request: Request, produces: tuple[str, ...]) -> None:
    accepted = (request.headers.get("accept") or "*/*").casefold()
    if not any(kind in accepted for kind in ("*/*", "application/json", "application/*", *produces)):
        raise errors.unsupported_accept()
