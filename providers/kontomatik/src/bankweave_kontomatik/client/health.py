"""Whether Kontomatik works (section 1)."""

from __future__ import annotations

from dataclasses import dataclass

# The first is listed in a sketch of others, the second was seen in 2016. Neither is documented.
HEALTH_PATHS = ("/v1/health", "/isItWorking")


@dataclass(frozen=True, slots=True)
class Health:
    """`status` is the HTTP status of the answer, None where there was none."""

    is_up: bool
    status: int | None
