"""Kontist's API, served locally (providers/kontist.md)."""

from bankweave_sandbox.kontist.app import KontistDialect

__all__ = ["KontistDialect"]
