"""Flows: claim the record, ask the adapter, fold its step, save. The only place that moves a flow.

A flow is claimed by a compare-and-set with a lease before the provider is called, so that two deliveries of one callback
cannot both exchange its code; record and grant are saved in one transaction after. A delivery that comes too late reports
where the flow stands.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import anyio
from pydantic import ValidationError

from bankweave.adapter import AnyAdapter, Context
from bankweave.engine.callback import digest, read_callback
from bankweave.engine.envelope import Envelope, Payment, seal, unseal
from bankweave.engine.lease import LOOK_AGAIN
from bankweave.engine.origin import located
from bankweave.engine.parts import Parts
from bankweave.engine.tokens import GrantKeeper, grant_record
from bankweave.errors import (
    AdapterBug,
    BankweaveError,
    Failure,
    FlowBusy,
    FlowExpired,
    FlowOver,
    IncompatibleAdapter,
    NotAsking,
    Origin,
    OutcomeUnknown,
    ProviderUnavailable,
    UnknownFlow,
)
from bankweave.flow import (
    TRANSITIONS,
    Answer,
    Ask,
    Callback,
    Challenge,
    Connected,
    Done,
    Due,
    Event,
    Failed,
    Flow,
    FlowRecord,
    FlowStatus,
    Intent,
    Interaction,
    Purpose,
    Redirect,
    Step,
    Wait,
)
from bankweave.model import Connection
from bankweave.store.base import Scope

log = logging.getLogger("bankweave.flows")

LEASE = timedelta(seconds=90)  # longer than one step may take
LONGEST_QUESTION = timedelta(days=1)  # where the provider does not say until when a person may come back or answer


class Flows:
    """Moves flows. Every method returns the flow as it stands afterwards."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._providers = parts.providers
        self._store = parts.store
        self._vault = parts.vault
        self._clock = parts.clock

    async def begin(self, adapter: str, owner: str, purpose: Purpose, intent: Intent, connection_id: str) -> Flow:
        """Begin a flow. When the adapter raises, there is none."""
        record = self._started(uuid4().hex, adapter, owner, purpose, connection_id)
        with located(adapter, connection_id):
            provider = self._providers.get(adapter)
            step = await provider.adapter.begin(self._context(provider.adapter, record), intent)
        await self._store.add_flow(record)
        return await self._go_on(await self._fold(provider.adapter, record, step))

    async def begin_payment(
        self, flow_id: str, connection: Connection, payment: Payment, first: Callable[[Context], Awaitable[Step]]
    ) -> Flow:
        """Begin a flow that may move money. It is stored before `first` asks the provider, and stays if that fails."""
        adapter = self._providers.get(connection.adapter).adapter
        fresh = self._started(flow_id, connection.adapter, connection.owner, Purpose.PAY, connection.id)
        record = replace(fresh, sealed=seal(self._vault, fresh, Envelope(payment=payment)))
        await self._store.add_flow(record)
        async with self._claimed(record) as claimed:
            with located(connection.adapter, connection.id):
                step = await first(self._context(adapter, record))
        return await self._go_on(await self._fold(adapter, claimed, step))

    def _started(self, flow_id: str, adapter: str, owner: str, purpose: Purpose, connection_id: str) -> FlowRecord:
        now = self._clock.now()
        return FlowRecord(
            id=flow_id,
            adapter=adapter,
            owner=owner,
            connection_id=connection_id,
            purpose=purpose,
            status=FlowStatus.STARTED,
            created_at=now,
            updated_at=now,
        )

    def _context(self, adapter: AnyAdapter, record: FlowRecord) -> Context:
        """Hand the adapter its context; a connection that exists lends its access."""
        exists = record.purpose is not Purpose.CONNECT
        keeper = GrantKeeper(record.connection_id, adapter, self._parts) if exists else None
        return self._providers.context(record.adapter, record.owner, record.connection_id, keeper)

    async def callback(self, url: str, owner: str | None) -> Flow:
        """Take the URL that a person came back to, in any browser. A second delivery reports where the flow stands."""
        params = read_callback(url)
        record = await self._by_callback(params)
        if owner is not None and record.owner != owner:
            raise UnknownFlow("this callback belongs to another owner's flow; nothing was done with it")
        if record.status in {FlowStatus.WAITING, FlowStatus.CONNECTED}:
            return self._view(record)
        if not isinstance(self._interaction(record), Redirect) and record.status is FlowStatus.ASKING:
            return self._view(record)
        return await self._deliver(record, Callback(params))

    async def answer(self, flow_id: str, values: Mapping[str, str]) -> Flow:
        record = await self._record(flow_id)
        interaction = self._interaction(record)
        if record.status is FlowStatus.ASKING:
            _check_answer(interaction, values, self._view(record))
        elif record.status is FlowStatus.WAITING:
            raise NotAsking("this flow asks nothing right now; wait for it", flow=self._view(record))
        return await self._deliver(record, Answer(dict(values)))

    async def look(self, flow_id: str) -> Flow:
        """Look whether something happened, if it is time to."""
        record = await self._record(flow_id)
        is_due = record.poll_at is not None and record.poll_at <= self._clock.now()
        if record.status in {FlowStatus.ASKING, FlowStatus.WAITING} and (is_due or self._is_expired(record)):
            return await self._deliver(record, Due())
        return self._view(record)

    async def settle(self, flow_id: str, until: datetime) -> Flow:
        """Look again and again until the flow is over, or only the person can move it, or it is `until`."""
        flow = self._view(await self._record(flow_id))
        while not flow.over and flow.poll_at is not None and flow.poll_at <= until:
            await self._clock.sleep((flow.poll_at - self._clock.now()).total_seconds())
            try:
                flow = await self.look(flow_id)
            except FlowBusy:  # another process is looking, and what it finds counts for us as well
                flow = await self.get(flow_id)
                if self._clock.now() >= until:
                    break
                await self._clock.sleep(LOOK_AGAIN)
        return flow

    async def cancel(self, flow_id: str) -> Flow:
        """End a flow from our side; the provider is not asked. Idempotent."""
        record = await self._record(flow_id)
        if self._view(record).over:
            return self._view(record)
        return await self._write(record, self._emptied(replace(record, status=FlowStatus.CANCELLED)))

    async def get(self, flow_id: str) -> Flow:
        return self._view(await self._record(flow_id))

    async def payment(self, flow_id: str) -> Payment | None:
        """What a payment flow is about, also after its end."""
        return self._payment(await self._record(flow_id))

    async def flows(self, scope: Scope, statuses: Sequence[FlowStatus] | None = None) -> tuple[Flow, ...]:
        return tuple(self._view(record) for record in await self._store.flows(scope, statuses))

    # One step ---------------------------------------------------------------------------------------------------------

    async def _deliver(self, record: FlowRecord, event: Event) -> Flow:
        if self._is_expired(record):
            return await self._expire(record, event)
        if not TRANSITIONS[record.status]:
            raise ended(self._view(record))
        if record.status is FlowStatus.STARTED and not _is_cut_short(record):
            raise FlowOver("this flow never got beyond its beginning; begin a new one", flow=self._view(record))
        adapter = self._providers.get(record.adapter).adapter
        envelope = unseal(self._vault, record)
        async with self._claimed(record) as claimed:
            _check_not_cut_short(record)
            ctx = self._context(adapter, record)
            with located(record.adapter, record.connection_id):
                step = await adapter.resume(ctx, _read_state(adapter, envelope.state), event)
        flow = await self._fold(adapter, claimed, step)
        return flow if isinstance(event, Due) else await self._go_on(flow)

    async def _go_on(self, flow: Flow) -> Flow:
        """Take the steps that are due at once: an adapter saves what it has got before it does what cannot be repeated."""
        return await self.settle(flow.id, self._clock.now())

    @asynccontextmanager
    async def _claimed(self, record: FlowRecord) -> AsyncIterator[FlowRecord]:
        """Hold the flow alone while the provider is asked. What fails for good ends it; what may pass leaves it as it was."""
        now = self._clock.now()
        claimed = replace(record, lease_until=now + LEASE, version=record.version + 1)
        if (record.lease_until or now) > now or not await self._store.save_flow(claimed):
            raise FlowBusy("another process is working on this flow; ask again in a moment", flow=self._view(record))
        try:
            yield claimed
        except BankweaveError as error:
            if isinstance(error, ProviderUnavailable) and record.status is not FlowStatus.STARTED:
                await self._release(claimed)
            else:
                await self._fail(claimed, Failure.of(error))
            raise
        except BaseException:
            if record.purpose is not Purpose.PAY:  # else as good as a crash: see _check_not_cut_short
                with anyio.CancelScope(shield=True):
                    await self._release(claimed)
            raise

    async def _release(self, record: FlowRecord) -> None:
        await self._store.save_flow(replace(record, lease_until=None, version=record.version + 1))

    async def _fail(self, record: FlowRecord, failure: Failure) -> Flow:
        ended = replace(record, status=FlowStatus.FAILED, failure=failure)
        return await self._write(record, self._emptied(ended))

    async def _expire(self, record: FlowRecord, event: Event) -> Flow:
        if record.status is not FlowStatus.EXPIRED:
            await self._write(record, self._emptied(replace(record, status=FlowStatus.EXPIRED)))
        flow = await self.get(record.id)
        if isinstance(event, Due):
            return flow
        raise FlowExpired("the link, code or approval came too late; begin a new flow", flow=flow)

    async def _fold(self, adapter: AnyAdapter, record: FlowRecord, step: Step) -> Flow:
        """Write what the adapter decided."""
        log.info("flow_moved", extra={"adapter": record.adapter, "flow_id": record.id, "step": type(step).__name__})
        match step:
            case Ask():
                sealed = seal(self._vault, record, self._resting(adapter, record, step.state, step.interaction))
                key = record.correlation if step.correlation is None else digest(step.correlation)
                asking = replace(record, status=FlowStatus.ASKING, sealed=sealed, correlation=key)
                until = step.expires_at or self._clock.now() + LONGEST_QUESTION
                times = replace(asking, poll_at=step.poll_at, expires_at=until)
                return await self._write(record, times)
            case Wait():
                sealed = seal(self._vault, record, self._resting(adapter, record, step.state, None))
                waiting = replace(record, status=FlowStatus.WAITING, sealed=sealed)
                return await self._write(record, replace(waiting, poll_at=step.poll_at, expires_at=step.expires_at))
            case Failed():
                failure = Failure(
                    kind="Failed",
                    message=step.message,
                    code=step.reason.value,
                    provider_code=step.provider_code,
                    needs_user=step.reason.needs_user,
                    retry_at=step.retry_at,
                )
                return await self._fail(record, failure)
            case Connected() if record.purpose is not Purpose.PAY:
                return await self._connected(adapter, record, step)
            case Done() if record.purpose is Purpose.PAY:
                return await self._done(record, step)
            case _:
                what = f"the {record.adapter} adapter ended a flow to {record.purpose.value} with {type(step).__name__}"
                bug = AdapterBug(what, origin=Origin(adapter=record.adapter, connection_id=record.connection_id))
                await self._fail(record, Failure.of(bug))
                raise bug

    async def _connected(self, adapter: AnyAdapter, record: FlowRecord, step: Connected[Any]) -> Flow:
        connection = Connection(
            id=record.connection_id,
            owner=record.owner,
            adapter=record.adapter,
            institution_id=step.institution.id if step.institution else None,
            institution_name=step.institution.name if step.institution else None,
            consent=step.consent,
            created_at=self._clock.now(),
        )
        grant = self._vault.seal(adapter.grants.dump_json(step.grant), record=grant_record(connection.id))
        ended = self._next(replace(record, status=FlowStatus.CONNECTED, sealed=b"", poll_at=None, expires_at=None))
        with anyio.CancelScope(shield=True):  # the grant exists at the provider: losing it here would lose the access
            await self._store.finish_flow(ended, connection, grant)
        return await self.get(record.id)

    async def _done(self, record: FlowRecord, step: Done) -> Flow:
        payment = self._payment(record)
        done = Envelope(payment=payment and replace(payment, transfers=step.transfers))
        ended = replace(
            record, status=FlowStatus.DONE, sealed=seal(self._vault, record, done), poll_at=None, expires_at=None
        )
        return await self._write(record, ended)

    async def _write(self, before: FlowRecord, after: FlowRecord) -> Flow:
        """Save the next version; when another process was faster, what it wrote stands."""
        if after.status not in TRANSITIONS[before.status]:
            raise FlowOver(
                f"a flow cannot go from {before.status.value} to {after.status.value}", flow=self._view(before)
            )
        with anyio.CancelScope(shield=True):
            await self._store.save_flow(self._next(after))
        return await self.get(before.id)

    def _next(self, record: FlowRecord) -> FlowRecord:
        return replace(record, version=record.version + 1, lease_until=None, updated_at=self._clock.now())

    # Reading a record ---------------------------------------------------------------------------------------------------

    async def _record(self, flow_id: str) -> FlowRecord:
        record = await self._store.flow(flow_id)
        if record is None:
            raise UnknownFlow("there is no flow with this id; list them, or begin a new one")
        return record

    async def _by_callback(self, params: Mapping[str, str]) -> FlowRecord:
        for name, value in params.items():
            record = await self._store.flow_by_correlation(digest(value))
            if record is not None and self._providers.registry.load(record.adapter).info.callback_key == name:
                return record
        message = "no flow waits for this callback; its key is unknown or altered. Begin a new flow"
        raise UnknownFlow(message, origin=Origin(operation="callback"))

    def _is_expired(self, record: FlowRecord) -> bool:
        if record.status is FlowStatus.EXPIRED:
            return True
        if _is_cut_short(record):
            return False
        live = record.status in {FlowStatus.ASKING, FlowStatus.WAITING}
        return live and record.expires_at is not None and record.expires_at <= self._clock.now()

    def _interaction(self, record: FlowRecord) -> Interaction | None:
        return unseal(self._vault, record).interaction

    def _payment(self, record: FlowRecord) -> Payment | None:
        return unseal(self._vault, record).payment if record.purpose is Purpose.PAY else None

    def _emptied(self, record: FlowRecord) -> FlowRecord:
        """Forget what an ended flow needed, but for what a payment was about."""
        payment = self._payment(record)
        sealed = seal(self._vault, record, Envelope(payment=payment)) if payment else b""
        return replace(record, sealed=sealed, poll_at=None)

    def _resting(
        self, adapter: AnyAdapter, record: FlowRecord, state: Any, interaction: Interaction | None
    ) -> Envelope:
        return Envelope(adapter.states.dump_json(state).decode(), interaction, self._payment(record))

    def _view(self, record: FlowRecord) -> Flow:
        envelope = unseal(self._vault, record)
        return Flow(
            id=record.id,
            adapter=record.adapter,
            owner=record.owner,
            connection_id=record.connection_id,
            purpose=record.purpose,
            status=record.status,
            interaction=envelope.interaction,
            poll_at=record.poll_at,
            expires_at=record.expires_at,
            failure=record.failure,
            transfers=envelope.payment.transfers if envelope.payment else (),
        )


def ended(flow: Flow) -> BankweaveError:
    """The error for asking an ended flow to go on; one whose outcome nobody knows says so again, and not to begin anew."""
    if flow.failure is not None and flow.failure.kind == OutcomeUnknown.__name__:
        origin = Origin(adapter=flow.adapter, operation=flow.purpose.value, connection_id=flow.connection_id)
        return OutcomeUnknown(flow.failure.message, origin=origin, code=flow.failure.code)
    return FlowOver(f"this flow has ended ({flow.status.value}); begin a new one", flow=flow)


def _read_state(adapter: AnyAdapter, state: str) -> Any:
    with suppress(ValidationError):  # it would carry the state along
        return adapter.states.validate_json(state)
    raise IncompatibleAdapter(
        f"this flow was begun by another version of the {adapter.info.name} adapter; begin a new flow"
    )


def _check_answer(interaction: Interaction | None, values: Mapping[str, str], flow: Flow) -> None:
    if not isinstance(interaction, Challenge):
        raise NotAsking("this flow waits for the person to come back from the redirect, not for an answer", flow=flow)
    asked = {field.name for field in interaction.fields}
    if asked != set(values):
        raise NotAsking(f"answer exactly these fields: {', '.join(sorted(asked)) or 'none'}", flow=flow)


def _check_not_cut_short(record: FlowRecord) -> None:
    """Refuse to go on with a payment that somebody began to ask the bank for, and never said how that ended."""
    if _is_cut_short(record):
        message = (
            "asking the bank was cut short, and nobody knows what it did; outcome() finds out, by the transfers that"
            " the bank shows"
        )
        raise OutcomeUnknown(message, origin=Origin(adapter=record.adapter, operation="transfer"))


def _is_cut_short(record: FlowRecord) -> bool:
    """Whether a claim was never given back: a process died, or was interrupted, while the bank was asked to pay."""
    return record.purpose is Purpose.PAY and record.lease_until is not None
