"""How values lie in columns: money, days, instants, words and lists, as text that comes back equal.

The functions are what the bulk paths call row by row; the column types do the same for statements of SQLAlchemy.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Generic, TypeVar

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

V = TypeVar("V")
E = TypeVar("E", bound=StrEnum)

_quoted = (
    json.encoder.encode_basestring
)  # the encoder's own, in C: a list of texts needs no more, at a quarter of the time


def instant_text(at: datetime) -> str:
    """Write an instant in UTC at fixed width, so that text sorts as time does."""
    if at.tzinfo is None:
        raise ValueError("an instant must be aware: give datetimes in UTC")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def texts_json(texts: tuple[str, ...]) -> str:
    return f"[{','.join(map(_quoted, texts))}]"


def read_texts(text: str) -> tuple[str, ...]:
    return () if text == "[]" else tuple(json.loads(text))


def read_word(words: type[E]) -> Callable[[str], E]:
    """Make a reader of an enumeration's words; one that is not known becomes `unknown`, if there is such a word."""
    known = {word.value: word for word in words}
    unknown = known.get("unknown")

    def read(text: str) -> E:
        word = known.get(text, unknown)
        if word is None:
            raise ValueError("a stored word is not known to this bankweave")
        return word

    return read


class AsText(TypeDecorator[V], Generic[V]):
    """A TEXT column whose values are written and read by a pair of functions."""

    impl = Text
    cache_ok = True  # SQLAlchemy compares the attributes that are named like the arguments

    def __init__(self, write: Callable[[V], str], read: Callable[[str], V]) -> None:
        super().__init__()
        self.write, self.read = write, read

    def process_bind_param(self, value: V | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else self.write(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> V | None:  # noqa: ARG002 - as above
        return None if value is None else self.read(value)
