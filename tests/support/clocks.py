"""Clocks for tests."""

from __future__ import annotations

from bankweave.testing import StillClock

__all__ = ["StillClock"]
