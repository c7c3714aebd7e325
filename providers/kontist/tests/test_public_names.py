from __future__ import annotations

import subprocess
import sys

import pytest

import bankweave_kontist

SYNC_ONLY = """
import sys
import bankweave_kontist
print([name for name in ("gql", "graphql", "bankweave_kontist.client", "bankweave_kontist.blocking") if name in sys.modules])
"""


@pytest.mark.parametrize("name", bankweave_kontist.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(bankweave_kontist, name).__name__ == name


def test_there_are_no_other_names() -> None:
    with pytest.raises(AttributeError, match="Konto"):
        _ = bankweave_kontist.Konto


def test_whoever_only_syncs_does_not_pay_for_the_client() -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", SYNC_ONLY], capture_output=True, text=True, check=False, timeout=60
    )
    assert (ran.stdout.strip(), ran.stderr) == ("[]", "")
