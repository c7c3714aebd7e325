"""What the client's methods work with."""

from __future__ import annotations

from dataclasses import dataclass

from bankweave.adapter import Context
from bankweave_kontomatik.settings import KontomatikSettings


@dataclass(frozen=True, slots=True)
class Session:
    """One connection at Kontomatik."""

    settings: KontomatikSettings
    ctx: Context
