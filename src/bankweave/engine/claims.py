"""A flow is worked on by one process at a time: a compare-and-set on its record, with a lease that its holder prolongs."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

import anyio

from bankweave.clock import Clock
from bankweave.errors import StoreError
from bankweave.flow import FlowRecord
from bankweave.store.base import Store

log = logging.getLogger("bankweave.flows")

LEASE = timedelta(seconds=90)  # how long the claim of a killed process blocks the others
BEAT = 30.0  # real seconds between two prolongations


@dataclass(slots=True)
class Claim:
    """A flow that is ours. `record` is its newest version, which every write has to begin with."""

    record: FlowRecord
    _store: Store
    _clock: Clock

    async def keep(self) -> None:
        """Prolong the claim again and again, beside whatever takes so long."""
        while True:
            await anyio.sleep(BEAT)
            try:
                if not await self._prolong():
                    return
            except StoreError as error:  # the next beat may do better; what runs beside us must not be stopped midway
                log.warning("claim_not_prolonged", extra={"flow_id": self.record.id, "error": error.code})

    async def _prolong(self) -> bool:
        longer = _claimed(self.record, self._clock)
        if not await self._store.save_flow(longer):
            return False
        self.record = longer
        return True

    async def give_back(self) -> None:
        """Leave the flow as it was."""
        await self._store.save_flow(replace(self.record, lease_until=None, version=self.record.version + 1))


async def take(store: Store, clock: Clock, record: FlowRecord) -> Claim | None:
    """Claim a flow; None while another has it, or where another was faster."""
    claimed = _claimed(record, clock)
    if is_claimed(record, clock) or not await store.save_flow(claimed):
        return None
    return Claim(claimed, store, clock)


def is_claimed(record: FlowRecord, clock: Clock) -> bool:
    return record.lease_until is not None and record.lease_until > clock.now()


def _claimed(record: FlowRecord, clock: Clock) -> FlowRecord:
    return replace(record, lease_until=clock.now() + LEASE, version=record.version + 1)
