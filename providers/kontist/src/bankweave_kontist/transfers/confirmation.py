"""What waits for a confirmation (section 7.1). Kept by flows, and by programs."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bankweave.payment import TransferKind
from bankweave_kontist.devices.bound import BoundDevice


class Confirmation(BaseModel):
    """What Kontist has taken down and does not do before it is confirmed. Plain data: it may be kept as JSON meanwhile."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str = Field(repr=False)
    action: Literal["transfer", "batch", "cancellation"]
    kind: TransferKind
    end_to_end_ids: tuple[str, ...] = ()  # by which the transfers are found again
    device: BoundDevice | None = None  # None: by the code of an SMS
    string_to_sign: str | None = Field(default=None, repr=False)
    expires_at: datetime
