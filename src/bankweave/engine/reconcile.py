"""From what a provider shows to what has changed. Pure, and idempotent: the same rows again change nothing.

One `Reading` is made per account and pass. Pages go in, in any split; `finish` settles what only the end can tell: which
pending row a booking belongs to, which row is a twin's, and what is gone. Until then such rows are held back, and the
caller must not move its stored cursor past them (`can_resume`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from bankweave.engine.identity import Seen, id_of, is_fingerprint
from bankweave.model import ChangeKind, ObservedTransaction, TransactionStatus
from bankweave.store.base import Known, Write

BOOKED_WITHIN = timedelta(days=14)  # a card payment is booked at most this long after it was made
BOOKED_BEFORE = timedelta(days=1)  # some banks date the booking to the day before the payment they reported


class Reading:
    """One pass over one account.

    `expected` are the stored rows that a whole pass must show again. `whole` is False when the pass goes on from a cursor,
    or the provider says that rows are missing: then nothing is taken for gone, and nothing for the booking of a pending row.
    """

    def __init__(self, account_id: str, expected: Iterable[Known] = (), *, whole: bool = True) -> None:
        self._account_id = account_id
        self._missing = {known.id: known for known in expected}
        self._pending = [known for known in self._missing.values() if known.status is TransactionStatus.PENDING]
        self._whole = whole
        self._taken: set[str] = set()
        self._held: list[Seen] = []
        self._unstable = False
        self._twins: dict[str, list[Known]] = {}

    @property
    def can_resume(self) -> bool:
        """Whether a new reading could go on after the last page: no row so far depends on what this one remembers."""
        return not (self._held or self._unstable)

    def lacks_rows(self) -> None:
        """The provider says that rows are missing."""
        self._whole = False

    def page(self, seen: Sequence[Seen], known: Iterable[Known]) -> list[Write]:
        """Take a page. `known` are the stored rows with one of the page's identities."""
        stored = _grouped(known)
        writes = (self._take(one, stored[one.identity]) for one in seen)
        return [write for write in writes if write is not None]

    def finish(self) -> list[Write]:
        """Settle what was held back, and remove what is gone."""
        writes = [self._settle_twin(one) for one in self._held if not one.is_stable]
        writes += self._settle_bookings([one for one in self._held if one.is_stable])
        self._held.clear()
        if self._whole:
            writes += [self._removed(known) for known in self._missing.values() if not known.removed]
        return writes

    # One row ----------------------------------------------------------------------------------------------------------

    def _take(self, seen: Seen, stored: list[Known]) -> Write | None:
        if seen.is_stable:
            return self._take_stable(seen, stored)
        self._unstable = True
        return self._take_twin(seen, self._twins.setdefault(seen.identity, stored))

    def _take_stable(self, seen: Seen, stored: list[Known]) -> Write | None:
        if stored:
            return self._update(seen, stored[0])
        if self._may_be_a_booking(seen):
            self._held.append(seen.alone())
            return None
        added = self._added(seen, ordinal=0)
        stored.append(_known(added))  # the same row once more on this page, when rows shift between two requests
        return added

    def _take_twin(self, seen: Seen, stored: list[Known]) -> Write | None:
        free = [known for known in stored if known.id not in self._taken]
        same = next((known for known in free if known.digest == seen.digest), None)
        if same is not None:
            return self._update(seen, same)
        if free:
            self._held.append(seen.alone())
            return None
        return self._add_twin(seen, stored)

    def _add_twin(self, seen: Seen, stored: list[Known]) -> Write:
        added = self._added(seen, ordinal=1 + max((known.ordinal for known in stored), default=-1))
        stored.append(_known(added))
        self._taken.add(added.id)
        return added

    def _settle_twin(self, seen: Seen) -> Write:
        stored = self._twins[seen.identity]
        free = [known for known in stored if known.id not in self._taken]
        return self._changed(seen, free[0]) if free else self._add_twin(seen, stored)

    # A pending row and its booking ------------------------------------------------------------------------------------

    def _may_be_a_booking(self, seen: Seen) -> bool:
        return self._whole and any(_may_have_become(known, seen.row) for known in self._missing_pending())

    def _missing_pending(self) -> Iterator[Known]:
        """The pending rows that were not shown again so far: few, whatever the length of the history."""
        return (known for known in self._pending if known.id in self._missing)

    def _settle_bookings(self, bookings: list[Seen]) -> list[Write]:
        """Link a booking to the one pending row that it can be, if that row can be no other's; else it is a new row."""
        pending = list(self._missing_pending()) if self._whole else []
        claims = {id(one): [known for known in pending if _may_have_become(known, one.row)] for one in bookings}
        wanted = [known.id for candidates in claims.values() for known in candidates]
        writes = []
        for one in bookings:
            candidates = claims[id(one)]
            if len(candidates) == 1 and wanted.count(candidates[0].id) == 1:
                writes.append(self._changed(one, candidates[0]))
            else:
                writes.append(self._added(one, ordinal=0))
        return writes

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
        booked = known.status is TransactionStatus.PENDING and seen.row.status is TransactionStatus.BOOKED
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
        self._missing.pop(known.id, None)
        if is_fingerprint(known.identity):
            self._taken.add(known.id)


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


def _may_have_become(known: Known, booking: ObservedTransaction) -> bool:
    if known.removed or booking.status is not TransactionStatus.BOOKED:
        return False
    if (known.amount, known.currency) != (booking.amount, booking.currency):
        return False
    if known.date is None or booking.date is None:
        return False
    return -BOOKED_BEFORE <= booking.date - known.date <= BOOKED_WITHIN
