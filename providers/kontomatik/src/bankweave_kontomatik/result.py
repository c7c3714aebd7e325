"""The result of an import, read as it arrives: the command's head, accounts, and rows one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bankweave.errors import MalformedAnswer
from bankweave_kontomatik.document import Document
from bankweave_kontomatik.holdings import ROW, TAGS, Holdings, Row, parent_tag
from bankweave_kontomatik.wire import WireAccount, WireCommand, WireOwner, read_model


@dataclass(frozen=True, slots=True)
class Result:
    """All of a finished import but its rows. `accounts` has cards, deposits and loans too, in the document's order."""

    accounts: tuple[WireAccount, ...]
    owners: tuple[WireOwner, ...]


class ResultReader:
    """Reads one command document. What it has seen is complete and true only after `close`."""

    def __init__(self) -> None:
        self.owner_external_id: str | None = None
        self.command: WireCommand | None = None
        self._document = Document(("command", "exception", *TAGS))
        self._exception: str | None = None
        self._holdings = Holdings()

    def feed(self, chunk: bytes) -> Iterator[Row]:
        """Yield the rows that are complete with this piece."""
        for event, element in self._document.feed(chunk):
            if element.tag == ROW:
                if event == "end":
                    yield self._holdings.end_row(element)
            elif event == "start":
                self._begin(element)
            else:
                self._end(element)

    def close(self) -> Result:
        """Return what the document held; raise `MalformedAnswer` unless it was complete."""
        self._document.close()
        if self.command is None:
            raise MalformedAnswer(
                "Kontomatik's answer about an import does not say how it stands; nothing of it was used"
            )
        self.command = self.command.model_copy(update={"exception": self._exception})
        return Result(self._holdings.read_accounts(), self._holdings.read_owners())

    def _begin(self, element: Any) -> None:
        match element.tag, parent_tag(element):
            case "reply", None:
                self.owner_external_id = element.get("ownerExternalId")
            case "command", "reply" if self.command is None:
                self.command = read_model(WireCommand, dict(element.attrib))
            case "command", "reply":
                raise MalformedAnswer("Kontomatik's answer is about two imports; nothing of it was used")
            case _:
                self._holdings.begin(element)

    def _end(self, element: Any) -> None:
        if (element.tag, parent_tag(element)) == ("exception", "command"):
            self._exception = element.get("name")
        else:
            self._holdings.end(element)
