"""Aggregated data, read as they arrive (section 9): the owner's head, and for each bank what an import would show of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bankweave.errors import MalformedAnswer
from bankweave_kontomatik.document import Document, forget
from bankweave_kontomatik.holdings import ROW, TAGS, Holdings, parent_tag
from bankweave_kontomatik.kept import Kept


@dataclass(slots=True)
class Bank:
    """One `target` element."""

    attributes: dict[str, str]
    holdings: Holdings = field(default_factory=Holdings)
    rows: Kept = field(default_factory=lambda: Kept(None))


class AggregateReader:
    """Reads the document of one owner. What it has seen is true only after `close`."""

    def __init__(self) -> None:
        self.owner_external_id: str | None = None
        self.owner: dict[str, str] | None = None
        self.banks: list[Bank] = []
        self._document = Document(("owner", "target", *TAGS))
        self._open: Bank | None = None
        self._element: Any = None

    def feed(self, chunk: bytes) -> None:
        for event, element in self._document.feed(chunk):
            if event == "start":
                self._begin(element)
            else:
                self._end(element)

    def close(self) -> None:
        """Raise `MalformedAnswer` unless the document was complete."""
        self._document.close()
        if self.owner is None:
            raise MalformedAnswer("Kontomatik's answer has no owner; nothing of it was used")
        for bank in self.banks:
            bank.rows.seal()

    def _begin(self, element: Any) -> None:
        match element.tag, parent_tag(element):
            case "reply", None:
                self.owner_external_id = element.get("ownerExternalId")
            case "owner", "reply" if self.owner is None:
                self.owner = dict(element.attrib)
            case "owner", "reply":
                raise MalformedAnswer("Kontomatik's answer is about two owners; nothing of it was used")
            case "target", "owner" if self._open is None:
                self._open, self._element = Bank(dict(element.attrib)), element
            case _ if self._open is not None:
                self._open.holdings.begin(element)

    def _end(self, element: Any) -> None:
        bank = self._open
        if element.tag == ROW:
            self._end_row(element, bank)
        elif bank is not None and element is self._element:
            self.banks.append(bank)
            self._open = self._element = None
            forget(element)
        elif bank is not None and element.tag != "owner":
            bank.holdings.end(element)

    def _end_row(self, element: Any, bank: Bank | None) -> None:
        if bank is None:
            raise MalformedAnswer("Kontomatik's answer has a transaction outside a bank; nothing of it was used")
        bank.rows.take(bank.holdings.end_row(element))
