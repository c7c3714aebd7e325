"""The synchronous client is written from the asynchronous one, and importing the adapter stays light."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import bankweave_basiq
from bankweave.testing.twin import twin_source
from bankweave_basiq import blocking, client
from bankweave_basiq.blocking import BasiqClient
from bankweave_basiq.client import AsyncBasiqClient

COMMAND = "python -m bankweave.testing.twin bankweave_basiq.client:AsyncBasiqClient bankweave_basiq.blocking"


def test_the_twin_is_as_the_generator_writes_it() -> None:
    path = Path(blocking.__file__)
    assert twin_source(AsyncBasiqClient, path) == path.read_text(), f"write it again: {COMMAND}"


def test_the_twin_offers_every_topic_and_method_of_the_client() -> None:
    assert BasiqClient.twin_of is AsyncBasiqClient
    for topic, original in inspect.get_annotations(AsyncBasiqClient, eval_str=True).items():
        assert _methods(getattr(blocking, original.__name__)) == _methods(original), topic


def _methods(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


def test_whatever_the_client_takes_and_gives_has_its_name_beside_it() -> None:
    ours = {
        alias.name
        for node in ast.parse(Path(blocking.__file__).read_text()).body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bankweave_basiq.")
        for alias in node.names
        if not alias.name.isupper()
    }
    assert ours <= set(client.__all__)


def test_public_names_are_there() -> None:
    assert all(hasattr(bankweave_basiq, name) for name in bankweave_basiq.__all__)
    assert bankweave_basiq.__all__ == sorted(bankweave_basiq.__all__)
    with pytest.raises(AttributeError):
        bankweave_basiq.nothing  # noqa: B018  asking for it is the test


def test_whoever_only_syncs_imports_no_client() -> None:
    program = "import sys, bankweave_basiq; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"bankweave_basiq.client", "bankweave_basiq.blocking", "standardwebhooks", "typer", "httpx"}
    assert not heavy.intersection(loaded)
