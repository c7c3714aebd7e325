"""Kontomatik's Account Information Service as a bankweave adapter.

Section numbers in comments are those of the protocol notes, providers/kontomatik.md.
"""

from bankweave_kontomatik.adapter import Kontomatik
from bankweave_kontomatik.settings import PRODUCTION, TEST, KontomatikSettings

__all__ = ["PRODUCTION", "TEST", "Kontomatik", "KontomatikSettings"]
