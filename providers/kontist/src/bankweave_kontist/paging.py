"""Lists that come in pages (section 6.3)."""

from __future__ import annotations

from dataclasses import dataclass, field

from bankweave_kontist.refusals import malformed

PAGE_SIZE = 50  # Kontist's cap; whether more is cut or refused is undocumented
EMPTY_PAGES = 20  # in a row, each promising more: so many are taken for a loop


@dataclass(slots=True)
class LoopGuard:
    """Notices pages that lead nowhere, so that a reading always ends."""

    operation: str
    seen: set[str | None] = field(default_factory=lambda: {None})
    empty: int = 0

    def accept(self, cursor: str | None, *, is_empty: bool) -> str:
        """Take the cursor of a page that promises more. Raises `MalformedAnswer` for a way that does not end."""
        self.empty = self.empty + 1 if is_empty else 0
        if cursor is None or cursor in self.seen or self.empty > EMPTY_PAGES:
            raise malformed(self.operation)
        self.seen.add(cursor)
        return cursor
