"""OAuth 2.0 as Kontist speaks it (section 2), by Authlib's protocol layer: its clients would bring a network of their own."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from hmac import compare_digest
from urllib.parse import urlencode

from authlib.oauth2.rfc6749.errors import (  # type: ignore[import-untyped]  # Authlib ships no types
    MissingCodeException,
)
from authlib.oauth2.rfc6749.parameters import (  # type: ignore[import-untyped]  # Authlib ships no types
    parse_authorization_code_response,
    prepare_grant_uri,
    prepare_token_request,
)
from authlib.oauth2.rfc7636 import (  # type: ignore[import-untyped]  # Authlib ships no types
    create_s256_code_challenge,
)

from bankweave.adapter import Request, Response
from bankweave.errors import MalformedAnswer, NotAsking, ProviderRefused
from bankweave_kontist.grant import Grant, expiry
from bankweave_kontist.refusals import (
    another_user,
    decode,
    ended_consent,
    origin,
    refusal_by_status,
    refusal_of_single_use,
)
from bankweave_kontist.settings import KontistSettings
from bankweave_kontist.signin.options import SignInOptions
from bankweave_kontist.signin.refusals import error_word, refusal_by_word
from bankweave_kontist.signin.wire import OAUTH_REFUSAL, TOKEN, TokenAnswer

EXCHANGE_CODE = "exchange_code"
RENEW_TOKEN = "renew_token"  # noqa: S105  an operation's name, not a secret
SIGN_IN = "sign_in"
AUTHORIZE = "authorize"


def authorize_url(
    settings: KontistSettings, redirect_uri: str, state: str, verifier: str | None, *, skip_mfa: bool | None = None
) -> str:
    """Build the address of the sign-in page. Kontist supports only S256 challenges."""
    pkce = {"code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256"} if verifier else {}
    mfa = {"skip_mfa": "true"} if (settings.skip_mfa if skip_mfa is None else skip_mfa) else {}
    url: str = prepare_grant_uri(
        f"{settings.base_url}/api/oauth/authorize",
        settings.client_id,
        "code",
        redirect_uri=redirect_uri,
        scope=settings.scopes,
        state=state,
        **pkce,
        **mfa,
    )
    return url


def logout_url(settings: KontistSettings) -> str:
    """Build the address that ends the browser's session at Kontist, for the person's browser to visit (section 2.5).

    Tokens go on working: Kontist documents no way to revoke them.
    """
    return f"{settings.base_url}/api/oauth/logout"


def read_callback(params: Mapping[str, str], state: str) -> str:
    """Read the code out of a callback.

    Raises `NotAsking` when the callback belongs to another login: a forged one must not end this one. Raises
    `ProviderRefused` with Kontist's word when the person or Kontist refused.
    """
    if not compare_digest(params.get("state", "").encode(errors="replace"), state.encode()):
        raise NotAsking("this callback belongs to another login; open the link of this one", origin=origin(AUTHORIZE))
    if "error" in params:
        word = error_word(params["error"])
        raise ProviderRefused("Kontist ended the login without access", origin=origin(AUTHORIZE), code=word)
    try:
        found: dict[str, str] = parse_authorization_code_response(f"?{urlencode(params, errors='replace')}", state)
    except MissingCodeException:
        message = "Kontist sent the person back without a code"
        raise ProviderRefused(message, origin=origin(AUTHORIZE), code="missing_code") from None
    return found["code"]


def exchange_code(settings: KontistSettings, code: str, redirect_uri: str, verifier: str | None) -> Request:
    """Ask for tokens. Never repeated: a code works once, and using it twice may end what it gave (RFC 6749 section 4.1.2)."""
    fields = {"redirect_uri": redirect_uri, "code": code, "code_verifier": verifier}
    return _ask_for_token(settings, EXCHANGE_CODE, "authorization_code", fields, repeatable=False)


def password_token(settings: KontistSettings, options: SignInOptions) -> Request:
    """Ask for tokens by name and password, for clients that have this grant. Never repeated: it is an attempt to sign in."""
    password = options.password.get_secret_value() if options.password else ""
    scope = " ".join(settings.scopes)
    fields = {"scope": scope, "username": options.username, "password": password}
    return _ask_for_token(settings, SIGN_IN, "password", fields, repeatable=False)


def renew_token(settings: KontistSettings, grant: Grant) -> Request:
    """Ask for a new access token. May be repeated: documents say that a refresh token works many times (section 2.2)."""
    if grant.refresh_token is None:
        raise ended_consent(RENEW_TOKEN, "Kontist gave this connection no refresh token, and its access has ended")
    fields = {"refresh_token": grant.refresh_token}
    return _ask_for_token(settings, RENEW_TOKEN, "refresh_token", fields, repeatable=True)


def _client(settings: KontistSettings) -> dict[str, str]:
    """Name the client in the body, as all samples of the documents do it."""
    secret = settings.client_secret
    identity = {"client_id": settings.client_id}
    return identity if secret is None else {**identity, "client_secret": secret.get_secret_value()}


def _ask_for_token(
    settings: KontistSettings, operation: str, grant_type: str, fields: Mapping[str, str | None], *, repeatable: bool
) -> Request:
    in_header = settings.client_auth == "basic" and settings.client_secret is not None
    who = {} if in_header else _client(settings)
    body: str = prepare_token_request(grant_type, **who, **fields)
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    return Request(
        method="POST",
        url=f"{settings.base_url}/api/oauth/token",
        operation=operation,
        repeatable=repeatable,
        headers={**headers, **_basic(settings)} if in_header else headers,
        body=body.encode(),
        timeout=settings.refresh_timeout if repeatable else None,
    )


def _basic(settings: KontistSettings) -> dict[str, str]:
    """Name the client in a header, as the vendor's SDK does it."""
    secret = settings.client_secret.get_secret_value() if settings.client_secret else ""
    return {"Authorization": f"Basic {b64encode(f'{settings.client_id}:{secret}'.encode()).decode()}"}


def read_token(response: Response, operation: str = EXCHANGE_CODE) -> TokenAnswer:
    """Read the answer to a sign-in. After a server error nobody knows whether the code was used up."""
    word = _refusal_word(response)
    if word is not None:
        raise refusal_by_word(word, operation)
    if not response.ok:
        raise refusal_of_single_use(response, operation)
    return decode(TOKEN, response.body, operation)


def read_renewal(response: Response, grant: Grant, now: datetime) -> Grant:
    """Read the answer to a renewal; the old refresh token goes on unless a new one came (section 2.2)."""
    word = _refusal_word(response)
    if word == "invalid_grant":
        raise ended_consent(RENEW_TOKEN, "Kontist no longer accepts the refresh token of this connection", word)
    if word is not None:
        raise refusal_by_word(word, RENEW_TOKEN)
    if not response.ok:
        raise refusal_by_status(response, RENEW_TOKEN)
    return _renewed(grant, decode(TOKEN, response.body, RENEW_TOKEN), now)


def _renewed(grant: Grant, answer: TokenAnswer, now: datetime) -> Grant:
    renewed = Grant(
        access_token=answer.access_token,
        refresh_token=answer.refresh_token or grant.refresh_token,
        expires_at=expiry(answer.access_token, now, answer.expires_in),
        device_id=grant.device_id,
        confirmed=grant.confirmed,  # a confirmed refresh token gives confirmed access tokens (section 3)
    )
    if grant.subject and renewed.subject and grant.subject != renewed.subject:
        raise another_user(RENEW_TOKEN)
    return renewed


def _refusal_word(response: Response) -> str | None:
    """The error of an answer, even of a successful one: which statuses Kontist uses is undocumented (section 13)."""
    if response.status == 429 or response.status >= 500:
        return None
    try:
        error = decode(OAUTH_REFUSAL, response.body, "token").error
    except MalformedAnswer:
        return None
    return None if error is None else error_word(error)


__all__ = [
    "authorize_url",
    "exchange_code",
    "logout_url",
    "password_token",
    "read_callback",
    "read_renewal",
    "read_token",
    "renew_token",
]
