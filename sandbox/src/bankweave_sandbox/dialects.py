"""The dialects that the sandbox serves."""

from __future__ import annotations

from bankweave_sandbox.stage import DialectMaker


def served_dialects() -> tuple[DialectMaker, ...]:
    """Import the three dialects when they are needed: they bring GraphQL, XML and template libraries with them."""
    from bankweave_sandbox.basiq import BasiqDialect
    from bankweave_sandbox.kontist import KontistDialect
    from bankweave_sandbox.kontomatik import KontomatikDialect

    return KontistDialect, KontomatikDialect, BasiqDialect
