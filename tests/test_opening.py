"""Opening a store: what is made, and in which order."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bankweave import Bankweave, Config
from bankweave.errors import StoreError, VaultError


def test_a_store_that_cannot_be_made_is_named_and_leaves_no_key_behind(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("not a database, but something that somebody wants to keep")
    for path, complaint in ((tmp_path / "nowhere" / "bank.db", "directory"), (text, "not a database")):
        with pytest.raises(StoreError, match=complaint) as caught, Bankweave(config=Config(store=path)):
            pass
        assert not isinstance(caught.value, VaultError)

    assert list(tmp_path.iterdir()) == [text]


def test_a_store_in_memory_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Bankweave(":memory:") as bank:
        assert bank.connections() == ()

    assert list(tmp_path.iterdir()) == []


def test_a_bank_can_be_opened_again(tmp_path: Path) -> None:
    bank = Bankweave(tmp_path / "bank.db")
    for _ in range(2):
        with bank:
            assert bank.connections() == ()


def test_a_program_without_a_log_of_its_own_is_not_printed_to(tmp_path: Path) -> None:
    program = "from bankweave import Bankweave\nwith Bankweave('bank.db') as bank: bank.sync()"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")
    assert (tmp_path / "bank.db.key").exists()
