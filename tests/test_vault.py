"""The vault: what is sealed opens for its own record and under a known key, and in no other way."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankweave.errors import ConfigurationError, VaultError, WrongVaultKey
from bankweave.vault import KEYS_SETTING, KeyRing, Vault, generate_key

RECORD = "grant/c-1"
OLD, NEW = generate_key(), generate_key()


@given(plain=st.binary(max_size=300), record=st.text(max_size=40))
def test_what_was_sealed_opens_for_its_own_record(plain: bytes, record: str) -> None:
    vault = Vault.from_keys(OLD)
    assert vault.open(vault.seal(plain, record=record), record=record) == plain


def test_nothing_of_the_secret_is_readable_in_the_sealed_bytes() -> None:
    assert b"CANARY" not in Vault.from_keys(OLD).seal(b"CANARY" * 10, record=RECORD)


def test_sealing_the_same_secret_twice_gives_different_bytes() -> None:
    vault = Vault.from_keys(OLD)
    assert vault.seal(b"token", record=RECORD) != vault.seal(b"token", record=RECORD)


def test_a_secret_moved_to_another_record_does_not_open() -> None:
    vault = Vault.from_keys(OLD)
    with pytest.raises(VaultError, match="another record"):
        vault.open(vault.seal(b"token", record=RECORD), record="grant/c-2")


def test_any_altered_bit_is_refused() -> None:
    vault = Vault.from_keys(OLD)
    sealed = vault.seal(b"token", record=RECORD)
    for position in range(len(sealed)):
        altered = bytearray(sealed)
        altered[position] ^= 1
        with pytest.raises(VaultError):
            vault.open(bytes(altered), record=RECORD)


@pytest.mark.parametrize("shorten", [lambda s: s[:-1], lambda s: s[:20], lambda s: s[:5], lambda _: b""])
def test_a_truncated_secret_is_refused(shorten: Callable[[bytes], bytes]) -> None:
    vault = Vault.from_keys(OLD)
    with pytest.raises(VaultError):
        vault.open(shorten(vault.seal(b"token", record=RECORD)), record=RECORD)


def test_bytes_that_no_vault_wrote_are_refused() -> None:
    with pytest.raises(VaultError, match="format"):
        Vault.from_keys(OLD).open(b"{'access_token': 'plain'}" * 3, record=RECORD)


def test_the_newest_key_seals_and_earlier_keys_open() -> None:
    before = Vault.from_keys(OLD).seal(b"token", record=RECORD)
    rotating = Vault.from_keys(f"{NEW},{OLD}")
    assert rotating.open(before, record=RECORD) == b"token"
    assert Vault.from_keys(NEW).open(rotating.seal(b"token", record=RECORD), record=RECORD) == b"token"


def test_an_unknown_key_is_told_from_tampering_and_the_message_names_the_setting() -> None:
    sealed = Vault.from_keys(OLD).seal(b"token", record=RECORD)
    with pytest.raises(WrongVaultKey, match=KEYS_SETTING):
        Vault.from_keys(NEW).open(sealed, record=RECORD)


def test_resealing_lets_the_earlier_key_go() -> None:
    before = Vault.from_keys(OLD).seal(b"token", record=RECORD)
    after = Vault.from_keys(f"{NEW},{OLD}").reseal(before, RECORD)
    assert Vault.from_keys(NEW).open(after, record=RECORD) == b"token"


def test_resealing_again_changes_nothing() -> None:
    vault = Vault.from_keys(f"{NEW},{OLD}")
    once = vault.reseal(Vault.from_keys(OLD).seal(b"token", record=RECORD), RECORD)
    assert vault.reseal(once, RECORD) == once


def test_resealing_does_not_launder_a_moved_secret() -> None:
    vault = Vault.from_keys(f"{NEW},{OLD}")
    with pytest.raises(VaultError):
        vault.reseal(Vault.from_keys(OLD).seal(b"token", record=RECORD), "grant/c-2")


@pytest.mark.parametrize(
    "text",
    ["", " , ", "secret", NEW[:-4], NEW + "AAAA", f"{NEW},{NEW[:-5]}!!!!=", "ü" * 43],
    ids=["empty", "no words", "a word", "short", "long", "foreign letters", "not ascii"],
)
def test_malformed_keys_are_refused_with_a_recipe_and_without_their_value(text: str) -> None:
    with pytest.raises(ConfigurationError, match="generate_key") as caught:
        Vault.from_keys(text)
    assert not any(word in str(caught.value) for word in text.replace(",", " ").split() if word != "secret")


def test_keys_may_be_written_without_padding_and_in_lines() -> None:
    sealed = Vault.from_keys(OLD).seal(b"token", record=RECORD)
    assert Vault.from_keys(f"{NEW}\n{OLD.rstrip('=')}\n").open(sealed, record=RECORD) == b"token"


def test_repr_shows_nothing() -> None:
    assert repr(Vault.from_keys(OLD)) == "Vault()"
    assert repr(KeyRing.from_text(OLD)) == "KeyRing()"
    assert OLD not in repr(KeyRing.from_text(OLD).newest)


# Key files ------------------------------------------------------------------------------------------------------------


def test_the_first_use_makes_a_private_key_file_and_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "vault.key"
    with caplog.at_level(logging.WARNING, "bankweave.vault"):
        first, second = Vault.from_file(path), Vault.from_file(str(path))
    assert (first.created, second.created) == (True, False)
    assert [record.message for record in caplog.records] == ["key_file_created"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["vault.key"]
    assert second.open(first.seal(b"token", record=RECORD), record=RECORD) == b"token"


def test_the_key_never_reaches_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        Vault.from_file(tmp_path / "vault.key")
    key = (tmp_path / "vault.key").read_text().strip()
    assert all(key not in str(vars(record)) for record in caplog.records)


def test_racing_first_uses_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    with ThreadPoolExecutor(8) as pool:
        vaults = list(pool.map(lambda _: Vault.from_file(path), range(16)))
    assert sum(vault.created for vault in vaults) == 1
    sealed = vaults[0].seal(b"token", record=RECORD)
    assert all(vault.open(sealed, record=RECORD) == b"token" for vault in vaults)


def test_losing_the_race_uses_the_winners_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "vault.key"
    winner = Vault.from_file(path)
    monkeypatch.setattr(Path, "exists", lambda _: False)
    loser = Vault.from_file(path)
    assert not loser.created
    assert loser.open(winner.seal(b"token", record=RECORD), record=RECORD) == b"token"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o622])
def test_a_key_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "vault.key"
    Vault.from_file(path)
    path.chmod(mode)
    with pytest.raises(VaultError, match="chmod 600"):
        Vault.from_file(path)


def test_a_key_file_holds_several_keys_for_rotation(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    old = Vault.from_file(path)
    path.write_text(f"{NEW}\n{path.read_text()}")
    assert Vault.from_file(path).open(old.seal(b"token", record=RECORD), record=RECORD) == b"token"


def test_a_key_file_in_a_missing_directory_is_a_typed_error(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="No such file or directory"):
        Vault.from_file(tmp_path / "nowhere" / "vault.key")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"not a key"])
def test_a_damaged_key_file_is_a_typed_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vault.key"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(ConfigurationError):
        Vault.from_file(path)


def test_importing_the_vault_does_not_import_cryptography() -> None:
    code = "import sys, bankweave.vault; sys.exit(any(m.split('.')[0] == 'cryptography' for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False, env={**os.environ}).returncode == 0
