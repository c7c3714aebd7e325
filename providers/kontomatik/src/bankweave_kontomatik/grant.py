"""What lets us read a connection: a finished import, and the consent for more of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from bankweave_kontomatik.settings import KontomatikSettings


class Access(BaseModel):
    """What a sign-in gave. Without `multiple_access_id` it was good for one import."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    multiple_access_id: str | None = Field(repr=False)
    target: str | None
    official_name: str | None
    country: str | None
    signed_in_at: datetime
    # What Kontomatik knows the person by, where that is not the program's own owner id.
    owner_external_id: str | None = Field(default=None, repr=False)
    institution: str | None = None  # the bank's stable name, which its targets share

    def ends_at(self, settings: KontomatikSettings) -> datetime:
        return self.signed_in_at + timedelta(days=settings.consent_days)


class Grant(BaseModel):
    """A finished import. Session and signature have done their duty and are not kept."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    command_id: str
    imported_at: datetime
    since: date  # the import was asked to reach back to this day
    access: Access

    def is_kept(self, now: datetime, settings: KontomatikSettings) -> bool:
        """Whether Kontomatik can still be expected to have the import."""
        return now < self.imported_at + timedelta(hours=settings.kept_hours)
