"""What one bank shows of one person, read as it arrives: people, accounts, cards, deposits and loans, and rows one at a time.

An import has one of these, aggregated data one for each bank. What is inside a deposit is not known (section 5), nor whether
loans ever come: an element of that name is read as far as it looks like an account.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pydantic import ValidationError

from bankweave.errors import MalformedAnswer
from bankweave_kontomatik.document import forget
from bankweave_kontomatik.wire import TRANSACTION, WireAccount, WireOwner, WireTransaction, read_model

Kind: TypeAlias = Literal["account", "creditCard", "deposit", "loan"]

ROW = "moneyTransaction"
LISTS_OF: dict[str, Kind] = {
    "accounts": "account",
    "creditCards": "creditCard",
    "deposits": "deposit",
    "loans": "loan",
}
TAGS = ("owners", *LISTS_OF.values(), ROW)
VAGUE: frozenset[str] = frozenset({"deposit", "loan"})
"""Kinds whose shape is not known, so that one that cannot be read is no reason to refuse the rest."""

_LISTS = frozenset({"labels", "owners"})
_ROWS = "moneyTransactions"


@dataclass(frozen=True, slots=True)
class Row:
    """One transaction, and which of the bank's accounts it belongs to."""

    account: int
    fields: dict[str, Any]  # the provider's own record, with what nobody uses
    record: WireTransaction
    is_vague: bool = False  # of a kind whose shape is not known


class Holdings:
    """Reads the elements below `result` or `target`. What it has seen is true only when the whole document was read."""

    def __init__(self) -> None:
        self.accounts: list[dict[str, Any]] = []  # of all kinds, in the document's order; the kind and more beside
        self.owners: list[Any] = []
        self._open: Any = None
        self._kind: Kind | None = None

    def begin(self, element: Any) -> None:
        if self._open is None and LISTS_OF.get(parent_tag(element) or "") == element.tag:
            self._open, self._kind = element, element.tag

    def end(self, element: Any) -> None:
        if element is self._open:
            self._end_account(element)
        elif element.tag == "owners" and self._open is None:
            self.owners.extend(_items(element))

    def read_accounts(self) -> tuple[WireAccount, ...]:
        return tuple(map(_read_account, self.accounts))

    def read_owners(self) -> tuple[WireOwner, ...]:
        return tuple(read_model(WireOwner, owner) for owner in self.owners)

    def end_row(self, element: Any) -> Row:
        """Read a row, and let go of it."""
        if self._open is None or parent_tag(element) != _ROWS:
            raise MalformedAnswer("Kontomatik's answer has a transaction outside an account; nothing of it was used")
        fields = _fields(element)
        is_vague = self._kind in VAGUE
        if len(fields) != len(element) and not is_vague:
            _check_unambiguous(element)
        forget(element)
        return Row(len(self.accounts), fields, _read_record(fields, is_vague=is_vague), is_vague)

    def _end_account(self, element: Any) -> None:
        if self._kind not in VAGUE:
            _check_unambiguous(element)
        partial = (element.get("partialDueToTimeout") or "").strip().lower()
        self.accounts.append(
            {"owners": (), **_fields(element), "kind": self._kind, "partial": partial in {"true", "1"}}
        )
        self._open = None
        forget(element)


def parent_tag(element: Any) -> str | None:
    parent = element.getparent()
    return None if parent is None else parent.tag


def _read_account(found: dict[str, Any]) -> WireAccount:
    try:
        return read_model(WireAccount, found)
    except MalformedAnswer:
        if found["kind"] in VAGUE:
            return WireAccount(kind=found["kind"], partial=True)
        raise


def _check_unambiguous(element: Any) -> None:
    """Refuse what is said twice of one account or row: nobody knows which of two amounts is meant."""
    tags = [child.tag for child in element if child.tag != _ROWS]
    if len(set(tags)) != len(tags):
        raise MalformedAnswer("Kontomatik's answer says one thing twice of an account or a row; nothing was used")


def _read_record(found: dict[str, Any], *, is_vague: bool) -> WireTransaction:
    try:
        return TRANSACTION.validate_python(found)
    except ValidationError:
        if is_vague:
            return {}
        raise MalformedAnswer("A transaction of Kontomatik's answer has another shape; nothing was used") from None


def _fields(element: Any) -> dict[str, Any]:
    # Leaves, which most elements are, cost no call: rows come by the hundred thousand.
    return {
        child.tag: _value(child) if len(child) or child.tag in _LISTS else child.text
        for child in element
        if child.tag != _ROWS
    }


def _items(element: Any) -> list[Any]:
    items = [_value(child) for child in element]
    # An owner of whom nothing is said is nobody.
    return [item for item in items if isinstance(item, dict)] if element.tag == "owners" else items


def _value(element: Any) -> Any:
    if element.tag in _LISTS:
        return _items(element)
    return _fields(element) if len(element) else element.text
