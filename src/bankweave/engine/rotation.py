"""Changing keys: every secret comes under the newest key of the ring, so that an older one can be let go."""

from __future__ import annotations

from bankweave.engine.parts import Parts


async def rotate_keys(parts: Parts) -> int:
    """Re-encrypt what is not under the newest key; returns how many secrets were. Idempotent, and safe beside syncs."""
    moved = 0
    for secret in await parts.store.sealed():
        sealed = parts.vault.reseal(secret.sealed, secret.record)
        if sealed != secret.sealed:
            moved += await parts.store.reseal(secret, sealed)
    return moved
