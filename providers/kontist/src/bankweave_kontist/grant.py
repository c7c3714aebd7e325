"""What lets us call Kontist for a connection. All of it is secret."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bankweave.model import Consent, ConsentStatus
from bankweave_kontist.claims import read_claims


class Grant(BaseModel):
    """Tokens of one user. `refresh_token` is None where Kontist gave none: PKCE, or no `offline` scope."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    access_token: str = Field(repr=False)
    refresh_token: str | None = Field(default=None, repr=False)
    expires_at: datetime | None = None  # None: nobody knows; the token is used until it is rejected
    confirmed: bool = False  # the login passed a second factor: on the sign-in page, by a push or a bound device
    device_id: str | None = None  # the bound device that confirmed it

    @property
    def subject(self) -> str | None:
        """Kontist's id of the user, where the token tells it."""
        return read_claims(self.access_token).sub


GRANTS = TypeAdapter(Grant)


def expiry(token: str, now: datetime, seconds: int | None = None) -> datetime | None:
    """Tell when a token ends: by the answer it came in, else by its own claims, else nobody knows."""
    lifetime = seconds or read_claims(token).lifetime
    return None if lifetime is None else now + timedelta(seconds=lifetime)


def consent_of(grant: Grant, scopes: tuple[str, ...], now: datetime) -> Consent:
    """Describe what the person allowed. It lasts as long as the token that can still be used without them.

    Documents speak of a year, samples show two hours (section 2.3): only what the token itself says is believed.
    """
    ends = expiry(grant.refresh_token, now) if grant.refresh_token else grant.expires_at
    return Consent(
        status=ConsentStatus.VALID,
        permissions=scopes,
        valid_from=now,
        valid_until=ends,
        recurring=grant.refresh_token is not None,
    )
