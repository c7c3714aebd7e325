"""The SQLite file: who may read it, which version it has, what it says when it cannot be used."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bankweave.errors import StoreError, StoreTooNew
from bankweave.model import TransactionStatus
from bankweave.store import database, migrations, rows, schema
from bankweave.store.base import Scope
from bankweave.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from tests.store.conftest import Given

pytestmark = pytest.mark.anyio


def edit(path: Path, *statements: str) -> list[Any]:
    connection = sqlite3.connect(path, isolation_level=None)
    found: list[list[Any]] = [connection.execute(statement).fetchall() for statement in statements]
    connection.close()
    return found[-1]


def sqlite_files(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}*"))


# Opening --------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("file_given")
def test_the_file_and_its_companions_are_readable_by_their_user_alone(path: Path) -> None:
    assert len(sqlite_files(path)) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in sqlite_files(path)} == {0o600}


def test_a_link_to_nowhere_does_not_lead_to_a_public_file(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "real.db")
    SqliteStore.open(tmp_path / "link.db")
    assert stat.S_IMODE((tmp_path / "real.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["per%cent.db", "que?stion#.db", "ümläut 🏦.db", "file:x.db"])
async def test_any_file_name_will_do(tmp_path: Path, name: str, new_given: type[Given]) -> None:
    given = new_given(SqliteStore.open(str(tmp_path / name)))
    await given.connection()
    assert (tmp_path / name).stat().st_size > 0


async def test_what_was_written_is_there_after_closing(path: Path, file_given: Given) -> None:
    connection = await file_given.connection()
    await file_given.store.close()
    assert [file.name for file in sqlite_files(path)] == ["bank.db"]
    assert await SqliteStore.open(path).connection("c-1") == connection


async def test_a_closed_store_says_so(file_given: Given) -> None:
    await file_given.store.close()
    await file_given.store.close()
    with pytest.raises(StoreError, match="closed"):
        await file_given.store.connections(Scope())


async def test_stores_in_memory_are_apart(new_given: type[Given]) -> None:
    await new_given(SqliteStore.open(":memory:")).connection()
    assert await SqliteStore.open(":memory:").connections(Scope()) == []


def test_opening_a_current_file_does_not_import_alembic(path: Path) -> None:
    SqliteStore.open(path)
    code = (
        "import sys; from bankweave.store.sqlite import SqliteStore; "
        f"SqliteStore.open({str(path)!r}); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_port_imports_no_database_library() -> None:
    code = "import sys, bankweave.store.base; sys.exit(any(m in sys.modules for m in ('sqlalchemy', 'alembic', 'sqlite3')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_repr_tells_the_path_alone(path: Path) -> None:
    assert repr(SqliteStore.open(path)) == f"SqliteStore({str(path)!r})"


# Files that cannot be used --------------------------------------------------------------------------------------------


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"directory .* does not exist"):
        SqliteStore.open(tmp_path / "nowhere" / "bank.db")


def test_a_directory_is_not_a_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        SqliteStore.open(tmp_path)


def test_a_name_that_no_file_can_have_is_a_store_error() -> None:
    with pytest.raises(StoreError):
        SqliteStore.open("nul\0.db")


@pytest.mark.parametrize("content", [b"x", b"a diary, not a database\n" * 100, b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError):
        SqliteStore.open(path)
    assert path.read_bytes() == content


def test_the_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    edit(path, "CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('0001')")
    with pytest.raises(StoreError, match="another program"):
        SqliteStore.open(path)
    assert edit(path, "SELECT name FROM sqlite_master") == [("alembic_version",)]


async def test_a_file_of_a_newer_version_says_to_upgrade(path: Path, file_given: Given) -> None:
    await file_given.store.close()
    edit(path, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreTooNew, match="upgrade"):
        SqliteStore.open(path)


async def test_a_damaged_file_is_a_store_error_when_it_is_read(path: Path, file_given: Given) -> None:
    account_id = await file_given.account()
    await file_given.committed(*(file_given.write(account_id, str(n)) for n in range(500)))
    await file_given.store.close()
    damage_second_half(path)
    with pytest.raises(StoreError):
        await read_all(path)


def damage_second_half(path: Path) -> None:
    half = path.stat().st_size // 2
    path.write_bytes(path.read_bytes()[:half] + b"\x55" * half)


async def read_all(path: Path) -> None:
    async for _ in SqliteStore.open(path).transactions(Scope()):
        pass


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="this system has no setuid to give up rights with")
@pytest.mark.parametrize(("directory_mode", "file_mode"), [(0o755, None), (0o755, 0o644), (0o755, 0o600)])
def test_missing_permission_is_a_store_error(tmp_path: Path, directory_mode: int, file_mode: int | None) -> None:
    directory = tmp_path / "others"
    directory.mkdir()
    if file_mode is not None:
        SqliteStore.open(directory / "bank.db")
        (directory / "bank.db").chmod(file_mode)
    directory.chmod(directory_mode if os.geteuid() == 0 else 0o555)
    result = subprocess.run(
        [sys.executable, "-c", OPEN_WITHOUT_RIGHTS, str(directory)], check=False, capture_output=True
    )
    directory.chmod(0o755)
    assert result.stdout.decode().startswith("StoreError"), result.stderr.decode()


# Imports first: the unprivileged user may not be able to read the libraries.
OPEN_WITHOUT_RIGHTS = """
import os, sys
import alembic.command, alembic.config, sqlalchemy.dialects.sqlite
from bankweave.errors import StoreError
from bankweave.store.sqlite import SqliteStore
os.chdir(sys.argv[1])
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
else:
    os.path.exists("bank.db") and os.chmod("bank.db", 0o400)
try:
    SqliteStore.open("bank.db")
except StoreError as error:
    print("StoreError", error)
"""


async def test_errors_carry_no_values(file_given: Given) -> None:
    account_id = await file_given.account()
    canary = "CANARY\ud800"
    with pytest.raises(StoreError) as caught:
        await file_given.committed(file_given.write(account_id, "1", counterparty_name=canary))
    assert "CANARY" not in str(caught.value)
    assert caught.value.__suppress_context__


async def test_a_write_that_has_to_wait_too_long_says_to_try_again(
    path: Path, new_given: type[Given], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.01)
    given = new_given(SqliteStore.open(path))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="try again") as caught:
        await given.connection()
    other.close()
    assert caught.value.code == "busy"
    await given.connection()


# The tables -----------------------------------------------------------------------------------------------------------


def declared(path: Path) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{path}")
    schema.metadata.create_all(engine)
    return engine


def test_the_migrated_schema_is_the_declared_one(path: Path) -> None:
    SqliteStore.open(path)
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()


def test_the_migrated_schema_is_the_declared_one_to_the_letter(path: Path, tmp_path: Path) -> None:
    SqliteStore.open(path)
    declared(tmp_path / "declared.db").dispose()
    statements = (
        "SELECT name, replace(sql, char(9), '') FROM sqlite_master WHERE name <> 'alembic_version' AND sql IS NOT NULL"
    )
    migrated, wanted = (dict(edit(file, statements)) for file in (path, tmp_path / "declared.db"))
    assert {name: _parts(sql) for name, sql in migrated.items()} == {name: _parts(sql) for name, sql in wanted.items()}


def _parts(sql: str) -> set[str]:
    """The columns and constraints of a statement, in whatever order they were written."""
    columns = re.split(r"\n|, (?=\w+ TEXT)", sql)  # a column that a migration added stands in the last line
    parts = {part.strip().strip(",").strip() for part in columns} - {"", ")"}
    return {part.removesuffix(")") if part.count(")") > part.count("(") else part for part in parts}


async def test_a_file_of_the_first_version_keeps_its_rows(path: Path) -> None:
    """Made as that version made it: without the columns that came later, and with persons that had no id."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql(f"PRAGMA application_id = {migrations._APPLICATION_ID}")
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", "bankweave.store:migrations")
        config.set_main_option("path_separator", "os")
        command.upgrade(config, "0001")
        row = "INSERT INTO connections (id, owner, adapter, created_at) VALUES (?, ?, 'echo', ?)"
        for connection_id, owner in (("c-1", "anna"), ("c-2", "")):
            connection.exec_driver_sql(row, (connection_id, owner, "2026-11-22T10:00:00.000000+00:00"))
        flow = (
            "INSERT INTO flows (id, adapter, owner, connection_id, purpose, status, created_at, updated_at, version, sealed)"
            " VALUES ('f', 'echo', '', 'c-2', 'renew', 'asking', ?1, ?1, 1, x'')"
        )
        connection.exec_driver_sql(flow, ("2026-11-22T10:00:00.000000+00:00",))
    engine.dispose()

    store = SqliteStore.open(path)
    assert [(one.owner, one.is_de_identified) for one in await store.connections(Scope())] == [
        ("anna", False),
        ("c-2", False),
    ]
    assert [flow.owner for flow in await store.flows(Scope())] == ["c-2"]
    await store.close()
    assert edit(path, "SELECT version_num FROM alembic_version") == [(migrations.NEWEST,)]


def test_the_newest_version_is_that_of_the_scripts() -> None:
    config = Config()
    config.set_main_option("script_location", "bankweave.store:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.NEWEST


def test_the_bulk_path_writes_each_value_into_its_own_column(new_given: type[Given]) -> None:
    given = new_given(SqliteStore.open(":memory:"))
    days = {"booking_date": date(2026, 1, 1), "value_date": date(2026, 1, 2), "transaction_date": date(2026, 1, 3)}
    money = {"amount": Decimal(1), "balance_after": Decimal(2), "instructed_amount": Decimal(3), "charges": Decimal(4)}
    texts = {"remittance_information": ("remittance_information",), "labels": ("labels",)}
    lines = {**texts, "status": TransactionStatus.BOOKED}
    names = {column.name for column in rows.WRITTEN} - {*days, *money, *lines, "removed", "day", "ordinal", "digest"}
    values: dict[str, Any] = {**{name: name for name in names}, **days, **money, **lines, "ordinal": 7, "digest": b"d"}
    write = given.write("a", "1", **values)
    written = dict(zip([column.name for column in rows.WRITTEN], rows.written_values(write), strict=True))
    assert {name: written.pop(name) for name in names} == {name: name for name in names}
    assert written == {
        **{name: day.isoformat() for name, day in days.items()},
        **{name: str(amount) for name, amount in money.items()},
        "remittance_information": '["remittance_information"]',
        "labels": '["labels"]',
        "status": "booked",
        "removed": 0,
        "day": "2026-01-01",
        "ordinal": 7,
        "digest": b"d",
    }


async def test_money_is_text_digit_for_digit(path: Path, file_given: Given) -> None:
    account_id = await file_given.account()
    exact = Decimal("-123456789012345678901234567890.10")
    await file_given.committed(file_given.write(account_id, "1", amount=exact, balance_after=exact))
    found = edit(path, "SELECT typeof(amount), amount, typeof(balance_after) FROM transactions")
    assert found == [("text", str(exact), "text")]


async def test_two_stores_on_one_file_see_each_other(path: Path, file_given: Given) -> None:
    other = SqliteStore.open(path)
    await file_given.connection()
    flow = file_given.flow("f-2", version=1)
    await other.add_flow(replace(flow, version=0))
    assert await file_given.store.save_flow(flow)
    assert not await other.save_flow(flow)


# How queries are run --------------------------------------------------------------------------------------------------


class Plans:
    """Every query that a store runs, with SQLite's plan for it."""

    def __init__(self, store: SqliteStore) -> None:
        with store._database.reading() as db:
            driver = db.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        self._driver, self._seen = driver, list[str]()
        driver.set_trace_callback(self._seen.append)

    def steps(self, table: str) -> list[str]:
        self._driver.set_trace_callback(None)
        queries = {sql for sql in self._seen if sql.startswith("SELECT") and f"FROM {table}" in sql}
        assert queries
        return [row[3] for sql in sorted(queries) for row in self._driver.execute(f"EXPLAIN QUERY PLAN {sql}")]


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "ix_transactions_day"),
        ({"since": date(2026, 2, 2), "until": date(2026, 3, 1)}, "ix_transactions_day"),
        ({"status": TransactionStatus.PENDING}, "ix_transactions_pending"),
    ],
)
@pytest.mark.parametrize("scope", [Scope(), Scope(owner="anna"), Scope(connection_id="c-1")])
async def test_listings_walk_an_index_and_sort_nothing(
    path: Path, new_given: type[Given], scope: Scope, filters: dict[str, Any], index: str
) -> None:
    store = SqliteStore.open(path)
    given = new_given(store)
    for provider_id in ("p-1", "p-2"):
        account_id = await given.account(provider_id=provider_id)
        page = [given.write(account_id, f"{provider_id}-{n}", status=TransactionStatus.PENDING) for n in range(600)]
        await given.committed(*page)
    edit(path, "ANALYZE")
    plans = Plans(store)
    assert len(await given.ids(scope, **filters)) == (0 if "since" in filters else 1200)
    steps = plans.steps("transactions")
    assert all(f"USING INDEX {index}" in step and "account_id=?" in step and "day" in step for step in steps), steps


@pytest.mark.parametrize("scope", [Scope(), Scope(owner="anna"), Scope(connection_id="c-1")])
async def test_the_stream_of_changes_is_walked_by_its_cursor(path: Path, new_given: type[Given], scope: Scope) -> None:
    store = SqliteStore.open(path)
    given = new_given(store)
    account_id = await given.account()
    await given.committed(*(given.write(account_id, str(n)) for n in range(600)))
    edit(path, "ANALYZE")
    plans = Plans(store)
    await given.entries(scope)
    steps = [step for step in plans.steps("changes JOIN") if "B-TREE" in step or "changes" in step]
    assert steps
    assert all("SEARCH changes USING INTEGER PRIMARY KEY" in step for step in steps), steps


async def test_what_is_known_is_found_by_an_index(path: Path, new_given: type[Given]) -> None:
    store = SqliteStore.open(path)
    given = new_given(store)
    account_id = await given.account()
    await given.committed(*(given.write(account_id, str(n)) for n in range(600)))
    edit(path, "ANALYZE")
    plans = Plans(store)
    await store.known(account_id, ["identity-1", "identity-2"])
    await store.expected(account_id, date(2026, 2, 1))
    steps = [step for step in plans.steps("transactions") if "SCAN" in step or "SEARCH" in step]
    assert len(steps) == 3
    assert all("USING INDEX" in step and "account_id=?" in step for step in steps), steps
