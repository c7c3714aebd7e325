"""Where settings come from: a TOML file, and the environment over it. Nothing is read at import.

    store = "bank.db"
    vault_keys = "env:BANK_KEYS"            # or leave it out: a key file is made beside the store

    [adapters.kontist]
    client_id = "..."
    client_secret = "keyring:bankweave/kontist"

`on_revoked` and `on_expired` say what a sync does with a connection whose consent, as the provider itself states, is revoked
or has run out: "keep" (where nothing is said), "de-identify" or "erase".

In the environment the same keys are written BANKWEAVE_STORE, BANKWEAVE_ADAPTERS__KONTIST__CLIENT_ID and so on. A value of the
form `env:NAME`, `file:PATH` or `keyring:SERVICE/NAME` is replaced by what it points to.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bankweave.errors import ConfigurationError
from bankweave.model import ConsentStatus, Retention

DEFAULT_FILE = Path("bankweave.toml")
FILE_VARIABLE = "BANKWEAVE_CONFIG"
_PREFIX = "BANKWEAVE_"
_OF_ADAPTERS = f"{_PREFIX}ADAPTERS__"


class Config(BaseModel):
    """All settings of a program. `adapters` holds each adapter's own table, validated when that adapter is first used."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    store: Path = Path("bankweave.db")
    vault_keys: str | None = Field(default=None, repr=False)
    vault_key_file: Path | None = None  # None: the store's path with `.key` appended
    on_revoked: Retention = Retention.KEEP
    on_expired: Retention = Retention.KEEP
    adapters: dict[str, dict[str, Any]] = Field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, path: str | os.PathLike[str] | None = None) -> Config:
        """Read the file (`path`, else $BANKWEAVE_CONFIG, else ./bankweave.toml if it is there) and the environment."""
        named = path or os.environ.get(FILE_VARIABLE)
        file = Path(named) if named else DEFAULT_FILE
        written = _read_toml(file) if named or file.exists() else {}
        try:
            merged = _merged(written)
            _check_variables(merged)
            return cls.model_validate(_resolve(merged, ""))
        except ValidationError as error:
            problems = error.errors(include_input=False, include_url=False, include_context=False)
            listed = "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems)
            raise ConfigurationError(f"the configuration is wrong ({file} or the environment): {listed}") from None

    @property
    def key_file(self) -> Path:
        return self.vault_key_file or self.store.with_name(self.store.name + ".key")

    @property
    def retention(self) -> Mapping[ConsentStatus, Retention]:
        """What becomes of what is stored, by how the consent has ended."""
        return {
            ConsentStatus.REVOKED_BY_USER: self.on_revoked,
            ConsentStatus.TERMINATED_BY_CLIENT: self.on_revoked,
            ConsentStatus.EXPIRED: self.on_expired,
        }


def _merged(written: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the environment over the file."""
    from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
    from pydantic_settings.exceptions import SettingsError

    class Sources(BaseSettings):
        model_config = SettingsConfigDict(env_prefix=_PREFIX, env_nested_delimiter="__", extra="allow")

        store: str | None = None
        vault_keys: str | None = None
        vault_key_file: str | None = None
        on_revoked: str | None = None
        on_expired: str | None = None
        adapters: dict[str, dict[str, Any]] = {}

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic-settings'
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return env_settings, init_settings

    try:
        return Sources(**written).model_dump(exclude_none=True)
    except SettingsError:
        message = (
            "the environment variable BANKWEAVE_ADAPTERS is not JSON; set BANKWEAVE_ADAPTERS__NAME__SETTING instead"
        )
        raise ConfigurationError(message) from None


def _check_variables(merged: Mapping[str, Any]) -> None:
    """Name a variable that looks like a setting and is none; one that a setting refers to may be called anything."""
    settings = [f"{_PREFIX}{name.upper()}" for name in Config.model_fields]
    known = {*settings, FILE_VARIABLE, *_referred_to(merged)}
    for variable in sorted(os.environ):
        name = variable.upper()
        if (
            name.startswith(_PREFIX)
            and variable not in known
            and name not in known
            and not name.startswith(_OF_ADAPTERS)
        ):
            message = f"the environment variable {variable} is no setting; there are {', '.join(sorted(known))}"
            raise ConfigurationError(f"{message}, and {_OF_ADAPTERS}NAME__SETTING")


def _referred_to(value: Any) -> set[str]:
    """The variables that settings refer to."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return {name for each in inner for name in _referred_to(each)}
    return {value.removeprefix("env:")} if isinstance(value, str) and value.startswith("env:") else set()


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            return tomllib.load(opened)
    except FileNotFoundError:
        raise ConfigurationError(f"the configuration file {file} does not exist; create it or unset it") from None
    except OSError as error:
        raise ConfigurationError(f"the configuration file {file} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"the configuration file {file} is not text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"the configuration file {file} is not TOML: {error}") from None


def _resolve(value: Any, name: str) -> Any:
    """Replace references by what they point to, anywhere in the settings."""
    if isinstance(value, dict):
        return {key: _resolve(inner, f"{name}.{key}" if name else str(key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_resolve(inner, name) for inner in value]
    if not isinstance(value, str):
        return value
    if value.startswith("["):  # a list, as the environment can hold it
        return _read_list(value, name)
    kind, _, target = value.partition(":")
    read = {"env": _from_environment, "file": _from_file, "keyring": _from_keyring}.get(kind)
    return value if read is None else read(target, name)


def _read_list(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise ConfigurationError(f"setting {name} begins like a list and is not one; write it as JSON") from None


def _from_environment(variable: str, name: str) -> str:
    try:
        return os.environ[variable]
    except KeyError:
        message = f"setting {name} refers to the environment variable {variable}, which is not set"
        raise ConfigurationError(message) from None


def _from_file(path: str, name: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(f"setting {name} refers to the file {path}, which cannot be read") from None


def _from_keyring(entry: str, name: str) -> str:
    try:
        import keyring
    except ImportError:
        message = f"setting {name} refers to the keyring; install it: pip install 'bankweave[cli]'"
        raise ConfigurationError(message) from None
    service, _, user = entry.partition("/")
    try:
        secret = keyring.get_password(service, user)
    except keyring.errors.KeyringError as error:
        message = f"setting {name} refers to the keyring, which cannot be opened ({type(error).__name__})"
        raise ConfigurationError(message) from None
    if secret is None:
        raise ConfigurationError(f"setting {name} refers to the keyring entry {entry}, which does not exist")
    return secret
