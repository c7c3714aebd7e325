"""The Kontist adapter keeps the contract, in front of the sandbox."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rigs import kontist_rig
from sandboxed import Control

from bankweave.testing import Rig
from bankweave.testing.contract import AdapterContract, ConnectingCases, SyncingCases
from bankweave_kontist import protocol


class TestKontist(AdapterContract):
    @pytest.fixture
    def rig(self, control: Control, monkeypatch: pytest.MonkeyPatch) -> Rig:
        return replace(
            kontist_rig(control), set_page_size=lambda size: monkeypatch.setattr(protocol, "PAGE_SIZE", size)
        )


@pytest.mark.parametrize("surface", ["sync"])
class TestKontistWithAPush(ConnectingCases, SyncingCases):
    """The sign-in leaves the second factor out, and a push to the person's phone makes up for it."""

    @pytest.fixture
    def rig(self, control: Control) -> Rig:
        control.switch("kontist", strict_mfa="banking")
        return kontist_rig(control, skip_mfa=True)


@pytest.mark.parametrize("surface", ["sync"])
class TestKontistAsAPublicClient(ConnectingCases):
    """PKCE instead of a secret: there is no refresh token, so that access cannot be renewed on the way."""

    @pytest.fixture
    def rig(self, control: Control) -> Rig:
        return replace(kontist_rig(control), settings=control.settings("kontist", "settings_pkce"), end_access=None)
