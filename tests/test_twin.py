"""Writing synchronous twins: what no rule covers is refused by name, and never handed through half translated."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from bankweave.testing.twin import Untranslatable, twin_source

HEAD = '''
"""A client."""

from __future__ import annotations

import collections.abc
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import AbstractAsyncContextManager
from functools import cached_property
from typing import Any, overload

FIRST = 1


class AsyncPage:
    async def next(self) -> AsyncPage: ...


class Base:
    async def inherited(self) -> int: ...


'''


def twin_of(body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bases: str = "") -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    module = made(tmp_path, f"{HEAD}class AsyncOddClient{bases}:\n{lines}\n", monkeypatch)
    return twin_source(module.AsyncOddClient, tmp_path / "oddtwin.py")


def made(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    (folder / "odd_client.py").write_text(text)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "odd_client", raising=False)
    return importlib.import_module("odd_client")


@pytest.mark.parametrize(
    "body",
    [
        "@overload\nasync def odd(self, a: int) -> int: ...\n@overload\nasync def odd(self, a: str) -> str: ...",
        "@classmethod\nasync def odd(cls) -> int: ...",
        "@cached_property\ndef odd(self) -> int: ...",
        "@property\nasync def odd(self) -> int: ...",
        "async def odd(self): ...",
        "async def odd(self) -> 'AsyncPage': ...",
        "async def odd(self) -> dict[str, AsyncPage]: ...",
        "def odd(self) -> Awaitable[int]: ...",
        "def odd(self) -> Coroutine[Any, Any, int]: ...",
        "def odd(self) -> AbstractAsyncContextManager[int]: ...",
        "async def odd(self) -> AsyncIterator[int] | None: ...",
        "async def odd(self) -> collections.abc.AsyncIterator[int]:\n    yield 1",
    ],
)
def test_what_no_rule_covers_is_refused_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    with pytest.raises(Untranslatable, match="odd"):
        twin_of(body, tmp_path, monkeypatch)


def test_methods_of_a_base_are_not_left_out_in_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Untranslatable, match="inherited"):
        twin_of("async def own(self) -> int: ...", tmp_path, monkeypatch, "(Base)")


def test_odd_signatures_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = twin_of(
        "async def get(self, a: int, /, b: int = FIRST, *c: int, d: str = 'x', **e: Any) -> int: ...",
        tmp_path,
        monkeypatch,
    )
    assert "def get(self, a: int, /, b: int=FIRST, *c: int, d: str='x', **e: Any) -> int:" in _plain(text)
    assert "call(self._client.get, a, b, *c, d=d, **e)" in text


def _plain(text: str) -> str:
    """As Python itself lays it out."""
    return ast.unparse(ast.parse(text))
