"""What the person notes on a movement: category, VAT, a note, splits, receipts. The bank knows nothing of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.world import world_id

_DATED_CATEGORIES = {"TAX_PAYMENT", "VAT_PAYMENT", "TAX_REFUND", "VAT_REFUND"}
_NOTE_LENGTH = 250


@dataclass(frozen=True, slots=True)
class Split:
    id: int
    uuid: str
    amount: int
    category: str | None = None
    category_code: str | None = None
    vat_category_code: str | None = None
    vat_rate: str | None = None
    user_selected_booking_date: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A file that was uploaded for a movement."""

    id: str
    name: str
    filetype: str
    path: str


@dataclass(frozen=True, slots=True)
class Annotation:
    category: str | None = None
    category_code: str | None = None
    vat_category_code: str | None = None
    vat_rate: str | None = None
    user_selected_booking_date: datetime | None = None
    personal_note: str | None = None
    splits: tuple[Split, ...] = ()
    receipts: tuple[Receipt, ...] = ()


_BLANK = Annotation()
_FIELDS = {
    "category": "category",
    "categoryCode": "category_code",
    "vatCategoryCode": "vat_category_code",
    "vatRate": "vat_rate",
    "userSelectedBookingDate": "user_selected_booking_date",
    "personalNote": "personal_note",
}


class Bookkeeping:
    """Annotations by movement id; they outlive the change of a row's id at booking."""

    def __init__(self) -> None:
        self._notes: dict[str, Annotation] = {}
        self._last_split = 0
        self.version = 0

    def of(self, movement_id: str) -> Annotation:
        return self._notes.get(movement_id, _BLANK)

    def note(self, movement_id: str, amount: int, changes: Mapping[str, Any]) -> None:
        """Apply the arguments of `updateTransaction`: absent ones stay, null clears."""
        known = {_FIELDS[name]: value for name, value in changes.items() if name in _FIELDS}
        noted = replace(self.of(movement_id), **known)
        check_annotation(noted)
        if changes.get("splits"):
            noted = self._with_splits(movement_id, amount, noted, changes["splits"])
        self._keep(movement_id, noted)

    def note_split(self, movement_id: str, split_uuid: str, changes: Mapping[str, Any]) -> None:
        """Apply changes to one split, found by its uuid."""
        known = {_FIELDS[name]: value for name, value in changes.items() if name in _FIELDS}
        noted = self.of(movement_id)
        splits = tuple(replace(s, **known) if s.uuid == split_uuid else s for s in noted.splits)
        for split in splits:
            check_annotation(split)
        self._keep(movement_id, replace(noted, splits=splits))

    def annotate(self, movement_id: str, annotation: Annotation) -> None:
        """Give a movement what its transfer said of it."""
        if annotation != _BLANK:
            self._keep(movement_id, annotation)

    def split(self, movement_id: str, amount: int, wanted: Sequence[Mapping[str, Any]]) -> None:
        self._keep(movement_id, self._with_splits(movement_id, amount, self.of(movement_id), wanted))

    def unsplit(self, movement_id: str) -> None:
        self._keep(movement_id, replace(self.of(movement_id), splits=()))

    def attach(self, movement_id: str, receipt: Receipt) -> None:
        noted = self.of(movement_id)
        self._keep(movement_id, replace(noted, receipts=(*noted.receipts, receipt)))

    def detach(self, movement_id: str, receipt_id: str) -> None:
        noted = self.of(movement_id)
        self._keep(movement_id, replace(noted, receipts=tuple(r for r in noted.receipts if r.id != receipt_id)))

    def _keep(self, movement_id: str, note: Annotation) -> None:
        self._notes[movement_id] = note
        self.version += 1

    def _with_splits(
        self, movement_id: str, amount: int, noted: Annotation, wanted: Sequence[Mapping[str, Any]]
    ) -> Annotation:
        """Replace the splits. The parent then has no category and no own date (section 6.4)."""
        _check_split(amount, wanted)
        kept = {split.id for split in noted.splits}
        splits = tuple(self._make_split(movement_id, kept, values) for values in wanted)
        return replace(noted, category=None, user_selected_booking_date=None, splits=splits)

    def _make_split(self, movement_id: str, kept: set[int], values: Mapping[str, Any]) -> Split:
        number = values.get("id")
        if number is not None and number not in kept:
            raise Problem(404, "Split not found")
        if number is None:
            self._last_split += 1
            number = self._last_split
        noted = {column: values.get(name) for name, column in _FIELDS.items() if name != "personalNote"}
        return Split(number, world_id("kontist-split", movement_id, str(number)), values["amount"], **noted)


def check_annotation(noted: Annotation | Split) -> None:
    if noted.user_selected_booking_date and noted.category not in _DATED_CATEGORIES:
        raise Problem(400, "userSelectedBookingDate is allowed only with " + ", ".join(sorted(_DATED_CATEGORIES)))
    if isinstance(noted, Annotation) and noted.personal_note and len(noted.personal_note) > _NOTE_LENGTH:
        raise Problem(400, f"personalNote is longer than {_NOTE_LENGTH} characters")


def _check_split(amount: int, wanted: Sequence[Mapping[str, Any]]) -> None:
    amounts = [values["amount"] for values in wanted]
    if any(part * amount <= 0 for part in amounts) or sum(amounts) != amount:
        raise Problem(400, "The splits must carry the transaction's sign and add up to its amount")
