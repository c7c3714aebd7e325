"""Flows: claim the record, ask the adapter, fold its step, save. The only place that moves a flow.

A flow is claimed by a compare-and-set with a lease before the provider is called, so that two deliveries of one callback
cannot both exchange its code, and nobody cancels what is just being done; record and grant are saved in one transaction
after. A delivery that comes too late reports where the flow stands.
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

from bankweave.adapter import AnyAdapter, Context, Revocable
from bankweave.engine.beside import running_beside
from bankweave.engine.callback import digest, read_callback
from bankweave.engine.claims import LEASE, Claim, is_claimed, take
from bankweave.engine.envelope import Envelope, Payment
from bankweave.engine.lease import LOOK_AGAIN
from bankweave.engine.origin import located
from bankweave.engine.parts import Parts
from bankweave.engine.records import Records, cut_short, ended, failure_of, unheard, unusable
from bankweave.engine.tokens import GrantKeeper, grant_record
from bankweave.errors import (
    AdapterBug,
    BankweaveError,
    Failure,
    FlowBusy,
    FlowOver,
    IncompatibleAdapter,
    MalformedAnswer,
    NotAsking,
    Origin,
    ProviderUnavailable,
    StoreError,
    UnknownConnection,
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
    Refresh,
    Step,
    Wait,
)
from bankweave.model import Connection
from bankweave.store.base import Scope

log = logging.getLogger("bankweave.flows")

LONGEST_QUESTION = timedelta(days=1)  # where the provider does not say until when a person may come back or answer
_DOUBTFUL = (AdapterBug, MalformedAnswer, StoreError)  # after which a bank that was asked to pay may have done so


class Flows:
    """Moves flows. Every method returns the flow as it stands afterwards."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._providers = parts.providers
        self._store = parts.store
        self._vault = parts.vault
        self._clock = parts.clock
        self._records = Records(parts)

    async def begin(self, adapter: str, owner: str, purpose: Purpose, intent: Intent, connection_id: str) -> Flow:
        """Begin a flow. When the adapter raises, there is none."""
        fresh = self._started(uuid4().hex, adapter, owner, purpose, connection_id)
        record = replace(fresh, institution_id=None if isinstance(intent, Refresh) else intent.institution)
        version = await self._grant_version(connection_id)
        with located(adapter, connection_id):
            provider = self._providers.get(adapter)
            step = await provider.adapter.begin(self._context(provider.adapter, record), intent)
        if purpose is Purpose.REFRESH:
            record = self._records.sealed(record, Envelope(grant_version=version))
            await self._store.forget_refreshes(connection_id)
        try:
            await self._store.add_flow(record)
        except UnknownConnection:
            await self._give_up(provider.adapter, record, step)
            raise
        async with self._claimed(record) as claim:
            flow = await self._fold(provider.adapter, claim.record, step)
        return await self._go_on(flow)

    async def _grant_version(self, connection_id: str) -> int | None:
        grant = await self._store.grant(connection_id)
        return None if grant is None else grant.version

    async def begin_payment(
        self, flow_id: str, connection: Connection, payment: Payment, first: Callable[[Context], Awaitable[Step]]
    ) -> Flow:
        """Begin a flow that may move money. It is stored before `first` asks the provider, and stays if that fails."""
        adapter = self._providers.get(connection.adapter).adapter
        fresh = self._started(flow_id, connection.adapter, connection.owner, Purpose.PAY, connection.id)
        record = self._records.sealed(fresh, Envelope(payment=payment))
        await self._store.add_flow(record)
        async with self._claimed(record) as claim:
            step = await self._ask(claim, adapter, first)
            flow = await self._fold(adapter, claim.record, step)
        return await self._go_on(flow)

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
        record = await self._records.by_callback(params)
        if owner is not None and record.owner != owner:
            raise UnknownFlow("this callback belongs to another owner's flow; nothing was done with it")
        if record.status in {FlowStatus.WAITING, FlowStatus.CONNECTED, FlowStatus.DONE}:
            return self._records.view(record)
        if not isinstance(self._interaction(record), Redirect) and record.status is FlowStatus.ASKING:
            return self._records.view(record)
        return await self._deliver(record, Callback(params))

    async def answer(self, flow_id: str, values: Mapping[str, str]) -> Flow:
        record = await self._records.find(flow_id)
        if record.status is FlowStatus.ASKING:
            _check_answer(self._interaction(record), values, self._records.view(record))
        elif record.status is FlowStatus.WAITING:
            raise NotAsking("this flow asks nothing right now; wait for it", flow=self._records.view(record))
        return await self._deliver(record, Answer(dict(values)))

    async def look(self, flow_id: str) -> Flow:
        """Look whether something happened, if it is time to."""
        record = await self._records.find(flow_id)
        is_due = record.poll_at is not None and record.poll_at <= self._clock.now()
        if record.status in {FlowStatus.ASKING, FlowStatus.WAITING} and (is_due or self._records.is_expired(record)):
            return await self._deliver(record, Due())
        return self._records.view(record)

    async def settle(self, flow_id: str, until: datetime) -> Flow:
        """Look again and again until the flow is over, or only the person can move it, or it is `until`."""
        flow = await self.get(flow_id)
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
        """End a flow from our side; the provider is not asked. Whoever is working on it is waited for. Idempotent."""
        record = await self._at_rest(flow_id)
        if not TRANSITIONS[record.status]:
            return self._records.view(record)
        async with self._claimed(record) as claim:
            if self._records.may_be_paid(record):
                return await self._fail(claim.record, Failure.of(unheard(record)))
            return await self._write(claim.record, self._end(claim.record, FlowStatus.CANCELLED))

    async def _at_rest(self, flow_id: str) -> FlowRecord:
        """Wait until nobody works on a flow, but no longer than a dead process blocks it."""
        give_up = self._clock.now() + LEASE
        while is_claimed(record := await self._records.find(flow_id), self._clock) and self._clock.now() <= give_up:
            await self._clock.sleep(LOOK_AGAIN)
        return record

    async def get(self, flow_id: str) -> Flow:
        return self._records.view(await self._records.find(flow_id))

    async def payment(self, flow_id: str) -> Payment | None:
        """What a payment flow is about, also after its end."""
        return self._records.payment(await self._records.find(flow_id))

    async def flows(self, scope: Scope, statuses: Sequence[FlowStatus] | None = None) -> tuple[Flow, ...]:
        return tuple(self._records.view(record) for record in await self._records.listed(scope, statuses))

    # One step ---------------------------------------------------------------------------------------------------------

    async def _deliver(self, record: FlowRecord, event: Event) -> Flow:
        if not TRANSITIONS[record.status]:
            raise ended(self._records.view(record))
        if record.status is FlowStatus.STARTED:
            raise FlowOver("this flow never got beyond its beginning; begin a new one", flow=self._records.view(record))
        async with self._claimed(record) as claim:
            if self._records.is_expired(record):
                late = await self._expire(claim.record)
            else:
                late, flow = None, await self._resume(claim, event)
        if late is not None and not isinstance(event, Due):
            raise ended(late)
        return late or (flow if isinstance(event, Due) else await self._go_on(flow))

    async def _resume(self, claim: Claim, event: Event) -> Flow:
        adapter = self._providers.get(claim.record.adapter).adapter
        state = _read_state(adapter, self._records.envelope(claim.record).state)
        step = await self._ask(claim, adapter, lambda ctx: adapter.resume(ctx, state, event))
        return await self._fold(adapter, claim.record, step)

    async def _ask(self, claim: Claim, adapter: AnyAdapter, ask: Callable[[Context], Awaitable[Step]]) -> Step:
        """Ask the adapter what comes next, however long that takes."""
        record = claim.record
        with located(record.adapter, record.connection_id):
            async with running_beside(claim.keep):
                return await ask(self._context(adapter, record))

    async def _go_on(self, flow: Flow) -> Flow:
        """Take the steps that are due at once: an adapter saves what it has got before it does what cannot be repeated."""
        return flow if flow.over else await self.settle(flow.id, self._clock.now())

    @asynccontextmanager
    async def _claimed(self, record: FlowRecord) -> AsyncIterator[Claim]:
        """Hold the flow alone while it is moved. What fails for good ends it; what may pass leaves it as it was."""
        claim = await take(self._store, self._clock, self._records.under_newest_key(record))
        if claim is None:
            view = self._records.view(record)
            raise FlowBusy("another process is working on this flow; ask again in a moment", flow=view)
        try:
            yield claim
        except BankweaveError as error:
            told = self._told(record, error)
            passes = isinstance(error, ProviderUnavailable) and record.status is not FlowStatus.STARTED
            await self._let_go(claim, None if passes else told)
            raise told from None
        except BaseException:
            # an interrupted payment: the bank may have heard it
            await self._let_go(claim, cut_short(record) if record.purpose is Purpose.PAY else None)
            raise

    def _told(self, record: FlowRecord, error: BankweaveError) -> BankweaveError:
        """The error as the caller should act on it: that a payment may have been executed counts for more than why."""
        asked_to_pay = record.purpose is Purpose.PAY and record.status is not FlowStatus.STARTED
        return unusable(record, error) if asked_to_pay and isinstance(error, _DOUBTFUL) else error

    async def _let_go(self, claim: Claim, error: BankweaveError | None) -> None:
        """Give a claim back, or end the flow. If even that fails, the claim stays, and says as much once it has run out."""
        try:
            with anyio.CancelScope(shield=True):
                await (claim.give_back() if error is None else self._fail(claim.record, Failure.of(error)))
        except BankweaveError as failure:
            log.warning("flow_not_saved", extra={"flow_id": claim.record.id, "error": type(failure).__name__})

    async def _fail(self, record: FlowRecord, failure: Failure) -> Flow:
        return await self._write(record, replace(self._end(record, FlowStatus.FAILED), failure=failure))

    async def _expire(self, record: FlowRecord) -> Flow:
        if self._records.may_be_paid(record):
            return await self._fail(record, Failure.of(unheard(record)))
        return await self._write(record, self._end(record, FlowStatus.EXPIRED))

    def _end(self, record: FlowRecord, status: FlowStatus) -> FlowRecord:
        return self._records.emptied(replace(record, status=status))

    async def _fold(self, adapter: AnyAdapter, record: FlowRecord, step: Step) -> Flow:
        """Write what the adapter decided."""
        log.info("flow_moved", extra={"adapter": record.adapter, "flow_id": record.id, "step": type(step).__name__})
        record = _with_bank(record, step)
        match step:
            case Ask():
                key = record.correlation if step.correlation is None else digest(step.correlation)
                asking = replace(self._resting(adapter, record, step), status=FlowStatus.ASKING, correlation=key)
                until = step.expires_at or self._clock.now() + LONGEST_QUESTION
                return await self._write(record, replace(asking, poll_at=step.poll_at, expires_at=until))
            case Wait():
                waiting = replace(self._resting(adapter, record, step), status=FlowStatus.WAITING)
                return await self._write(record, replace(waiting, poll_at=step.poll_at, expires_at=step.expires_at))
            case Failed():
                return await self._fail(record, failure_of(step))
            case Connected() if record.purpose is not Purpose.PAY:
                return await self._connected(adapter, record, step)
            case Done() if record.purpose is Purpose.PAY:
                return await self._done(record, step)
            case _:
                what = f"the {record.adapter} adapter ended a flow to {record.purpose.value} with {type(step).__name__}"
                raise AdapterBug(what, origin=Origin(adapter=record.adapter, connection_id=record.connection_id))

    def _resting(self, adapter: AnyAdapter, record: FlowRecord, step: Ask[Any] | Wait[Any]) -> FlowRecord:
        """The record with what must survive until the next event."""
        state = adapter.states.dump_json(step.state).decode()
        interaction = step.interaction if isinstance(step, Ask) else None
        envelope = replace(self._records.envelope(record), state=state, interaction=interaction)
        return self._records.sealed(record, envelope)

    async def _connected(self, adapter: AnyAdapter, record: FlowRecord, step: Connected[Any]) -> Flow:
        connection = Connection(
            id=record.connection_id,
            owner=record.owner,
            adapter=record.adapter,
            institution_id=step.institution.id if step.institution else None,
            institution_name=step.institution.name if step.institution else None,
            consent=step.consent,
            created_at=self._clock.now(),
            subject=step.subject,
        )
        grant = self._vault.seal(adapter.grants.dump_json(step.grant), record=grant_record(connection.id))
        ended = self._next(replace(record, status=FlowStatus.CONNECTED, sealed=b"", poll_at=None, expires_at=None))
        over = self._records.envelope(record).grant_version
        with anyio.CancelScope(shield=True):  # the grant exists at the provider: losing it here would lose the access
            saved = await self._store.finish_flow(ended, connection, grant, over=over)
            if not saved and await self._is_gone(record):
                await self._give_up(adapter, record, step)
                what = "the connection was disconnected meanwhile; its new access has been ended as well"
                raise UnknownConnection(what, origin=Origin(adapter=record.adapter, connection_id=record.connection_id))
        return await self.get(record.id)

    async def _is_gone(self, record: FlowRecord) -> bool:
        """Whether a flow was erased while it was worked on, and with it the connection that it would have had."""
        connection = await self._store.connection(record.connection_id)
        return (connection is None or connection.is_de_identified) and await self._store.flow(record.id) is None

    async def _give_up(self, adapter: AnyAdapter, record: FlowRecord, step: Step) -> None:
        """End the new access of a connection that was ended meanwhile: nobody has it any more."""
        if isinstance(step, Connected) and isinstance(adapter, Revocable):
            with located(record.adapter, record.connection_id):
                await adapter.revoke(self._context(adapter, record), step.grant)

    async def _done(self, record: FlowRecord, step: Done) -> Flow:
        payment = self._records.payment(record)
        done = Envelope(payment=payment and replace(payment, transfers=step.transfers))
        ended = replace(self._records.sealed(record, done), status=FlowStatus.DONE, poll_at=None, expires_at=None)
        return await self._write(record, ended)

    async def _write(self, before: FlowRecord, after: FlowRecord) -> Flow:
        """Save the next version. When another process was faster, what it wrote stands; but a bank's answer is told."""
        if after.status not in TRANSITIONS[before.status]:
            view = self._records.view(before)
            raise FlowOver(f"a flow cannot go from {before.status.value} to {after.status.value}", flow=view)
        written = self._next(after)
        with anyio.CancelScope(shield=True):
            saved = await self._store.save_flow(written)
        return self._records.view(written) if saved or after.status is FlowStatus.DONE else await self.get(before.id)

    def _next(self, record: FlowRecord) -> FlowRecord:
        return replace(record, version=record.version + 1, lease_until=None, updated_at=self._clock.now())

    def _interaction(self, record: FlowRecord) -> Interaction | None:
        return self._records.envelope(record).interaction


def _with_bank(record: FlowRecord, step: Step) -> FlowRecord:
    """Note which bank a step is about, for those that the person chose at the provider."""
    if isinstance(step, Ask):
        return replace(record, country=step.country or record.country)
    bank = step.institution if isinstance(step, Connected | Failed) else None
    return record if bank is None else replace(record, institution_id=bank.id, country=bank.country or record.country)


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
    empty = sorted(name for name, value in values.items() if not value.strip())
    if empty:  # banks count it as a wrong answer
        raise NotAsking(f"the answer to {', '.join(empty)} is empty; nothing was sent, answer again", flow=flow)
