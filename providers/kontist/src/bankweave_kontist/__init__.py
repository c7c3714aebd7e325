"""The Kontist adapter of bankweave, and the client for what only Kontist has."""

from importlib import import_module
from typing import TYPE_CHECKING

from bankweave_kontist.adapter import Kontist
from bankweave_kontist.settings import KontistSettings

if TYPE_CHECKING:
    from bankweave_kontist.blocking import KontistClient
    from bankweave_kontist.client import AsyncKontistClient
    from bankweave_kontist.transactions.categories import TransactionCategory, VatRate
    from bankweave_kontist.transactions.filters import Condition, Filter, all_of, any_of
    from bankweave_kontist.transactions.splits import SplitOrder

__all__ = [
    "AsyncKontistClient",
    "Condition",
    "Filter",
    "Kontist",
    "KontistClient",
    "KontistSettings",
    "SplitOrder",
    "TransactionCategory",
    "VatRate",
    "all_of",
    "any_of",
]

# Whoever only syncs needs no client: it is imported when it is first asked for.
_MODULES = {
    "AsyncKontistClient": "client",
    "Condition": "transactions.filters",
    "Filter": "transactions.filters",
    "KontistClient": "blocking",
    "SplitOrder": "transactions.splits",
    "TransactionCategory": "transactions.categories",
    "VatRate": "transactions.categories",
    "all_of": "transactions.filters",
    "any_of": "transactions.filters",
}


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)
