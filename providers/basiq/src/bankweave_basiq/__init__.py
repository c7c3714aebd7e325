"""The Basiq v3 adapter of bankweave."""

from bankweave_basiq.adapter import Basiq
from bankweave_basiq.settings import BasiqSettings
from bankweave_basiq.states import BasiqGrant

__all__ = ["Basiq", "BasiqGrant", "BasiqSettings"]
