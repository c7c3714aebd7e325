"""What goes wrong in SQLite, as errors of ours that say what to do. Nothing of SQLAlchemy or sqlite3 gets past this."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError, StatementError

from bankweave.errors import StoreError

_DAMAGED = ("not_a_store", "is not a database, or is damaged; restore a backup or give another path")
_UNREADABLE = ("unreadable_value", "was given, or holds, a value that it cannot keep; nothing was written")

# By SQLite's primary result code: our word for it, and what the message says after the path.
_BY_RESULT_CODE = {
    sqlite3.SQLITE_BUSY: ("busy", "is being written by another process; try again in a moment"),
    sqlite3.SQLITE_LOCKED: ("busy", "is being written by another process; try again in a moment"),
    sqlite3.SQLITE_PERM: ("no_permission", "cannot be written; give this user write access to it and to its directory"),
    sqlite3.SQLITE_READONLY: (
        "no_permission",
        "cannot be written; give this user write access to it and to its directory",
    ),
    sqlite3.SQLITE_CANTOPEN: ("cannot_open", "cannot be opened; check that path and directory exist and are yours"),
    sqlite3.SQLITE_FULL: ("disk_full", "cannot grow: the disk is full; make room, nothing was lost"),
    sqlite3.SQLITE_IOERR: ("disk_failed", "could not be read or written: the disk reports an error"),
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_CONSTRAINT: (
        "contradiction",
        "refused a write: it names what is not there any more, or an id that is taken; nothing was written",
    ),
}


@contextmanager
def told_as_store_errors(path: str) -> Iterator[None]:
    """Turn every failure of the database, and every value that it cannot keep, into a `StoreError`."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, ValueError, ArithmeticError) as error:
        code, what = _explain(error.orig if isinstance(error, StatementError) else error)
        raise StoreError(f"the store {path} {what}", code=code) from None


def _explain(error: BaseException | None) -> tuple[str, str]:
    if isinstance(error, ValueError | ArithmeticError):
        return _UNREADABLE
    extended: int = getattr(error, "sqlite_errorcode", 0)
    return _BY_RESULT_CODE.get(extended & 0xFF, ("failed", f"failed ({type(error).__name__}); look at its disk"))
