"""What Kontist's refusals of transfers mean. Pure."""

from __future__ import annotations

from bankweave.errors import ProviderRefused
from bankweave_kontist.refusals import reworded


def explained(refusal: ProviderRefused) -> ProviderRefused:
    """Say what a refusal of Kontist's known problems means; its own word stays in the message."""
    if not (refusal.code or "").endswith("/insufficient-funds"):
        return refusal
    message = f"the account does not hold enough for this; nothing was executed ({refusal.code})"
    return reworded(refusal, message, "insufficient_funds")
