"""Bring a file to the tables of this version. Forward only: each version has an `upgrade` and nothing else.

Alembic is imported only when there is something to do: the version is read by a plain query first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bankweave.errors import StoreError, StoreTooNew

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bankweave.store.database import Database

NEWEST = "0004"  # of the revisions in versions/, whose names sort as they follow each other

_APPLICATION_ID = 0x42574556  # "BWEV", in the file's header: tells our files from those of other programs


def bring_up_to_date(database: Database) -> None:
    """Make or upgrade the tables in one transaction. Of processes that open an old file at once, one does it."""
    with database.reading() as connection:
        if _version(connection, database.path) == NEWEST:
            return
    with database.writing() as connection:
        if _version(connection, database.path) != NEWEST:
            connection.exec_driver_sql(f"PRAGMA application_id = {_APPLICATION_ID}")
            upgrade(connection)


def upgrade(connection: Connection) -> None:
    """Run all versions that the database does not have yet."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "bankweave.store:migrations")
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")


def _version(connection: Connection, path: str) -> str | None:
    """Read which version a file has; None for an empty file. Refuses files that are not ours, or too new."""
    application_id = connection.exec_driver_sql("PRAGMA application_id").scalar()
    if application_id != _APPLICATION_ID:
        _refuse_foreign_tables(connection, path)
        return None
    version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    if version > NEWEST:
        raise StoreTooNew(f"the store {path} was written by a newer bankweave; upgrade: pip install -U bankweave")
    return str(version)


def _refuse_foreign_tables(connection: Connection, path: str) -> None:
    if connection.exec_driver_sql("SELECT 1 FROM sqlite_master").first():
        raise StoreError(f"{path} is the database of another program; give another path", code="not_a_store")
