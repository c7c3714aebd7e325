"""Settings: which source counts, what references lead to, and complaints that name the setting but never its value."""

from __future__ import annotations

import os
from pathlib import Path

import keyring
import keyring.errors
import pytest

from bankweave import Config
from bankweave.errors import ConfigurationError

SECRET = "do-not-show-me"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, and no settings of this machine."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.upper().startswith("BANKWEAVE_")]:
        monkeypatch.delenv(name)


def write(text: str, name: str = "bankweave.toml") -> Path:
    file = Path(name)
    file.write_text(text, encoding="utf-8")
    return file


def complaint(path: str | None = None) -> str:
    """What loading complains of."""
    with pytest.raises(ConfigurationError) as raised:
        Config.load(path)
    assert SECRET not in str(raised.value)
    assert SECRET not in repr(raised.value)
    assert raised.value.__cause__ is None
    return str(raised.value)


# Where settings come from -----------------------------------------------------------------------------------------------


def test_without_any_source_the_defaults_count() -> None:
    assert Config.load() == Config(store=Path("bankweave.db"))


def test_the_file_in_the_working_directory_is_read() -> None:
    write('store = "other.db"\n[adapters.kontist]\nclient_id = "abc"\nscopes = ["offline"]\nskip_mfa = true\n')
    config = Config.load()
    assert config.store == Path("other.db")
    assert config.adapters == {"kontist": {"client_id": "abc", "scopes": ["offline"], "skip_mfa": True}}


def test_a_file_that_is_named_counts_before_the_one_that_lies_there(monkeypatch: pytest.MonkeyPatch) -> None:
    write('store = "lying-there.db"')
    write('store = "in-the-environment.db"', "environment.toml")
    write('store = "named.db"', "named.toml")
    assert Config.load().store == Path("lying-there.db")
    monkeypatch.setenv("BANKWEAVE_CONFIG", "environment.toml")
    assert Config.load().store == Path("in-the-environment.db")
    assert Config.load("named.toml").store == Path("named.db")


def test_the_environment_counts_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write('store = "file.db"\nvault_key_file = "file.key"')
    monkeypatch.setenv("BANKWEAVE_STORE", "environment.db")
    config = Config.load()
    assert (config.store, config.key_file) == (Path("environment.db"), Path("file.key"))


def test_single_settings_of_an_adapter_are_laid_over_its_table(monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        '[adapters.kontist]\nclient_id = "from-file"\nbase_url = "https://file.example"\n[adapters.basiq]\nzone = "UTC"\n'
    )
    monkeypatch.setenv("BANKWEAVE_ADAPTERS__KONTIST__CLIENT_ID", "from-environment")
    assert Config.load().adapters == {
        "kontist": {"client_id": "from-environment", "base_url": "https://file.example"},
        "basiq": {"zone": "UTC"},
    }


def test_a_secret_that_looks_like_a_number_stays_the_text_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKWEAVE_ADAPTERS__KONTIST__CLIENT_SECRET", "0012345")
    monkeypatch.setenv("BANKWEAVE_ADAPTERS__KONTIST__CLIENT_ID", "12345")
    assert Config.load().adapters["kontist"] == {"client_secret": "0012345", "client_id": "12345"}


def test_the_key_file_lies_beside_the_store_unless_told_otherwise() -> None:
    assert Config(store=Path("folder/bank.db")).key_file == Path("folder/bank.db.key")
    assert Config(store=Path("bank.db"), vault_key_file=Path("/run/keys")).key_file == Path("/run/keys")


# References -------------------------------------------------------------------------------------------------------------


def test_a_reference_to_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    write('vault_keys = "env:MY_KEYS"\n[adapters.basiq]\napi_key = "env:MY_KEY"\n')
    monkeypatch.setenv("MY_KEYS", "keys")
    monkeypatch.setenv("MY_KEY", SECRET)
    config = Config.load()
    assert (config.vault_keys, config.adapters["basiq"]["api_key"]) == ("keys", SECRET)


def test_a_reference_to_a_file_without_its_line_end() -> None:
    write(f"{SECRET}\n", "secret.txt")
    write('[adapters.basiq]\napi_key = "file:secret.txt"\n')
    assert Config.load().adapters["basiq"]["api_key"] == SECRET


def test_a_reference_to_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {("bankweave", "kontist"): SECRET}
    monkeypatch.setattr(keyring, "get_password", lambda service, user: kept.get((service, user)))
    write('[adapters.kontist]\nclient_secret = "keyring:bankweave/kontist"\n')
    assert Config.load().adapters["kontist"]["client_secret"] == SECRET


def test_references_work_in_the_environment_and_in_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", SECRET)
    monkeypatch.setenv("BANKWEAVE_ADAPTERS__BASIQ__API_KEY", "env:MY_KEY")
    write('[adapters.other]\nkeys = ["env:MY_KEY", "plain"]\n')
    adapters = Config.load().adapters
    assert adapters["basiq"]["api_key"] == SECRET
    assert adapters["other"]["keys"] == [SECRET, "plain"]


def test_addresses_with_a_colon_are_no_references() -> None:
    write('[adapters.basiq]\nbase_url = "https://au-api.basiq.io"\nodd = "something:else"\n')
    assert Config.load().adapters["basiq"] == {"base_url": "https://au-api.basiq.io", "odd": "something:else"}


def test_what_a_reference_leads_to_is_no_reference_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "env:HOME")
    write('[adapters.basiq]\napi_key = "env:MY_KEY"\n')
    assert Config.load().adapters["basiq"]["api_key"] == "env:HOME"


# Complaints -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", ["env:NOT_SET", "file:not-there.txt", "keyring:bankweave/nothing"])
def test_a_reference_that_leads_nowhere_is_named_with_its_setting(
    reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "get_password", lambda _service, _user: None)
    write(f'[adapters.basiq]\napi_key = "{reference}"\n')
    told = complaint()
    assert "adapters.basiq.api_key" in told
    assert reference.partition(":")[2] in told


def test_a_keyring_that_is_locked_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(_service: str, _user: str) -> str:
        raise keyring.errors.KeyringLocked(SECRET)

    monkeypatch.setattr(keyring, "get_password", locked)
    write('vault_keys = "keyring:bankweave/keys"')
    assert "KeyringLocked" in complaint()


def test_a_keyring_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "keyring", None)
    write('vault_keys = "keyring:bankweave/keys"')
    assert "pip install 'bankweave[cli]'" in complaint()


def test_a_secret_file_that_is_no_text_is_told() -> None:
    Path("secret.bin").write_bytes(b"\xff\xfe\x00")
    write('vault_keys = "file:secret.bin"')
    assert "cannot be read" in complaint()


def test_a_setting_that_does_not_exist_is_named() -> None:
    write(f'stor = "{SECRET}"')
    assert "stor" in complaint()
    assert "bankweave.toml" in complaint()


def test_a_setting_of_the_wrong_kind_is_named_without_its_value() -> None:
    write(f'adapters = "{SECRET}"')
    assert "adapters" in complaint()
    write(f'[adapters]\nkontist = "{SECRET}"')
    assert "adapters.kontist" in complaint()
    write('store = ["a"]')
    assert "store" in complaint()


def test_a_file_that_was_named_must_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "nowhere.toml does not exist" in complaint("nowhere.toml")
    monkeypatch.setenv("BANKWEAVE_CONFIG", "nowhere.toml")
    assert "nowhere.toml does not exist" in complaint()


def test_a_file_that_is_not_toml_is_told_with_the_place() -> None:
    write(f'store = "x"\nvault_keys = {SECRET}\n')
    assert "line 2" in complaint()


def test_a_file_that_is_no_text_is_told() -> None:
    Path("bankweave.toml").write_bytes(b"\xff\xfe store")
    assert "bankweave.toml" in complaint()


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    assert "cannot be read" in complaint(str(tmp_path))


def test_a_mistake_in_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKWEAVE_ADAPTERS", SECRET)
    assert "adapters" in complaint().lower()


# Secrets ----------------------------------------------------------------------------------------------------------------


def test_secrets_are_not_printed() -> None:
    config = Config(vault_keys=SECRET, adapters={"basiq": {"api_key": SECRET}})
    assert SECRET not in repr(config)
    assert SECRET not in str(config)


def test_a_list_can_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKWEAVE_ADAPTERS__KONTIST__SCOPES", '["offline", "accounts"]')
    assert Config.load().adapters["kontist"]["scopes"] == ["offline", "accounts"]


def test_a_broken_list_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKWEAVE_ADAPTERS__KONTIST__SCOPES", "[secret")
    with pytest.raises(ConfigurationError, match=r"adapters\.kontist\.scopes") as caught:
        Config.load()
    assert "secret" not in str(caught.value)


# Mistakes in the environment --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("BANKWEAVE_STOER", "BANKWEAVE_STORE"),
        ("BANKWEAVE_VAULT_KEY", "BANKWEAVE_VAULT_KEYS"),
        ("bankweave_vault_key_fil", "BANKWEAVE_VAULT_KEY_FILE"),
        ("BANKWEAVE_ADAPTER__KONTIST__CLIENT_ID", "BANKWEAVE_ADAPTERS__"),
        ("BANKWEAVE_ADAPTERS_KONTIST_CLIENT_ID", "BANKWEAVE_ADAPTERS__"),
        ("BANKWEAVE_CONFIGURATION", "BANKWEAVE_CONFIG"),
    ],
)
def test_a_variable_that_is_no_setting_is_named_with_what_was_meant(
    monkeypatch: pytest.MonkeyPatch, variable: str, meant: str
) -> None:
    monkeypatch.setenv(variable, SECRET)
    said = complaint()
    assert variable in said
    assert meant in said


def test_a_variable_that_a_setting_refers_to_may_have_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKWEAVE_STOER", "mine.db")
    write('store = "env:BANKWEAVE_STOER"')
    assert Config.load().store == Path("mine.db")
