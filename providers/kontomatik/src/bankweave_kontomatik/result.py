"""The result of an import, read as it arrives: the command's head, accounts, and rows one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bankweave.errors import MalformedAnswer
from bankweave_kontomatik.document import Document, forget
from bankweave_kontomatik.wire import TRANSACTION, WireAccount, WireCommand, WireOwner, WireTransaction, read_model

_ROW = "moneyTransaction"
_TAGS = ("command", "exception", "owners", "account", "creditCard", _ROW)
_LISTS = frozenset({"labels", "owners"})


@dataclass(frozen=True, slots=True)
class Row:
    """One transaction, and which of the document's accounts it belongs to."""

    account: int
    fields: dict[str, Any]  # the provider's own record, with what nobody uses
    record: WireTransaction


@dataclass(frozen=True, slots=True)
class Result:
    """All of a finished import but its rows. `accounts` has credit cards too, in the document's order."""

    accounts: tuple[WireAccount, ...]
    owners: tuple[WireOwner, ...]


class ResultReader:
    """Reads one command document. What it has seen is complete and true only after `close`."""

    def __init__(self) -> None:
        self.owner_external_id: str | None = None
        self.command: WireCommand | None = None
        self._document = Document(_TAGS)
        self._exception: str | None = None
        self._accounts: list[WireAccount] = []
        self._owners: tuple[WireOwner, ...] = ()
        self._open: Any = None

    def feed(self, chunk: bytes) -> Iterator[Row]:
        """Yield the rows that are complete with this piece."""
        for event, element in self._document.feed(chunk):
            if element.tag == _ROW:
                if event == "end":
                    yield self._end_row(element)
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
        return Result(tuple(self._accounts), self._owners)

    def _begin(self, element: Any) -> None:
        match element.tag, _parent(element):
            case "reply", None:
                self.owner_external_id = element.get("ownerExternalId")
            case "command", "reply":
                self.command = read_model(WireCommand, dict(element.attrib))
            case "account" | "creditCard", "accounts" | "creditCards" if self._open is None:
                self._open = element

    def _end(self, element: Any) -> None:
        match element.tag, _parent(element):
            case "exception", "command":
                self._exception = element.get("name")
            case "owners", _ if self._open is None:
                self._owners = tuple(read_model(WireOwner, owner) for owner in _items(element))
            case _ if element is self._open:
                self._end_account(element)

    def _end_account(self, element: Any) -> None:
        found: dict[str, Any] = {
            **_fields(element),
            "isCard": element.tag == "creditCard",
            "partial": element.get("partialDueToTimeout") == "true",
        }
        self._accounts.append(read_model(WireAccount, {"owners": (), **found}))
        self._open = None
        forget(element)

    def _end_row(self, element: Any) -> Row:
        if self._open is None or _parent(element) != "moneyTransactions":
            raise MalformedAnswer("Kontomatik's import has a transaction outside an account; nothing of it was used")
        fields = _fields(element)
        forget(element)
        return Row(len(self._accounts), fields, _read_record(fields))


def _read_record(found: dict[str, Any]) -> WireTransaction:
    try:
        return TRANSACTION.validate_python(found)
    except ValidationError:
        raise MalformedAnswer("A transaction of Kontomatik's import has another shape; nothing was used") from None


def _parent(element: Any) -> str | None:
    parent = element.getparent()
    return None if parent is None else parent.tag


def _fields(element: Any) -> dict[str, Any]:
    # Leaves, which most elements are, cost no call: rows come by the hundred thousand.
    return {
        child.tag: _value(child) if len(child) or child.tag in _LISTS else child.text
        for child in element
        if child.tag != "moneyTransactions"
    }


def _items(element: Any) -> list[Any]:
    return [_value(child) for child in element]


def _value(element: Any) -> Any:
    if element.tag in _LISTS:
        return _items(element)
    return _fields(element) if len(element) else element.text
