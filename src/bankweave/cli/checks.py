"""What `doctor` looks at. Every check reports; none raises, whatever it meets."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import PackageNotFoundError, distributions
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any, Literal

import anyio

import bankweave
from bankweave.config import DEFAULT_FILE, FILE_VARIABLE, Config
from bankweave.engine.tokens import grant_record
from bankweave.errors import BankweaveError, VaultError
from bankweave.registry import Registry
from bankweave.store.base import Scope
from bankweave.vault import Vault

State = Literal["ok", "note", "problem"]

_LIBRARIES = ("httpx", "pydantic", "sqlalchemy", "cryptography")
_DRIFT = timedelta(minutes=5)  # by which two clocks may differ


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    state: State
    found: str


Finding = Iterator[Check]


def examine(config_file: Path | None, store: Path | None) -> list[Check]:
    """Check everything, in the order in which one thing stands on another."""
    checks = [*_looked(_check_versions, "versions"), *_looked(partial(_check_file, config_file), "configuration file")]
    config, found = _load(config_file, store)
    checks += found
    checks += _looked(partial(_check_store, config), "store") if config else []
    checks += _looked(partial(_check_vault, config), "vault") if config else []
    checks += _looked(partial(_check_adapters, config or Config()), "adapters")
    checks += _looked(partial(_check_clock, config), "clock")
    return checks


def _looked(check: Callable[[], Finding], name: str) -> list[Check]:
    found: list[Check] = []
    try:
        found.extend(check())
    except BankweaveError as error:
        found.append(Check(name, "problem", str(error)))
    except Exception as error:  # noqa: BLE001 - a doctor that falls ill helps nobody
        found.append(Check(name, "problem", f"cannot be checked ({type(error).__name__})"))
    return found


# Versions and configuration ---------------------------------------------------------------------------------------------


def _check_versions() -> Finding:
    yield Check("python", "ok", f"{platform.python_version()} on {platform.system()}")
    yield Check("bankweave", "ok", version_of("bankweave"))
    plugins = sorted(
        f"{one.metadata['Name']} {one.version}"
        for one in distributions()
        if (one.metadata["Name"] or "").startswith("bankweave-")
    )
    yield Check("packages", "ok", ", ".join([*dict.fromkeys(plugins), *map(_library, _LIBRARIES)]))


def _library(name: str) -> str:
    try:
        return f"{name} {version_of(name)}"
    except PackageNotFoundError:
        return f"{name} is missing"


def _check_file(config_file: Path | None) -> Finding:
    named = config_file or os.environ.get(FILE_VARIABLE)
    file = Path(named) if named else DEFAULT_FILE
    if file.is_file():
        yield Check("configuration file", "ok", str(file.absolute()))
    elif named:
        yield Check("configuration file", "problem", f"{file} does not exist")
    else:
        yield Check("configuration file", "note", f"there is no {file} here; the environment and defaults count")


def _load(config_file: Path | None, store: Path | None) -> tuple[Config | None, list[Check]]:
    loaded: list[Config] = []

    def check() -> Finding:
        config = Config.load(config_file)
        loaded.append(config if store is None else config.model_copy(update={"store": store}))
        yield Check("configuration", "ok", "can be read")

    found = _looked(check, "configuration")
    return (loaded[0] if loaded else None), found


# Store and vault --------------------------------------------------------------------------------------------------------


def _check_store(config: Config) -> Finding:
    path = config.store
    if not path.exists():
        yield _will_be_made("store", path)
        return
    counts = anyio.run(_count, path)
    yield Check("store", "ok", f"{path.absolute()}, version {_version(path)}, {counts}")
    if os.name == "posix" and path.stat().st_mode & 0o077:
        yield Check("store permissions", "note", f"others on this machine may read {path}; run: chmod 600 {path}")


async def _count(path: Path) -> str:
    from bankweave.store.sqlite import SqliteStore

    store = SqliteStore.open(path)
    try:
        connections, accounts = await store.connections(Scope()), await store.accounts(Scope())
    finally:
        await store.close()
    return f"{len(connections)} connections, {len(accounts)} accounts"


def _version(path: Path) -> str:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(version)


def _will_be_made(name: str, path: Path) -> Check:
    folder = path.absolute().parent
    if not folder.is_dir():
        return Check(name, "problem", f"{path} cannot be made: {folder} does not exist")
    if not os.access(folder, os.W_OK):
        return Check(name, "problem", f"{path} cannot be made: {folder} is not writable")
    return Check(name, "note", f"{path} does not exist yet; it will be made")


def _check_vault(config: Config) -> Finding:
    grants = anyio.run(_grants, config.store) if config.store.exists() else []
    if config.vault_keys is None and not config.key_file.exists():
        yield _missing_key(config, grants)
        return
    vault = Vault.from_keys(config.vault_keys) if config.vault_keys else Vault.from_file(config.key_file)
    source = "from the configuration" if config.vault_keys else str(config.key_file.absolute())
    yield Check("vault", "ok", f"keys {source}")
    closed = [error for name, sealed in grants if (error := _opening_error(vault, name, sealed))]
    for message in dict.fromkeys(closed):
        yield Check("grants", "problem", f"{closed.count(message)} of {len(grants)} cannot be opened: {message}")
    if not closed:
        yield Check("grants", "ok", f"all {len(grants)} can be opened")


def _missing_key(config: Config, grants: Sequence[object]) -> Check:
    if not grants:
        return _will_be_made("vault", config.key_file)
    message = f"{config.key_file} is missing, and {len(grants)} connections cannot be used without it; restore it"
    return Check("vault", "problem", message)


async def _grants(path: Path) -> list[tuple[str, bytes]]:
    """The sealed grants with the records they are bound to."""
    from bankweave.store.sqlite import SqliteStore

    store = SqliteStore.open(path)
    try:
        ids = [one.id for one in await store.connections(Scope())]
        found = [(id_, await store.grant(id_)) for id_ in ids]
    finally:
        await store.close()
    return [(grant_record(id_), grant.sealed) for id_, grant in found if grant]


def _opening_error(vault: Vault, record: str, sealed: bytes) -> str | None:
    try:
        vault.open(sealed, record=record)
    except VaultError as error:
        return str(error)
    return None


# Adapters and clock -----------------------------------------------------------------------------------------------------


def _check_adapters(config: Config) -> Finding:
    registry = Registry()
    names = registry.names()
    if not names:
        yield Check("adapters", "problem", "none is installed; try: pip install bankweave-kontist")
    for name in sorted({*names, *config.adapters}):
        check = partial(_check_adapter, registry, name, config.adapters.get(name))
        yield from _looked(check, f"adapter {name}")


def _check_adapter(registry: Registry, name: str, settings: dict[str, Any] | None) -> Finding:
    title = registry.load(name).info.title
    if settings is None:
        yield Check(f"adapter {name}", "note", f"{title}: loads; to use it, write its settings in [adapters.{name}]")
        return
    registry.make(name, settings)
    yield Check(f"adapter {name}", "ok", f"{title}: loads, its settings are valid")


def _check_clock(config: Config | None) -> Finding:
    now = datetime.now(UTC)
    installed = datetime.fromtimestamp(Path(bankweave.__file__).stat().st_mtime, UTC)
    newest = anyio.run(_newest, config.store) if config and config.store.exists() else None
    known = max([installed, *([newest] if newest else [])])
    if now + _DRIFT < known:
        yield Check("clock", "problem", f"says {now:%Y-%m-%d %H:%M} UTC, earlier than what is known to have happened")
        return
    yield Check("clock", "ok", f"{now:%Y-%m-%d %H:%M:%S} UTC")


async def _newest(path: Path) -> datetime | None:
    """The last instant that the store knows of."""
    from bankweave.store.sqlite import SqliteStore

    store = SqliteStore.open(path)
    try:
        connections = await store.connections(Scope())
    finally:
        await store.close()
    return max((instant for one in connections for instant in (one.created_at, one.synced_at) if instant), default=None)
