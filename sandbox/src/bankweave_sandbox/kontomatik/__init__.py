"""Kontomatik's Account Information Service, as far as its public documents and clients tell."""

from __future__ import annotations

from bankweave_sandbox.kontomatik.app import KontomatikDialect

__all__ = ["KontomatikDialect"]
