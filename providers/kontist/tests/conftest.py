"""What Kontist's tests share: an adapter without a network, and a client on a connection to the sandbox."""

from __future__ import annotations

import pytest
from kontist_client import bank, clock, connected, control, control_origin, kontist_client, running_sandbox, sandbox

from bankweave_kontist import Kontist, KontistSettings

__all__ = ["bank", "clock", "connected", "control", "control_origin", "kontist_client", "running_sandbox", "sandbox"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings() -> KontistSettings:
    return KontistSettings(client_id="client-1")


@pytest.fixture
def kontist(settings: KontistSettings) -> Kontist:
    return Kontist(settings)
