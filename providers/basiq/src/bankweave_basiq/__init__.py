"""The Basiq v3 adapter of bankweave, and the client for what only Basiq has."""

from importlib import import_module
from typing import TYPE_CHECKING

from bankweave_basiq.adapter import Basiq
from bankweave_basiq.settings import BasiqSettings
from bankweave_basiq.states import BasiqGrant

if TYPE_CHECKING:
    from bankweave_basiq.blocking import BasiqClient
    from bankweave_basiq.client import AsyncBasiqClient
    from bankweave_basiq.client.consent_page import ConsentAction
    from bankweave_basiq.client.filters import Filter

__all__ = ["AsyncBasiqClient", "Basiq", "BasiqClient", "BasiqGrant", "BasiqSettings", "ConsentAction", "Filter"]

# Whoever only syncs needs no client: it is imported when it is first asked for.
_MODULES = {
    "AsyncBasiqClient": "client",
    "BasiqClient": "blocking",
    "ConsentAction": "client.consent_page",
    "Filter": "client.filters",
}


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)
