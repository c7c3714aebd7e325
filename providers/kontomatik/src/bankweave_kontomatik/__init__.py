"""Kontomatik's Account Information Service as a bankweave adapter, and the client for what only Kontomatik has.

Section numbers in comments are those of the protocol notes, providers/kontomatik.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from bankweave_kontomatik.adapter import Kontomatik
from bankweave_kontomatik.settings import PRODUCTION, TEST, KontomatikSettings

if TYPE_CHECKING:
    from bankweave_kontomatik.blocking import KontomatikClient
    from bankweave_kontomatik.client import AsyncKontomatikClient

__all__ = ["PRODUCTION", "TEST", "AsyncKontomatikClient", "Kontomatik", "KontomatikClient", "KontomatikSettings"]

# Whoever only syncs needs no client: it is imported when it is first asked for.
_MODULES = {"AsyncKontomatikClient": "client", "KontomatikClient": "blocking"}


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)
