"""Connect flows: claim the record, ask the adapter, fold its step, save. The only place that moves a flow.

A flow is claimed by a compare-and-set with a lease before the provider is called, so that two deliveries of one callback
cannot both exchange its code; record and grant are saved in one transaction after. A delivery that comes too late reports
where the flow stands.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import anyio
from pydantic import TypeAdapter, ValidationError

from bankweave.adapter import AnyAdapter
from bankweave.engine.lease import LOOK_AGAIN
from bankweave.engine.origin import located
from bankweave.engine.parts import Parts
from bankweave.engine.tokens import grant_record
from bankweave.errors import (
    BankweaveError,
    Failure,
    FlowBusy,
    FlowExpired,
    FlowOver,
    IncompatibleAdapter,
    NotAsking,
    Origin,
    ProviderUnavailable,
    StoreTooNew,
    UnknownFlow,
)
from bankweave.flow import (
    TRANSITIONS,
    Answer,
    Ask,
    Callback,
    Challenge,
    Connected,
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

log = logging.getLogger("bankweave.connect")

LEASE = timedelta(seconds=90)  # longer than one step may take
LONGEST_QUESTION = timedelta(days=1)  # where the provider does not say until when a person may come back or answer
LONGEST_CALLBACK = 8192  # characters of a callback URL


@dataclass(frozen=True, slots=True)
class _Envelope:
    """What is sealed in a record."""

    state: str  # the adapter's state, as its own JSON
    interaction: Interaction | None


_ENVELOPES: TypeAdapter[_Envelope] = TypeAdapter(_Envelope)


class Connecting:
    """Moves flows. Every method returns the flow as it stands afterwards."""

    def __init__(self, parts: Parts) -> None:
        self._providers = parts.providers
        self._store = parts.store
        self._vault = parts.vault
        self._clock = parts.clock

    async def begin(self, adapter: str, owner: str, purpose: Purpose, intent: Intent, connection_id: str) -> Flow:
        """Begin a flow. When the adapter raises, there is none."""
        with located(adapter, connection_id):
            provider = self._providers.get(adapter)
            step = await provider.adapter.begin(self._providers.context(adapter, owner, connection_id), intent)
        now = self._clock.now()
        record = FlowRecord(
            id=uuid4().hex,
            adapter=adapter,
            owner=owner,
            connection_id=connection_id,
            purpose=purpose,
            status=FlowStatus.STARTED,
            created_at=now,
            updated_at=now,
        )
        await self._store.add_flow(record)
        return await self._go_on(await self._fold(provider.adapter, record, step))

    async def callback(self, url: str, owner: str | None) -> Flow:
        """Take the URL that a person came back to, in any browser. A second delivery reports where the flow stands."""
        params = _read_callback(url)
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
        return await self._write(record, replace(record, status=FlowStatus.CANCELLED, sealed=b"", poll_at=None))

    async def get(self, flow_id: str) -> Flow:
        return self._view(await self._record(flow_id))

    async def flows(self, scope: Scope, statuses: Sequence[FlowStatus] | None = None) -> tuple[Flow, ...]:
        return tuple(self._view(record) for record in await self._store.flows(scope, statuses))

    # One step ---------------------------------------------------------------------------------------------------------

    async def _deliver(self, record: FlowRecord, event: Event) -> Flow:
        if self._is_expired(record):
            return await self._expire(record, event)
        if not TRANSITIONS[record.status]:
            raise FlowOver(f"this flow has ended ({record.status.value}); begin a new one", flow=self._view(record))
        adapter = self._providers.get(record.adapter).adapter
        envelope = self._open(record)
        async with self._claimed(record) as claimed:
            ctx = self._providers.context(record.adapter, record.owner, record.connection_id)
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
        except ProviderUnavailable:
            await self._release(claimed)
            raise
        except BankweaveError as error:
            await self._fail(claimed, Failure.of(error))
            raise
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._release(claimed)
            raise

    async def _release(self, record: FlowRecord) -> None:
        await self._store.save_flow(replace(record, lease_until=None, version=record.version + 1))

    async def _fail(self, record: FlowRecord, failure: Failure) -> Flow:
        ended = replace(record, status=FlowStatus.FAILED, failure=failure, sealed=b"", poll_at=None)
        return await self._write(record, ended)

    async def _expire(self, record: FlowRecord, event: Event) -> Flow:
        if record.status is not FlowStatus.EXPIRED:
            ended = replace(record, status=FlowStatus.EXPIRED, sealed=b"", poll_at=None)
            await self._write(record, ended)
        flow = await self.get(record.id)
        if isinstance(event, Due):
            return flow
        raise FlowExpired("the link, code or approval came too late; begin a new flow", flow=flow)

    async def _fold(self, adapter: AnyAdapter, record: FlowRecord, step: Step) -> Flow:
        """Write what the adapter decided."""
        log.info("flow_moved", extra={"adapter": record.adapter, "flow_id": record.id, "step": type(step).__name__})
        match step:
            case Ask():
                sealed = self._seal(adapter, record, step.state, step.interaction)
                key = record.correlation if step.correlation is None else _digest(step.correlation)
                asking = replace(record, status=FlowStatus.ASKING, sealed=sealed, correlation=key)
                until = step.expires_at or self._clock.now() + LONGEST_QUESTION
                times = replace(asking, poll_at=step.poll_at, expires_at=until)
                return await self._write(record, times)
            case Wait():
                sealed = self._seal(adapter, record, step.state, None)
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
            case Connected():
                return await self._connected(adapter, record, step)

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
            record = await self._store.flow_by_correlation(_digest(value))
            if record is not None and self._providers.registry.load(record.adapter).info.callback_key == name:
                return record
        message = "no flow waits for this callback; its key is unknown or altered. Begin a new flow"
        raise UnknownFlow(message, origin=Origin(operation="callback"))

    def _is_expired(self, record: FlowRecord) -> bool:
        if record.status is FlowStatus.EXPIRED:
            return True
        live = record.status in {FlowStatus.ASKING, FlowStatus.WAITING}
        return live and record.expires_at is not None and record.expires_at <= self._clock.now()

    def _interaction(self, record: FlowRecord) -> Interaction | None:
        return self._open(record).interaction if record.sealed else None

    def _open(self, record: FlowRecord) -> _Envelope:
        plain = self._vault.open(record.sealed, record=f"flow/{record.id}")
        with suppress(ValidationError):  # it would carry the state along
            return _ENVELOPES.validate_json(plain)
        raise StoreTooNew("this flow was written by a newer bankweave; upgrade, or begin a new flow")

    def _seal(self, adapter: AnyAdapter, record: FlowRecord, state: Any, interaction: Interaction | None) -> bytes:
        envelope = _Envelope(adapter.states.dump_json(state).decode(), interaction)
        return self._vault.seal(_ENVELOPES.dump_json(envelope), record=f"flow/{record.id}")

    def _view(self, record: FlowRecord) -> Flow:
        return Flow(
            id=record.id,
            adapter=record.adapter,
            owner=record.owner,
            connection_id=record.connection_id,
            purpose=record.purpose,
            status=record.status,
            interaction=self._interaction(record),
            poll_at=record.poll_at,
            expires_at=record.expires_at,
            failure=record.failure,
        )


def _read_state(adapter: AnyAdapter, state: str) -> Any:
    with suppress(ValidationError):  # it would carry the state along
        return adapter.states.validate_json(state)
    raise IncompatibleAdapter(
        f"this flow was begun by another version of the {adapter.info.name} adapter; begin a new flow"
    )


def _read_callback(url: str) -> dict[str, str]:
    """The query of a callback URL. Parameters that come twice are no callback of ours."""
    if len(url) > LONGEST_CALLBACK:
        raise UnknownFlow("this callback is longer than any provider sends; nothing was done with it")
    try:
        pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise UnknownFlow("this is not a callback URL; pass the whole address that the person came back to") from None
    params = dict(pairs)
    if len(params) != len(pairs):
        raise UnknownFlow("this callback repeats a parameter; nothing was done with it")
    return params


def _check_answer(interaction: Interaction | None, values: Mapping[str, str], flow: Flow) -> None:
    if not isinstance(interaction, Challenge):
        raise NotAsking("this flow waits for the person to come back from the redirect, not for an answer", flow=flow)
    asked = {field.name for field in interaction.fields}
    if asked != set(values):
        raise NotAsking(f"answer exactly these fields: {', '.join(sorted(asked)) or 'none'}", flow=flow)


def _digest(key: str) -> str:
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
