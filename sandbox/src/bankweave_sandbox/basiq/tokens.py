"""Tokens: who may ask for one, what it is bound to, and how it is read back (providers/basiq.md, sections 1 and 7.2)."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import parse_qsl

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from starlette.datastructures import Headers

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.errors import ApiError
from bankweave_sandbox.basiq.platform import Platform

PARTNER_ID = "5a4d1e70-0f3c-4c58-9f0a-6f1d3f0b7c11"
APPLICATION_ID = "c3b9a6d4-6f2e-4d1b-8a57-21e0f4c9d822"
# The key is an opaque, base64-looking text that goes into the header as it is issued (section 1).
API_KEY = base64.b64encode(f"{PARTNER_ID}:{APPLICATION_ID}".encode()).decode()
VERSION = "3.0"

Scope = Literal["SERVER_ACCESS", "CLIENT_ACCESS", ""]

_FORM = "application/x-www-form-urlencoded"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_DECODED_KEY = re.compile(rf"{_UUID}:{_UUID}")


@dataclass(frozen=True, slots=True)
class Token:
    scope: Scope  # empty: no or an unknown scope was asked for, and every call is forbidden
    user_id: str | None
    expires: datetime


NOBODY = Token("", None, datetime.max.replace(tzinfo=UTC))  # who asks without a token where none is needed


@dataclass(slots=True)
class TokenOffice:
    """Issues and reads access tokens; counts the requests for the rate limit."""

    platform: Platform
    _key: OctKey = field(default_factory=lambda: OctKey.import_key(secrets.token_bytes(32)), repr=False)
    _asked: deque[datetime] = field(default_factory=deque)

    def issue(self, headers: Headers, body: bytes) -> dict[str, object]:
        """Check a request for a token in the documented words and answer it."""
        self._count_request()
        _check_key(headers)
        _check_version(headers)
        form = _form(headers, body, untyped=self.platform.switches.untyped_token_form)
        scope = form.get("scope", "")
        user_id = self._bound_user(form) if scope == "CLIENT_ACCESS" else None
        return {
            "access_token": self._signed(scope, user_id),
            "token_type": "Bearer",
            "expires_in": self.platform.switches.token_seconds,
        }

    def read(self, encoded: str) -> Token:
        """Read a token, expired or not; raise the 401 for anything that we have not signed."""
        try:
            claims = jwt.decode(encoded, self._key, algorithms=["HS256"]).claims
        except (JoseError, ValueError):
            raise errors.invalid_token() from None
        return Token(claims["scope"], claims.get("userid"), datetime.fromtimestamp(claims["exp"], UTC))

    def _signed(self, scope: str, user_id: str | None) -> str:
        now = int(self.platform.now().timestamp())
        claims: dict[str, object] = {
            "partnerid": PARTNER_ID,
            "applicationid": APPLICATION_ID,
            # A scope that is not known is ignored, like one that is not in the body (section 1).
            "scope": scope if scope in {"SERVER_ACCESS", "CLIENT_ACCESS"} else "",
            "version": VERSION,
            "iat": now,
            "exp": now + self.platform.switches.token_seconds,
            "jti": secrets.token_hex(8),
        }
        if user_id is not None:
            claims["userid"] = user_id
        return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, self._key)

    def _bound_user(self, form: dict[str, str]) -> str:
        user_id = form.get("userId", "")
        if not user_id:
            raise errors.not_supplied("userId is required with scope CLIENT_ACCESS", "userId")
        if user_id not in self.platform.users:
            raise errors.not_found("Requested user does not exist.")
        return user_id

    def _count_request(self) -> None:
        switches, now = self.platform.switches, self.platform.now()
        while self._asked and self._asked[0] <= now - timedelta(seconds=switches.token_window_seconds):
            self._asked.popleft()
        if len(self._asked) >= switches.token_limit:
            raise errors.invalid_request() if switches.token_limit_status == 403 else errors.too_many_requests()
        self._asked.append(now)


def _check_key(headers: Headers) -> None:
    header = headers.get("authorization")
    if not header:
        raise errors.not_supplied("Authorization header parameter is required", "Authorization")
    scheme, _, key = header.partition(" ")
    if scheme.casefold() != "basic" or not _looks_like_a_key(key.strip()):
        raise _invalid_header()
    if not secrets.compare_digest(key.strip(), API_KEY):
        raise errors.unknown_api_key()


def _looks_like_a_key(key: str) -> bool:
    """Tell a key as issued from anything else, above all from one that was base64-encoded once more (section 1)."""
    try:
        decoded = base64.b64decode(key, validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    return _DECODED_KEY.fullmatch(decoded) is not None


def _invalid_header() -> ApiError:
    title = "Required parameter not valid"
    return ApiError(400, "parameter-not-valid", title, "Invalid authorization header", "Authorization")


def _check_version(headers: Headers) -> None:
    version = headers.get("basiq-version")
    if not version:
        raise errors.not_supplied("Basiq-version must be specified in HTTP request header", "basiq-version")
    if version != VERSION:
        raise errors.not_valid(f"Basiq-version {version} is not supported", "basiq-version")


def _form(headers: Headers, body: bytes, *, untyped: bool) -> dict[str, str]:
    """Read the form; a JSON body is not an error, its scope is just not seen (section 9, point 2)."""
    content_type = headers.get("content-type", "").partition(";")[0].strip().casefold()
    if content_type != _FORM and (content_type or not untyped):
        return {}
    return dict(parse_qsl(body.decode(errors="replace")))
