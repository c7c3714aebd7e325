"""The records of flows, opened: what each is about, where it stands, and what a program sees of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bankweave.engine.callback import digest
from bankweave.engine.claims import is_claimed
from bankweave.engine.envelope import Envelope, Payment, seal, unseal
from bankweave.engine.parts import Parts
from bankweave.errors import (
    BankweaveError,
    Failure,
    FlowExpired,
    FlowOver,
    Origin,
    OutcomeUnknown,
    UnknownFlow,
)
from bankweave.flow import TRANSITIONS, Failed, Flow, FlowRecord, FlowStatus, Purpose, Redirect
from bankweave.store.base import Scope

_LIVE = frozenset({FlowStatus.ASKING, FlowStatus.WAITING})
_LOOK = "outcome() finds out, by the transfers that the bank shows"


class Records:
    """Reads records, and says what is in them."""

    def __init__(self, parts: Parts) -> None:
        self._store = parts.store
        self._vault = parts.vault
        self._clock = parts.clock
        self._registry = parts.providers.registry

    async def find(self, flow_id: str) -> FlowRecord:
        record = await self._store.flow(flow_id)
        if record is None:
            raise UnknownFlow("there is no flow with this id; list them, or begin a new one")
        return self._as_it_stands(record)

    async def by_callback(self, params: Mapping[str, str]) -> FlowRecord:
        for name, value in params.items():
            record = await self._store.flow_by_correlation(digest(value))
            if record is not None and self._registry.load(record.adapter).info.callback_key == name:
                return self._as_it_stands(record)
        message = "no flow waits for this callback; its key is unknown or altered. Begin a new flow"
        raise UnknownFlow(message, origin=Origin(operation="callback"))

    async def listed(self, scope: Scope, statuses: Sequence[FlowStatus] | None) -> list[FlowRecord]:
        return [self._as_it_stands(record) for record in await self._store.flows(scope, statuses)]

    def _as_it_stands(self, record: FlowRecord) -> FlowRecord:
        """A claim on a payment that was never given back: a process died while the bank was asked, so nobody knows."""
        dead = record.purpose is Purpose.PAY and record.lease_until is not None and not is_claimed(record, self._clock)
        if not dead or not TRANSITIONS[record.status]:
            return record
        return self.emptied(replace(record, status=FlowStatus.FAILED, failure=Failure.of(cut_short(record))))

    # What is in a record ------------------------------------------------------------------------------------------------

    def is_expired(self, record: FlowRecord) -> bool:
        return record.status in _LIVE and record.expires_at is not None and record.expires_at <= self._clock.now()

    def may_be_paid(self, record: FlowRecord) -> bool:
        """Whether the bank may have executed a payment by now, without a word from us: it works, or asks the person itself."""
        if record.purpose is not Purpose.PAY or record.status not in _LIVE:
            return False
        return record.poll_at is not None or isinstance(self.envelope(record).interaction, Redirect)

    def envelope(self, record: FlowRecord) -> Envelope:
        return unseal(self._vault, record)

    def payment(self, record: FlowRecord) -> Payment | None:
        return self.envelope(record).payment

    def sealed(self, record: FlowRecord, envelope: Envelope) -> FlowRecord:
        return replace(record, sealed=seal(self._vault, record, envelope))

    def under_newest_key(self, record: FlowRecord) -> FlowRecord:
        """The same record; what is written of it later must not bring back a key that was let go meanwhile."""
        if not record.sealed:
            return record
        return replace(record, sealed=self._vault.reseal(record.sealed, f"flow/{record.id}"))

    def emptied(self, record: FlowRecord) -> FlowRecord:
        """Forget what an ended flow needed, but for what a payment was about."""
        payment = self.payment(record)
        kept = self.sealed(record, Envelope(payment=payment)) if payment else replace(record, sealed=b"")
        return replace(kept, poll_at=None)

    def view(self, record: FlowRecord) -> Flow:
        envelope = self.envelope(record)
        return Flow(
            id=record.id,
            adapter=record.adapter,
            owner=record.owner,
            connection_id=record.connection_id,
            purpose=record.purpose,
            status=record.status,
            created_at=record.created_at,
            interaction=envelope.interaction,
            poll_at=record.poll_at,
            expires_at=record.expires_at,
            failure=record.failure,
            institution_id=record.institution_id,
            country=record.country,
            transfers=envelope.payment.transfers if envelope.payment else (),
        )


def failure_of(step: Failed) -> Failure:
    return Failure(
        kind=Failed.__name__,
        message=step.message,
        code=step.reason.value,
        provider_code=step.provider_code,
        needs_user=step.reason.needs_user,
        retry_at=step.retry_at,
    )


# Payments of which nobody knows ------------------------------------------------------------------------------------------


def cut_short(record: FlowRecord) -> OutcomeUnknown:
    return _unknown(record, f"asking the bank was cut short, and nobody knows what it did; {_LOOK}")


def unheard(record: FlowRecord) -> OutcomeUnknown:
    return _unknown(record, f"the bank may have executed it, and has not been asked since; {_LOOK}")


def unusable(record: FlowRecord, error: BankweaveError) -> OutcomeUnknown:
    what = type(error).__name__
    return _unknown(record, f"the bank was asked, and its answer is lost ({what}): nobody knows what it did; {_LOOK}")


def _unknown(record: FlowRecord, message: str) -> OutcomeUnknown:
    origin = Origin(adapter=record.adapter, operation=record.purpose.value, connection_id=record.connection_id)
    return OutcomeUnknown(message, origin=origin)


def ended(flow: Flow) -> BankweaveError:
    """The error for asking an ended flow to go on; one whose outcome nobody knows says so again, and not to begin anew."""
    if flow.failure is not None and flow.failure.kind == OutcomeUnknown.__name__:
        origin = Origin(adapter=flow.adapter, operation=flow.purpose.value, connection_id=flow.connection_id)
        return OutcomeUnknown(flow.failure.message, origin=origin, code=flow.failure.code)
    if flow.status is FlowStatus.EXPIRED:
        return FlowExpired("the link, code or approval came too late; begin a new flow", flow=flow)
    return FlowOver(f"this flow has ended ({flow.status.value}); begin a new one", flow=flow)
