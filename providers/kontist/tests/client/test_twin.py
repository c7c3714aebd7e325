"""The synchronous client is written from the asynchronous one."""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import pytest

from bankweave.testing.twin import Untranslatable, twin_source
from bankweave_kontist import blocking, client
from bankweave_kontist.blocking import KontistClient
from bankweave_kontist.client import AsyncKontistClient

T = TypeVar("T")

COMMAND = "python -m bankweave.testing.twin bankweave_kontist.client:AsyncKontistClient bankweave_kontist.blocking"
TOY = '''
"""A client."""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class AsyncPage:
    """Some rows."""

    rows: tuple[int, ...]
    _hidden: int = 0

    async def next(self) -> AsyncPage | None:
        """Fetch the next page."""
        return None if len(self.rows) == 1 else AsyncPage(self.rows[1:])


class Rows:
    """The rows."""

    def __init__(self) -> None:
        self.fee = Decimal("1.50")

    @property
    def size(self) -> int:
        return 3

    async def page(self) -> AsyncPage:
        return AsyncPage((1, 2, 3))

    async def list(self) -> builtins.list[int]:
        return [1]

    async def pages(self) -> tuple[AsyncPage, ...]:
        return (AsyncPage((1,)), AsyncPage((2,)))

    async def each(self, start: int = 0, *, fee: Decimal = Decimal("0.50")) -> AsyncIterator[Decimal]:
        """Yield them.

        One by one.
        """
        for number in range(start, 3):
            yield number + fee

    def each_page(self) -> AsyncIterator[AsyncPage]:
        return self._pages()

    async def _pages(self) -> AsyncIterator[AsyncPage]:
        yield AsyncPage((1, 2))

    def address(self, path: str) -> str:
        return f"/{path}"


class AsyncToyClient:
    """A toy."""

    rows: Rows

    def __init__(self) -> None:
        self.rows = Rows()

    async def add(self, *numbers: int, **more: int) -> int:
        return sum(numbers) + sum(more.values())

    async def forget(self) -> None: ...
'''


class Loop:
    """A portal into a loop of its own."""

    def call(self, method: Callable[..., Coroutine[Any, Any, T]], *args: Any, **kwargs: Any) -> T:
        return asyncio.run(method(*args, **kwargs))

    def iterate(self, rows: AsyncIterator[T]) -> Iterator[T]:
        async def all_of_them() -> list[T]:
            return [each async for each in rows]

        return iter(asyncio.run(all_of_them()))


def make(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch, name: str = "toyclient") -> ModuleType:
    (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module(name)


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any, str]:
    """A client, its twin, and how the twin was written."""
    module = make(tmp_path, TOY, monkeypatch)
    text = twin_source(module.AsyncToyClient, tmp_path / "toytwin.py")
    twin = make(tmp_path, text, monkeypatch, "toytwin")
    return module.AsyncToyClient(), twin.ToyClient(module.AsyncToyClient(), Loop()), text


def test_the_twin_is_up_to_date() -> None:
    path = Path(blocking.__file__)
    assert twin_source(AsyncKontistClient, path) == path.read_text(), f"write it again: {COMMAND}"


def test_the_twin_offers_every_topic_and_method_of_the_client() -> None:
    assert KontistClient.twin_of is AsyncKontistClient
    for topic in inspect.get_annotations(AsyncKontistClient):
        original = inspect.get_annotations(AsyncKontistClient, eval_str=True)[topic]
        twin = getattr(blocking, original.__name__)
        assert _methods(twin) == _methods(original), topic


def _methods(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


def test_a_coroutine_becomes_a_call(toy: tuple[Any, Any, str]) -> None:
    _, twin, _ = toy
    assert twin.add(1, 2, a=3) == 6
    assert twin.forget() is None
    assert twin.rows.list() == [1]


def test_an_asynchronous_iterator_becomes_an_iterator(toy: tuple[Any, Any, str]) -> None:
    _, twin, _ = toy
    rows = twin.rows.each(1)
    assert isinstance(rows, Iterator)
    assert [str(each) for each in rows] == ["1.50", "2.50"]


def test_a_result_that_has_coroutines_is_a_twin_as_well(toy: tuple[Any, Any, str]) -> None:
    _, twin, _ = toy
    page = twin.rows.page()
    assert page.rows == (1, 2, 3)
    following = page.next()
    assert following.rows == (2, 3)
    assert following.next().next() is None
    assert [each.rows for each in twin.rows.pages()] == [(1,), (2,)]
    assert [each.next().rows for each in twin.rows.each_page()] == [(2,)]


def test_what_needs_no_loop_is_handed_through(toy: tuple[Any, Any, str]) -> None:
    _, twin, _ = toy
    assert (twin.rows.size, twin.rows.address("x")) == (3, "/x")


def test_signatures_types_and_docstrings_are_those_of_the_client(toy: tuple[Any, Any, str]) -> None:
    client, twin, text = toy
    original, copied = type(client.rows).each, type(twin.rows).each
    assert inspect.signature(copied).parameters == inspect.signature(original).parameters
    assert inspect.signature(copied).return_annotation == "Iterator[Decimal]"
    assert inspect.getdoc(copied) == inspect.getdoc(original)
    assert "_hidden" not in text
    assert 'def next(self) -> Page | None:\n        """Fetch the next page."""' in text


def test_what_no_rule_covers_is_said_and_not_guessed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "class AsyncOddClient:\n    @staticmethod\n    async def strange() -> int:\n        return 1\n"
    module = make(tmp_path, text, monkeypatch, "oddclient")
    with pytest.raises(Untranslatable, match="strange"):
        twin_source(module.AsyncOddClient, tmp_path / "oddtwin.py")


def test_whatever_the_client_takes_and_gives_has_its_name_beside_it() -> None:
    """So that programs import it from `bankweave_kontist.client`, whatever becomes of the modules below."""
    ours = {
        alias.name
        for node in ast.parse(Path(blocking.__file__).read_text()).body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bankweave_kontist.")
        for alias in node.names
        if not alias.name.isupper()
    }
    assert ours <= set(client.__all__)
