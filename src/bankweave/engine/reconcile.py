"""From what a provider shows to what has changed. Pure, and idempotent: the same rows again change nothing.

One `Reading` is made per account and pass. Pages go in, in any split; `finish` settles what only the end can tell: which
pending row a booking belongs to, which row is a twin's, and what is gone. Until then such rows are held back, and the
caller must not move its stored cursor past them (`can_resume`).

A row without an id of the provider's is known by what it says. Where a bank says it differently later (a pending row is
booked, a text is completed), it is linked to the only stored row that it can be, if that row can be no other's; where there
is a choice, nothing is guessed: the old row is removed, and the new one added.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from bankweave.engine.identity import Seen, id_of, is_fingerprint
from bankweave.model import ChangeKind, TransactionStatus
from bankweave.store.base import Known, Write

BOOKED_WITHIN = timedelta(days=14)  # a card payment is booked at most this long after it was made
_UNSETTLED = {TransactionStatus.PENDING, TransactionStatus.UNKNOWN}
BOOKED_BEFORE = timedelta(days=1)  # some banks date the booking to the day before the payment they reported


class Reading:
    """One pass over one account.

    `expected` are the stored rows that a whole pass must show again. `whole` is False when the pass goes on from a cursor,
    or the provider says that rows are missing: then nothing is taken for gone, and nothing for the booking of a pending row.
    A row that was linked to another identity keeps its id, which its old identity would give once more: those are `_taken`.
    """

    def __init__(self, account_id: str, expected: Iterable[Known] = (), *, whole: bool = True) -> None:
        self._account_id = account_id
        self._missing = {_place(known): known for known in expected}
        self._taken = {known.id for known in self._missing.values()}
        self._by_amount = _by_amount(self._missing.values())
        self._whole = whole
        self._keeps_booked = False
        self._held: list[Seen] = []
        self._unstable = False
        self._twins: dict[str, int | _Twins] = {}
        self._added_here: dict[str, Write] = {}  # new rows of a page by their stable identity: one may be on it twice

    @property
    def can_resume(self) -> bool:
        """Whether a new reading could go on after the last page: no row so far depends on what this one remembers."""
        return not (self._held or self._unstable)

    def lacks_rows(self) -> None:
        """The provider says that rows are missing."""
        self._whole = False

    def lacks_booked_rows(self) -> None:
        """The balances say that booked rows are missing: what is not shown again may be among them, and is kept."""
        self._keeps_booked = True

    def unknown(self, seen: Sequence[Seen]) -> set[str]:
        """The identities on a page of which the stored rows must be looked up: the others are among the expected ones."""
        return {one.identity for one in seen if one.identity not in self._missing}

    def page(self, seen: Sequence[Seen], known: Iterable[Known]) -> list[Write]:
        """Take a page. `known` are the stored rows with one of the page's identities, at least of the `unknown` ones."""
        stored = _grouped(known)
        for one in seen:
            if one.identity in self._missing:
                stored[one.identity].append(self._missing[one.identity])
        self._added_here.clear()
        writes = (self._take(one, stored[one.identity]) for one in seen)
        return [write for write in writes if write is not None]

    def finish(self) -> list[Write]:
        """Settle what was held back, and remove what is gone."""
        writes, others = [], []
        for one in self._held:
            free = [] if one.is_stable else self._free(one.identity)
            if free:
                writes.append(self._changed(one, free[0]))
            else:
                others.append(one)
        writes += self._settle(others)
        self._held.clear()
        if self._whole:
            writes += [self._removed(known) for known in self._missing.values() if self._is_gone(known)]
        return writes

    def _is_gone(self, known: Known) -> bool:
        """Whether a row that was not shown again is to be removed."""
        return not known.removed and not (self._keeps_booked and known.status is TransactionStatus.BOOKED)

    # One row ----------------------------------------------------------------------------------------------------------

    def _take(self, seen: Seen, stored: list[Known]) -> Write | None:
        if seen.is_stable:
            return self._take_stable(seen, stored)
        self._unstable = True
        if seen.identity not in self._twins:
            self._twins[seen.identity] = _twins(stored)
        return self._take_twin(seen)

    def _take_stable(self, seen: Seen, stored: list[Known]) -> Write | None:
        if stored:
            return self._update(seen, stored[0])
        if seen.identity in self._added_here:  # rows shift between two requests
            return self._update(seen, _known(self._added_here[seen.identity]))
        if self._has_candidates(seen):
            self._hold(seen)
            return None
        added = self._added_here[seen.identity] = self._new(seen)
        return added

    def _take_twin(self, seen: Seen) -> Write | None:
        free = self._free(seen.identity)
        same = next((known for known in free if known.digest == seen.digest), None)
        if same is not None:
            return self._update(seen, same)
        if free or self._has_candidates(seen):
            self._hold(seen)
            return None
        return self._new(seen)

    def _hold(self, seen: Seen) -> None:
        self._held.append(seen.alone())

    def _free(self, identity: str) -> list[Known]:
        """The stored twins of an identity that were not shown again so far."""
        twins = self._twins[identity]
        return [] if isinstance(twins, int) else twins.free

    def _new(self, seen: Seen) -> Write:
        if seen.is_stable:
            return self._added(seen, ordinal=0)
        twins = self._twins[seen.identity]
        ordinal = twins if isinstance(twins, int) else twins.next_ordinal
        while id_of(self._account_id, seen.identity, ordinal) in self._taken:
            ordinal += 1
        if isinstance(twins, int):
            self._twins[seen.identity] = ordinal + 1
        else:
            twins.next_ordinal = ordinal + 1
        return self._added(seen, ordinal)

    # A row that the bank says differently ----------------------------------------------------------------------------

    def _has_candidates(self, seen: Seen) -> bool:
        return next(self._candidates(seen), None) is not None

    def _candidates(self, seen: Seen) -> Iterator[Known]:
        """The stored rows that were not shown again so far, and that this one can be."""
        if not self._whole:
            return
        for known in self._by_amount.get((seen.row.amount, seen.row.currency), ()):
            if _place(known) in self._missing and _may_have_become(known, seen):
                yield known

    def _settle(self, held: list[Seen]) -> list[Write]:
        """Link a row to the one stored row that it can be, if that row can be no other's; else it is a new row."""
        claims = [list(self._candidates(one)) for one in held]
        wanted = Counter(known.id for candidates in claims for known in candidates)
        return [
            self._changed(one, candidates[0])
            if len(candidates) == 1 and wanted[candidates[0].id] == 1
            else self._new(one)
            for one, candidates in zip(held, claims, strict=True)
        ]

    # Writes -----------------------------------------------------------------------------------------------------------

    def _update(self, seen: Seen, known: Known) -> Write | None:
        unchanged = known.digest == seen.digest and not known.removed
        if unchanged:
            self._mark(known)
            return None
        return self._changed(seen, known)

    def _changed(self, seen: Seen, known: Known) -> Write:
        self._mark(known)
        if known.removed:
            return self._write(ChangeKind.ADDED, "reappeared", seen, known.id, known.ordinal)
        booked = known.status in _UNSETTLED and seen.row.status is TransactionStatus.BOOKED
        ordinal = known.ordinal if known.identity == seen.identity else 0
        return self._write(ChangeKind.MODIFIED, "booked" if booked else "content", seen, known.id, ordinal)

    def _added(self, seen: Seen, ordinal: int) -> Write:
        identity = id_of(self._account_id, seen.identity, ordinal)
        return self._write(ChangeKind.ADDED, "new", seen, identity, ordinal)

    def _removed(self, known: Known) -> Write:
        return Write(kind=ChangeKind.REMOVED, reason="gone", id=known.id, account_id=self._account_id)

    def _write(self, kind: ChangeKind, reason: str, seen: Seen, row_id: str, ordinal: int) -> Write:
        return Write(
            kind=kind,
            reason=reason,
            id=row_id,
            account_id=self._account_id,
            identity=seen.identity,
            ordinal=ordinal,
            digest=seen.digest,
            row=seen.row,
            raw=seen.raw,
        )

    def _mark(self, known: Known) -> None:
        """Remember a stored row as shown again. Stable rows need no mark but to leave `missing`: memory stays flat."""
        self._missing.pop(_place(known), None)
        twins = self._twins.get(known.identity, 0)
        if not isinstance(twins, int):
            free = [twin for twin in twins.free if twin.id != known.id]
            self._twins[known.identity] = _Twins(twins.next_ordinal, free) if free else twins.next_ordinal


@dataclass(slots=True)
class _Twins:
    """The stored rows of one identity that were not shown again so far, and the ordinal of the next new one.

    Where none is left, the ordinal alone is kept: a first reading has an identity for each of its rows.
    """

    next_ordinal: int
    free: list[Known]


def _place(known: Known) -> str:
    """Where a row is kept among the expected ones: a stable identity is one row's alone, a fingerprint is not."""
    return known.id if is_fingerprint(known.identity) else known.identity


def _twins(stored: list[Known]) -> int | _Twins:
    next_ordinal = 1 + max((known.ordinal for known in stored), default=-1)
    return _Twins(next_ordinal, stored) if stored else next_ordinal


def _grouped(known: Iterable[Known]) -> defaultdict[str, list[Known]]:
    groups: defaultdict[str, list[Known]] = defaultdict(list)
    for one in known:
        groups[one.identity].append(one)
    return groups


def _known(write: Write) -> Known:
    assert write.row is not None  # noqa: S101 - only added rows come here
    return Known(
        id=write.id,
        identity=write.identity,
        ordinal=write.ordinal,
        digest=write.digest,
        status=write.row.status,
        date=write.row.date,
        amount=write.row.amount,
        currency=write.row.currency,
        removed=False,
    )


def _by_amount(rows: Iterable[Known]) -> Mapping[tuple[Decimal, str], list[Known]]:
    groups: defaultdict[tuple[Decimal, str], list[Known]] = defaultdict(list)
    for known in rows:
        groups[known.amount, known.currency].append(known)
    return groups


def _may_have_become(known: Known, seen: Seen) -> bool:
    """Whether a stored row of the same amount may be the one that is now shown under another identity."""
    row = seen.row
    if known.removed or row.status is not TransactionStatus.BOOKED or known.date is None or row.date is None:
        return False
    if known.status is TransactionStatus.BOOKED:  # its text has changed; a stable id would not have
        return not seen.is_stable and is_fingerprint(known.identity) and known.date == row.date
    return known.status in _UNSETTLED and -BOOKED_BEFORE <= row.date - known.date <= BOOKED_WITHIN
