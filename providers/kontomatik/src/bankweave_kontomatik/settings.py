"""What the adapter is told by the application."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

PRODUCTION = "https://api.kontomatik.com"
TEST = "https://test.api.kontomatik.com"

AccessMode = Literal["SINGLE", "MULTIPLE", "MIXED"]
# Kontomatik's own codes, not ISO's: the Czech locale is `cz`, and the country may be `all` (section 3.1).
Code = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[a-zA-Z]{2,3}$")]


def _origin_and_path(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an address like https://api.kontomatik.com")
    return url.rstrip("/")


class KontomatikSettings(BaseModel):
    """Settings of the Kontomatik adapter; the defaults are production and Kontomatik's own."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    api_key: SecretStr = Field(min_length=1)
    base_url: Annotated[str, AfterValidator(_origin_and_path)] = PRODUCTION
    country: Code | None = None
    locale: Code | None = None
    access_mode: AccessMode = "MIXED"
    # Whether the program's own owner ids are sent to Kontomatik, or opaque ones made for it and remembered.
    owner_ids: Literal["own", "made"] = "own"
    # Mock sessions sign nobody in: outside the test environment and this machine only on purpose.
    allow_mock: bool = False
    # The field that preselects a bank is inferred (section 14, item 11): switch it off if Kontomatik refuses it.
    preselect: bool = True
    # How far back a first import may reach is undocumented (section 4.1); each bank gives what it has.
    history_days: int = Field(default=730, ge=1, le=3650)
    # 180 days today, 90 in an older text (section 8); the end of a consent is never told on the wire.
    consent_days: int = Field(default=180, ge=1, le=366)
    # Four in any 24 hours (section 8); fewer where another company has access as well, which Kontomatik then says.
    imports_per_day: int = Field(default=4, ge=1, le=96)
    # Of these, how many a sync leaves alone unless it is told that the person waits.
    imports_kept_back: int = Field(default=1, ge=0, le=95)
    # How long a finished import can be read is undocumented; imported data are kept for 24 hours (sections 9 and 14).
    kept_hours: int = Field(default=24, ge=1, le=168)
    # How long an import may take is undocumented (section 4.2); after this it is given up.
    import_minutes: int = Field(default=30, ge=1, le=1440)

    @property
    def is_for_tests(self) -> bool:
        """Whether it speaks to the test environment, or to a server on this machine."""
        host = urlsplit(self.base_url).hostname or ""
        return host == urlsplit(TEST).hostname or _is_this_machine(host)


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False  # a name, whatever it leads to
