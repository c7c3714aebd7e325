"""How flows of signing in end. Pure."""

from __future__ import annotations

from datetime import datetime

from bankweave.errors import ProviderError, ProviderRefused
from bankweave.flow import Connected, Failed, Reason
from bankweave_kontist.grant import Grant, consent_of, expiry
from bankweave_kontist.mapping import KONTIST
from bankweave_kontist.signin.wire import ConfirmedTokenAnswer


def confirmed_grant(answer: ConfirmedTokenAnswer, now: datetime, device: str | None = None) -> Grant:
    """Build the grant from the confirmed tokens alone: the refresh token of the sign-in would give unconfirmed ones."""
    return Grant(
        access_token=answer.token,
        refresh_token=answer.refresh_token,
        expires_at=expiry(answer.token, now),
        confirmed=True,
        device_id=device,
    )


def connected(grant: Grant, scopes: tuple[str, ...], now: datetime) -> Connected[Grant]:
    return Connected(grant=grant, consent=consent_of(grant, scopes, now), institution=KONTIST)


def is_other_user(before: str | None, after: str | None) -> bool:
    """Tell whether tokens surely belong to two users; opaque ones do not say."""
    return before is not None and after is not None and before != after


def another_signed_in() -> Failed:
    message = "another Kontist user signed in than the one of this connection; begin again, or connect them anew"
    return Failed(reason=Reason.REFUSED, message=message, provider_code="another_user")


def refused(refusal: ProviderRefused) -> Failed:
    denied = refusal.code in {"AccessDeniedError", "access_denied"}
    reason = Reason.USER_REFUSED if denied else Reason.REFUSED
    return Failed(reason=reason, message=f"{refusal}; begin again", provider_code=refusal.code)


def lost(error: ProviderError) -> Failed:
    """End after an answer that nobody has: what it gave works only once and cannot be asked for again."""
    operation = error.origin.operation or "request"
    message = f"Kontist's answer to {operation} was lost and it works only once; begin again"
    return Failed(reason=Reason.UNAVAILABLE, message=message, provider_code=error.code)
