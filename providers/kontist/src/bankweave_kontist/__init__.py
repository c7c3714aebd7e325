"""The Kontist adapter of bankweave."""

from bankweave_kontist.adapter import Kontist
from bankweave_kontist.settings import KontistSettings

__all__ = ["Kontist", "KontistSettings"]
