"""What a program has to say before it can reach Kontist."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

_SOCKET_SCHEMES = re.compile("^http", re.IGNORECASE)


def _plain_base(url: str) -> str:
    return _plain(url, "base_url", "http")


def _plain_socket_base(url: str) -> str:
    return _plain(url, "subscription_url", "ws")


def _plain(url: str, setting: str, scheme: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {f"{scheme}s", scheme} or not parts.hostname:
        raise ValueError(f"{setting} must be an {scheme}(s) address")
    if parts.username or parts.query or parts.fragment:
        raise ValueError(f"{setting} must hold neither credentials nor a query nor a fragment")
    return url.rstrip("/")


def _plain_origin(url: str) -> str:
    plain = _plain(url, "upload_origins", "http")
    if urlsplit(plain).path:
        raise ValueError("upload_origins must hold origins, without a path")
    return plain


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
    # True: before a device is bound, the person allows it on another bound device or by e-mail (section 4)
    binding_request: bool = False
    # How the client names itself at the token endpoint: samples use the body, the vendor's SDK HTTP Basic (section 2.2)
    client_auth: Literal["body", "basic"] = "body"
    # How transfers are confirmed unless an order says otherwise: a code by SMS, or the signature of a bound device
    confirm_by: Literal["sms", "device"] = "sms"
    # Undocumented: the unit of amounts between accounts of one's own, a Float (section 7.1)
    own_transfer_amounts: Literal["cents", "euros"] = "cents"
    refresh_timeout: Annotated[float, Field(gt=0)] = 10.0  # seconds; the vendor's own SDK waits as long
    # Undocumented: how long a card reservation stays open. Every pull reads at least so many days back to find them all.
    reservation_days: Annotated[int, Field(ge=0, le=366)] = 30
    # Undocumented: the unit of `originalAmount`. One old sample shows minor units (providers/kontist.md section 6.4).
    foreign_amounts: Literal["minor_units", "major_units"] = "minor_units"

    # Where receipts may be uploaded besides `base_url`: Kontist names an address, of what host is undocumented (section 6.4)
    upload_origins: tuple[Annotated[str, AfterValidator(_plain_origin)], ...] = ()

    # Undocumented: what an encrypted PIN of a card is, the digits themselves or JSON with a `pin` (section 8)
    pin_form: Literal["digits", "json"] = "digits"
    # Where live events come from; None: where everything else is
    subscription_url: Annotated[str, AfterValidator(_plain_socket_base)] | None = None

    @property
    def origin(self) -> str:
        return _origin_of(self.base_url)

    @property
    def storage_origins(self) -> tuple[str, ...]:
        return (self.origin, *self.upload_origins)

    @property
    def socket_origin(self) -> str:
        return _origin_of(self.subscription_url or self.base_url)

    @property
    def socket_url(self) -> str:
        """Where subscriptions are served, e.g. wss://api.kontist.com/api/graphql."""
        base = self.subscription_url or self.base_url
        return f"{_SOCKET_SCHEMES.sub('ws', base)}/api/graphql"


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
