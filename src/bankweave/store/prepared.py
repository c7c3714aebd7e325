"""Statements that are compiled once and run by the driver.

For statements over many rows: SQLAlchemy's own way spends as long on each row as SQLite does (85,000 rows a second written
against 145,000). Values go in and come out as they lie in the columns; see columns.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ClauseElement, Connection
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.compiler import SQLCompiler


@dataclass(frozen=True, slots=True)
class Prepared:
    """SQL with a question mark for each parameter, the parameters' names in that order, and values already given."""

    sql: str
    parameters: tuple[str, ...]
    given: Mapping[str, object] = field(repr=False)

    @classmethod
    def of(cls, statement: ClauseElement) -> Prepared:
        compiled = statement.compile(dialect=sqlite.dialect())
        if not isinstance(compiled, SQLCompiler):
            raise TypeError("only queries and writes can be prepared")
        return cls(str(compiled), tuple(compiled.positiontup or ()), compiled.params)

    def rows(self, db: Connection, **values: object) -> Sequence[tuple[Any, ...]]:
        """Run a query; rows are plain tuples of what lies in the columns."""
        cursor = db.connection.cursor()
        values = {**self.given, **values}
        cursor.execute(self.sql, [values[name] for name in self.parameters])
        return cursor.fetchall()

    def write(self, db: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
        """Run a write for each row, its values in the order of `parameters`; returns how many rows it reached."""
        cursor = db.connection.cursor()
        cursor.executemany(self.sql, rows)
        return cursor.rowcount
