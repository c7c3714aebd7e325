from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bankweave.testing import FakeContext
from bankweave_kontomatik import Kontomatik
from bankweave_kontomatik.grant import Access, Grant

from . import payloads
from .payloads import ACCESS, COMMAND, OWNER

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def adapter() -> Kontomatik:
    return Kontomatik(payloads.settings(api_key="key-of-the-app", country="pl"))


@pytest.fixture
def ctx() -> FakeContext:
    return FakeContext(owner=OWNER, clock=NOW)


@pytest.fixture
def grant() -> Grant:
    """The import of a sign-in that was done two days ago, with a consent for more."""
    signed_in_at = NOW - timedelta(days=2)
    access = Access(
        multiple_access_id=ACCESS,
        target="KontoBankApi",
        official_name="KontoBank",
        country="pl",
        signed_in_at=signed_in_at,
    )
    return Grant(command_id=COMMAND, imported_at=signed_in_at, since=date(2024, 11, 20), access=access)


@pytest.fixture
def single(grant: Grant) -> Grant:
    """The same, but the bank allowed one import only."""
    return grant.model_copy(update={"access": grant.access.model_copy(update={"multiple_access_id": None})})
