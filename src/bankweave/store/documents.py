"""A consent and a failure as JSON: small documents that are read whole, never searched."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime

from bankweave.errors import Failure
from bankweave.model import Consent, ConsentStatus
from bankweave.store.columns import instant_text, read_word

_consent_status = read_word(ConsentStatus)
_FAILURE = tuple(field.name for field in fields(Failure) if field.name != "error")


def consent_json(consent: Consent) -> str:
    return json.dumps(
        {
            "status": consent.status.value,
            "permissions": consent.permissions,
            "valid_from": _write_instant(consent.valid_from),
            "valid_until": _write_instant(consent.valid_until),
            "provider_id": consent.provider_id,
            "recurring": consent.recurring,
            "purpose": consent.purpose,
            "policy_urls": consent.policy_urls,
        }
    )


def read_consent(text: str) -> Consent:
    stored = json.loads(text)
    return Consent(
        status=_consent_status(stored["status"]),
        permissions=tuple(stored["permissions"]),
        valid_from=_read_instant(stored["valid_from"]),
        valid_until=_read_instant(stored["valid_until"]),
        provider_id=stored["provider_id"],
        recurring=stored["recurring"],
        purpose=stored.get("purpose"),  # older stores have none
        policy_urls=tuple(stored.get("policy_urls", ())),
    )


def failure_json(failure: Failure) -> str:
    """Write a failure without its `error`: the exception belongs to the process that raised it."""
    document = {name: getattr(failure, name) for name in _FAILURE}
    return json.dumps({**document, "retry_at": _write_instant(failure.retry_at)})


def read_failure(text: str) -> Failure:
    stored = json.loads(text)
    return Failure(**{**stored, "retry_at": _read_instant(stored["retry_at"])})


def _write_instant(at: datetime | None) -> str | None:
    return instant_text(at) if at else None


def _read_instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
