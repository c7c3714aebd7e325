"""What a program has to say before it can reach Kontist."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr


def _plain_base(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("base_url must be an http(s) address")
    if parts.username or parts.query or parts.fragment:
        raise ValueError("base_url must hold neither credentials nor a query nor a fragment")
    return url.rstrip("/")


class KontistSettings(BaseModel):
    """Settings of the Kontist adapter. Without `client_secret` the client is a public one and PKCE is used."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    client_id: Annotated[str, Field(min_length=1)]
    client_secret: Annotated[SecretStr, Field(min_length=1)] | None = None
    scopes: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z_]+$")], ...], Field(min_length=1)] = (
        "offline",
        "accounts",
        "users",
        "transactions",
    )
    base_url: Annotated[str, AfterValidator(_plain_base)] = "https://api.kontist.com"
    # True: the sign-in page leaves the second factor out, and a push to the Kontist app makes up for it
    skip_mfa: bool = False
    refresh_timeout: Annotated[float, Field(gt=0)] = 10.0  # seconds; the vendor's own SDK waits as long
    # Undocumented: how long a card reservation stays open. Every pull reads at least so many days back to find them all.
    reservation_days: Annotated[int, Field(ge=0, le=366)] = 30
    # Undocumented: the unit of `originalAmount`. One old sample shows minor units (providers/kontist.md section 6.4).
    foreign_amounts: Literal["minor_units", "major_units"] = "minor_units"

    @property
    def origin(self) -> str:
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"
