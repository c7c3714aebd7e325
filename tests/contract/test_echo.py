"""The echo adapter keeps the contract too."""

from __future__ import annotations

import pytest
from echorig import CODE, make_bank, rig_of

from bankweave.testing import Rig
from bankweave.testing.contract import AdapterContract, ConnectingCases, SyncingCases


class TestEcho(AdapterContract):
    @pytest.fixture
    def rig(self) -> Rig:
        return rig_of(make_bank())


@pytest.mark.parametrize("surface", ["async", "sync"])
class TestEchoThatAsksAndTakesItsTime(ConnectingCases, SyncingCases):
    @pytest.fixture
    def rig(self) -> Rig:
        return rig_of(make_bank(code=CODE, polls=3, refreshes=True))
