"""A session at the mock bank (section 11)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class MockSession:
    """Good for one import, as the session of a person is."""

    id: str
    signature: str = field(repr=False)
    multiple_access_id: str | None = field(repr=False)
    owner_external_id: str = field(repr=False)
