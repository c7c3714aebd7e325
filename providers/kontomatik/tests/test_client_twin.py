"""The synchronous client is written from the asynchronous one."""

from __future__ import annotations

import inspect
from pathlib import Path

import bankweave_kontomatik
from bankweave.testing.twin import twin_source
from bankweave_kontomatik import blocking
from bankweave_kontomatik.blocking import KontomatikClient
from bankweave_kontomatik.client import AsyncKontomatikClient

COMMAND = (
    "python -m bankweave.testing.twin bankweave_kontomatik.client:AsyncKontomatikClient bankweave_kontomatik.blocking"
)


def test_the_twin_is_up_to_date() -> None:
    path = Path(blocking.__file__)
    assert twin_source(AsyncKontomatikClient, path) == path.read_text(), f"write it again: {COMMAND}"


def test_the_twin_offers_every_method_of_the_client() -> None:
    assert KontomatikClient.twin_of is AsyncKontomatikClient
    assert _methods(KontomatikClient) == _methods(AsyncKontomatikClient)


def test_both_are_public_names() -> None:
    assert bankweave_kontomatik.KontomatikClient is KontomatikClient
    assert bankweave_kontomatik.AsyncKontomatikClient is AsyncKontomatikClient


def _methods(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}
