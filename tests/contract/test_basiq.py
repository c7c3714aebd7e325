"""The Basiq adapter keeps the contract, in front of the sandbox."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rigs import basiq_rig
from sandboxed import Control

from bankweave.testing import Rig
from bankweave.testing.contract import AdapterContract, ConnectingCases, SyncingCases
from bankweave_basiq import protocol


class TestBasiq(AdapterContract):
    @pytest.fixture
    def rig(self, control: Control, monkeypatch: pytest.MonkeyPatch) -> Rig:
        return replace(basiq_rig(control), set_page_size=lambda size: monkeypatch.setattr(protocol, "PAGE_SIZE", size))


@pytest.mark.parametrize("surface", ["sync"])
class TestBasiqWithACode(ConnectingCases, SyncingCases):
    """The bank sends a code at every refresh."""

    @pytest.fixture
    def rig(self, control: Control) -> Rig:
        return basiq_rig(control, "jared")


@pytest.mark.parametrize("surface", ["sync"])
class TestBasiqWithQuestions(SyncingCases):
    """The bank asks two security questions at every refresh."""

    @pytest.fixture
    def rig(self, control: Control) -> Rig:
        return basiq_rig(control, "Whistler")


@pytest.mark.parametrize("surface", ["sync"])
class TestOpenBankingAtBasiq(SyncingCases):
    """Instants instead of days, and a consent at the bank itself."""

    @pytest.fixture
    def rig(self, control: Control) -> Rig:
        return basiq_rig(control, "ashMann", "AU00004")
