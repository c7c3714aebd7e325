"""Fixtures of the Kontist tests."""

from __future__ import annotations

import pytest
from sandbox.tests.kontist.callers import CALLBACK, Kontist, make_kontist, make_movement


@pytest.fixture
def kontist() -> Kontist:
    return make_kontist([make_movement(number) for number in range(1, 4)])


@pytest.fixture
def authorize_query(kontist: Kontist) -> dict[str, str]:
    """What an application sends the person to the hosted page with."""
    return {
        "client_id": kontist.client["client_id"],
        "redirect_uri": CALLBACK,
        "scope": "offline users accounts transactions",
        "response_type": "code",
        "state": "s/t=ä&1",
    }
