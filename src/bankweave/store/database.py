"""One SQLite file, opened so that several processes may use it at once: the connection, its transactions, its compaction."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from os import PathLike

from sqlalchemy import Connection, Engine, PoolProxiedConnection, StaticPool, create_engine, event

from bankweave.errors import StoreError
from bankweave.store import migrations
from bankweave.store.faults import told_as_store_errors

log = logging.getLogger("bankweave.store")

MEMORY = ":memory:"

_BUSY_SECONDS = 10.0  # how long one process waits for the write of another
_LOOK_AGAIN = 0.05
_PRAGMAS = (
    "synchronous = NORMAL",
    "foreign_keys = ON",
    "secure_delete = ON",
    "wal_autocheckpoint = 4000",  # pages; scattered pages are written into the file less often
    "cache_size = -16000",  # KiB: the indexes of some hundred thousand rows stay in memory
)

_SQLITE_HEADER = b"SQLite format 3\0"

_WHY = {"busy": "another process uses it", "disk_full": "the disk is full"}  # both pass

# Kept in the file's user_version: rows were erased and the file not yet rebuilt without their traces.
_CLEAN, _TRACES_LEFT = 0, 1


class Database:
    """A single connection, used inline: SQLite on a worker thread was measured slower. A lock lets threads take turns."""

    def __init__(self, engine: Engine, path: str) -> None:
        self.path = path
        self._readers = engine
        self._writers = engine.execution_options(writing=True)
        self._lock = threading.RLock()
        self._closed = False

    @classmethod
    def open(cls, path: str | PathLike[str]) -> Database:
        """Open the file, make it if there is none (readable by this user alone), and bring its tables up to date."""
        location = os.fspath(path)
        if location != MEMORY:
            location = _private_file(location)
        engine = create_engine(
            "sqlite://", creator=partial(_connect, location), poolclass=StaticPool, hide_parameters=True
        )
        event.listen(engine, "begin", _begin)
        database = cls(engine, location)
        try:
            database._prepare()
        except StoreError:
            database.close()
            raise
        return database

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See one state of the database for the length of the block."""
        with self._lock, told_as_store_errors(self.path), self._usable(self._readers).begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write all of the block, or nothing of it."""
        with self._lock, told_as_store_errors(self.path), self._usable(self._writers).begin() as connection:
            yield connection

    def compact(self) -> None:
        """Rebuild the file from its live rows and empty its log, so that nothing deleted stays readable.

        `secure_delete` does not reach that far: when SQLite moves rows between pages it leaves copies in the gaps (seen with
        3.40, a few in ten thousand rows). Only VACUUM writes every page anew, for which it needs the file's size once more.
        """
        try:
            log_in_use = self._rebuild()
        except StoreError as error:
            raise self._traces_left(_WHY.get(error.code or "", "it cannot be rebuilt"), error.code) from None
        if log_in_use:
            raise self._traces_left("another process reads it", "busy")

    def _rebuild(self) -> bool:
        """Rebuild the file; says whether another process reads the log, which then could not be emptied."""
        with self._lock, told_as_store_errors(self.path), self._outside_transactions() as connection:
            connection.execute("VACUUM")
            log_in_use = _is_log_kept(connection)
            if not log_in_use:
                connection.execute(f"PRAGMA user_version = {_CLEAN}")
        return log_in_use

    def _traces_left(self, why: str, code: str | None) -> StoreError:
        message = (
            f"rows were erased from the store {self.path}, but traces stay in its file: {why}."
            " Open the store again later, or erase again, and they go"
        )
        return StoreError(message, code=code)

    def close(self) -> None:
        """Close the file. Closing again does nothing."""
        with self._lock:
            self._closed = True
            self._readers.dispose()

    def _prepare(self) -> None:
        migrations.bring_up_to_date(self)
        with self.reading() as connection:
            traces_left = connection.exec_driver_sql("PRAGMA user_version").scalar() == _TRACES_LEFT
        if traces_left:  # a process died between erasing and compacting, or could not compact
            self._compact_if_possible()

    def _compact_if_possible(self) -> None:
        """Compact, unless another process or a full disk is in the way: what is stored can be read all the same."""
        try:
            self.compact()
        except StoreError as error:
            if error.code not in _WHY:
                raise
            log.warning("traces_left", extra={"error": error.code})

    def _outside_transactions(self) -> closing[PoolProxiedConnection]:
        return closing(self._usable(self._readers).raw_connection())

    def _usable(self, engine: Engine) -> Engine:
        if self._closed:
            raise StoreError(f"the store {self.path} is closed; open it again", code="closed")
        return engine


def note_traces(connection: Connection) -> None:
    """Remember, in the same transaction as the erasing, that the file has to be compacted."""
    connection.exec_driver_sql(f"PRAGMA user_version = {_TRACES_LEFT}")


def _connect(location: str) -> sqlite3.Connection:
    # isolation_level None: transactions begin where `_begin` says, not where sqlite3 guesses
    connection = sqlite3.connect(
        location, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        _write_ahead(connection)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch a new file to WAL. Of two processes that do so at once SQLite refuses one without waiting for the timeout."""
    give_up = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(_LOOK_AGAIN)
        else:
            return


def _is_log_kept(connection: PoolProxiedConnection) -> bool:
    """Empty the log, or say that somebody keeps it from being emptied."""
    give_up = time.monotonic() + _BUSY_SECONDS
    while True:
        (in_use, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not in_use or time.monotonic() > give_up:
            return bool(in_use)
        time.sleep(_LOOK_AGAIN)  # for a reader SQLite itself waits; for another process that erases as well it does not


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once when another process wrote in between, whatever the
    # timeout; one that begins as a writer waits its turn.
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _private_file(path: str) -> str:
    """Make the file if there is none; returns where it really lies, so that a link cannot lead to a public one."""
    try:
        file = os.path.realpath(path)
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        _refuse_other_formats(file)
    except FileNotFoundError:
        raise StoreError(f"the directory of the store {path} does not exist; make it, or give another path") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a file name"
        raise StoreError(f"the store {path!r} cannot be made ({reason}); give another path") from None
    return file


def _refuse_other_formats(file: str) -> None:
    """Refuse a file that holds something else: SQLite takes a very short one for empty and writes over it."""
    try:
        with open(file, "rb") as opened:  # noqa: PTH123 - the path is a string all the way down to sqlite3
            head = opened.read(len(_SQLITE_HEADER))
    except OSError:
        return  # SQLite will say what is wrong
    if head and head != _SQLITE_HEADER:
        raise StoreError(f"{file} is not a database; give another path for the store", code="not_a_store")
