"""The Basiq v3 dialect."""

from bankweave_sandbox.basiq.app import BasiqDialect

__all__ = ["BasiqDialect"]
