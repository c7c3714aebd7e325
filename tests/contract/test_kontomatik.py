"""The Kontomatik adapter keeps the contract, in front of the sandbox."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rigs import kontomatik_rig
from sandboxed import Control

from bankweave.testing import Rig
from bankweave.testing.contract import AdapterContract, SyncingCases
from bankweave_kontomatik import reader


class TestKontomatik(AdapterContract):
    @pytest.fixture
    def rig(self, control: Control, monkeypatch: pytest.MonkeyPatch) -> Rig:
        return replace(kontomatik_rig(control), set_page_size=lambda size: monkeypatch.setattr(reader, "BATCH", size))


@pytest.mark.parametrize("surface", ["sync"])
class TestKontomatikInCzechia(SyncingCases):
    """Another country: its banks are other targets, under other names."""

    @pytest.fixture
    def rig(self, control: Control) -> Rig:
        return kontomatik_rig(control, "test1", "KontoBankApi_cz", country="cz", locale="cz")
