from __future__ import annotations

import pytest

from bankweave_kontist import Kontist, KontistSettings


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings() -> KontistSettings:
    return KontistSettings(client_id="client-1")


@pytest.fixture
def kontist(settings: KontistSettings) -> Kontist:
    return Kontist(settings)
