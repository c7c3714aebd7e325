"""The adapter brings no network of its own, whichever HTTP clients happen to be installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

USE = """
import sys
from bankweave.flow import Connect
from bankweave.testing import FakeContext
from bankweave_kontist import Kontist, KontistSettings

kontist = Kontist(KontistSettings(client_id="c"))
step = kontist.begin(FakeContext(), Connect(redirect_uri="https://app.example/"))
try:
    step.send(None)
except StopIteration as done:
    assert "code_challenge=" in done.value.interaction.url

clients = ("httpx2", "authlib.integrations", "gql.transport.httpx", "gql.transport.aiohttp", "gql.transport.requests")
found = [name for name in sys.modules if name.startswith(clients)]
assert not found, found
print("works")
"""

TRAP = "raise RuntimeError('somebody imported httpx2')\n"


@pytest.mark.parametrize("installed", [True, False], ids=["with httpx2", "without httpx2"])
def test_neither_authlib_nor_gql_brings_its_own_client(tmp_path: Path, *, installed: bool) -> None:
    if installed:
        trap = tmp_path / "httpx2"
        trap.mkdir()
        (trap / "__init__.py").write_text(TRAP)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", USE],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.stdout.strip(), ran.stderr) == ("works", "")


def test_the_trap_would_spring(tmp_path: Path) -> None:
    (tmp_path / "httpx2.py").write_text(TRAP)
    client = "import authlib.integrations.httpx_client"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", client], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert "somebody imported httpx2" in ran.stderr
