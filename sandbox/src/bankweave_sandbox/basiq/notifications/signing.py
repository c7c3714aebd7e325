"""The Standard Webhooks signature (providers/basiq.md, section 6.3)."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime

_PREFIX = "whsec_"


def make_secret(*, prefixed: bool, padded: bool) -> str:
    """Make a secret, as base64 that either needs no padding or lacks it."""
    encoded = base64.b64encode(secrets.token_bytes(24 if padded else 25)).decode().rstrip("=")
    return _PREFIX + encoded if prefixed else encoded


def sign(secret: str, message_id: str, at: datetime, body: bytes, *, also_with: str | None = None) -> dict[str, str]:
    """Build the three headers that go with a body; the signature by another secret stands first."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join([message_id.encode(), timestamp.encode(), body])
    used = [secret] if also_with is None else [also_with, secret]
    signatures = " ".join(f"v1,{_signature(one, signed)}" for one in used)
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signatures}


def _signature(secret: str, signed: bytes) -> str:
    encoded = secret.removeprefix(_PREFIX)
    key = base64.b64decode(encoded + "=" * (-len(encoded) % 4))
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
