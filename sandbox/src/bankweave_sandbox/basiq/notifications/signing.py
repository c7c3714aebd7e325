"""The Standard Webhooks signature (providers/basiq.md, section 6.3)."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime

_PREFIX = "whsec_"


def make_secret(*, prefixed: bool) -> str:
    encoded = base64.b64encode(secrets.token_bytes(24)).decode()
    return _PREFIX + encoded if prefixed else encoded


def sign(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Build the three headers that go with a body."""
    timestamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = b".".join([message_id.encode(), timestamp.encode(), body])
    signature = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{signature}"}
