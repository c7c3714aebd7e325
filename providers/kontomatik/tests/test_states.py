"""What is stored of flows and connections must load for as long as anybody has it stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bankweave_kontomatik import Kontomatik

ACCESS = (
    '{"multiple_access_id":"access-1","target":"KontoBankApi","official_name":"KontoBank","country":"pl",'
    '"signed_in_at":"2026-11-22T10:05:00Z"}'
)
STORED = {
    "awaiting_redirect": (
        '{"kind":"awaiting_redirect","redirection_id":"r-1","link":"https://signin.example/r-1",'
        '"link_expires_at":"2026-11-22T11:00:00Z","forgotten_at":"2026-11-23T10:00:00Z","country":"pl","refusals":1}'
    ),
    "signed_in": (
        '{"kind":"signed_in","session_id":"6001","signature":"abab","opened_at":"2026-11-22T10:05:00Z",'
        f'"since":"2024-11-22","refresh":false,"access":{ACCESS}}}'
    ),
    "importing": (
        '{"kind":"importing","command_id":"7001","started_at":"2026-11-22T10:05:00Z","since":"2024-11-22",'
        f'"refresh":true,"access":{ACCESS}}}'
    ),
}
GRANT = f'{{"command_id":"7001","imported_at":"2026-11-22T10:05:06Z","since":"2024-11-22","access":{ACCESS}}}'


NEWER_ACCESS = ACCESS[:-1] + ',"owner_external_id":"opaque-1","institution":"KontoBank"}'
NEWER = {kind: text.replace(ACCESS, NEWER_ACCESS) for kind, text in STORED.items()}
NEWER["awaiting_redirect"] = STORED["awaiting_redirect"][:-1] + ',"owner_external_id":"opaque-1"}'


@pytest.mark.parametrize("kind", STORED)
@pytest.mark.parametrize("stored", [STORED, NEWER], ids=["first", "with owner ids"])
def test_a_stored_flow_goes_on(kind: str, stored: dict[str, str]) -> None:
    state = Kontomatik.states.validate_json(stored[kind])
    assert without_nothing(json.loads(Kontomatik.states.dump_json(state))) == json.loads(stored[kind])


@pytest.mark.parametrize("access", [ACCESS, NEWER_ACCESS], ids=["first", "with owner ids"])
def test_a_stored_grant_goes_on(access: str) -> None:
    stored = GRANT.replace(ACCESS, access)
    grant = Kontomatik.grants.validate_json(stored)
    assert without_nothing(json.loads(Kontomatik.grants.dump_json(grant))) == json.loads(stored)


def without_nothing(stored: dict[str, Any]) -> dict[str, Any]:
    """What later versions have added is None where it was not there."""
    return {
        name: without_nothing(value) if isinstance(value, dict) else value
        for name, value in stored.items()
        if value is not None
    }
