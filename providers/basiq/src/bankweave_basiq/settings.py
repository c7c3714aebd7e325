"""What a program has to say before it can use Basiq."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("must be a whole web address, such as https://au-api.basiq.io")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("must not hold a user name, a query or a fragment")
    return value.rstrip("/")


def _root_address(value: str) -> str:
    address = _web_address(value)
    if urlsplit(address).path:
        raise ValueError("must be an origin without a path, such as https://au-api.basiq.io")
    return address


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):  # an unknown name, an impossible one, the name of a folder
        raise ValueError("is not a time zone; take one such as Australia/Sydney") from None
    return value


class BasiqSettings(BaseModel):
    """One application at Basiq: `[adapters.basiq]` in the configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    api_key: SecretStr
    base_url: Annotated[str, AfterValidator(_root_address)] = "https://au-api.basiq.io"
    consent_url: Annotated[str, AfterValidator(_web_address)] = "https://consent.basiq.io/home"
    zone: Annotated[str, AfterValidator(_known_zone)] = "Australia/Sydney"
    identities: bool = True  # ask who the person is, where the consent allows it
    refreshes_per_day: int = Field(default=20, ge=1)  # of one open banking connection (section 7.3)

    @field_validator("api_key")
    @classmethod
    def _as_issued(cls, value: SecretStr) -> SecretStr:
        key = value.get_secret_value()
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise ValueError(
                "must be the API key exactly as Basiq issued it, without the word Basic and without spaces"
            )
        return value
