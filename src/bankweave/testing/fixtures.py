"""The fixtures that all of the kit's cases share."""

from __future__ import annotations

from pathlib import Path

import pytest

from bankweave.testing.driver import Driver, Surface
from bankweave.testing.rig import Rig


class RigFixtures:
    """An adapter, driven step by step. An author overrides `rig`."""

    @pytest.fixture
    def rig(self) -> Rig:
        raise NotImplementedError("override the fixture rig: the adapter, its settings, a person and the truth")

    @pytest.fixture
    def surface(self) -> Surface:
        return "async"

    @pytest.fixture
    def drive(self, rig: Rig, surface: Surface, tmp_path: Path) -> Driver:
        return Driver(rig=rig, store=tmp_path / "bank.db", surface=surface)
