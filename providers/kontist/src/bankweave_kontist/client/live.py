"""Transactions as they happen (section 6.6)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from datetime import date, timedelta
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bankweave.errors import BankweaveError, ProviderUnavailable
from bankweave_kontist.berlin import berlin_today
from bankweave_kontist.client.subscription import Subscription, start
from bankweave_kontist.live.seen import Seen
from bankweave_kontist.live.stream import Established, LiveStream
from bankweave_kontist.queries.live import NEW_TRANSACTION
from bankweave_kontist.refusals import malformed
from bankweave_kontist.session import Session
from bankweave_kontist.transactions.filters import Filter
from bankweave_kontist.transactions.pages import Wanted, each_page
from bankweave_kontist.transactions.records import Transaction

CATCH_UP_PAUSE = 30.0  # seconds before a catch-up that failed is tried again


class Live:
    """Tells of transactions of the main account when they appear. It reconnects by itself."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def transactions(self, *, since: date | None = None) -> AsyncGenerator[Transaction, None]:
        """Yield transactions as they appear: from now on, or with all that were booked `since` a Berlin day.

        None comes twice and none is lost, across reconnects too: after each, what has happened meanwhile is queried, oldest
        first. A transaction comes again when the bank says something new of it, for example that a reservation is booked;
        while connected only as far as Kontist tells, which is undocumented.

        Closing the iterator unsubscribes at once. A `break` alone closes it when it is collected; to be sure, use
        `contextlib.aclosing`. Raises `NeedsUser` when the access is over, `ProviderRefused` when Kontist does not let this
        connection subscribe, and `MalformedAnswer`; whatever may pass is waited for.
        """
        async with aclosing(self._follow(since, lambda: None)) as news:
            async for transaction in news:
                yield transaction

    async def subscribe(
        self,
        on_transaction: Callable[[Transaction], Awaitable[None] | None],
        on_error: Callable[[BankweaveError], Awaitable[None] | None] | None = None,
        *,
        since: date | None = None,
    ) -> Subscription:
        """Call `on_transaction` for every transaction that `transactions()` would yield, one at a time, in a task.

        Returns when the subscription stands, and raises what keeps it from that. `on_error` is called once, with the error
        that has ended it; without it, `Subscription.ended()` raises that error. Callbacks run in the event loop: what takes
        long, and every call into a synchronous client, belongs elsewhere.
        """
        return await start(partial(self._follow, since), on_transaction, on_error)

    async def _follow(self, since: date | None, on_connect: Callable[[], None]) -> AsyncGenerator[Transaction, None]:
        seen = await self._beginning(since)
        stream = LiveStream(self._session.settings, self._session.ctx, NEW_TRANSACTION)
        async with aclosing(stream.events()) as events:
            async for event in events:
                if isinstance(event, Established):
                    on_connect()
                    arrived = await self._missed(seen)
                else:
                    arrived = [_read(event.data)]
                seen.had_contact(self._session.ctx.now())
                for transaction in arrived:
                    if seen.is_news(transaction):
                        yield transaction

    async def _beginning(self, since: date | None) -> Seen:
        """Note what is there before the subscription begins, so that everything else is news."""
        days = self._session.settings.reservation_days
        if since is not None:
            return Seen(since, days)
        seen = Seen(berlin_today(self._session.ctx.now()) - timedelta(days=days), days)
        for transaction in await self._missed(seen):
            seen.is_news(transaction)
        return seen

    async def _missed(self, seen: Seen) -> list[Transaction]:
        """Query what may be news, oldest first; until Kontist answers, for nothing may be left out."""
        ctx = self._session.ctx
        wanted = Wanted(where=Filter(booking_date_gte=seen.floor))
        while True:
            try:
                return [row async for page in each_page(self._session, wanted, backward=False) for row in page.rows][
                    ::-1
                ]
            except ProviderUnavailable as down:
                asked = 0.0 if down.retry_at is None else (down.retry_at - ctx.now()).total_seconds()
                await ctx.sleep(max(CATCH_UP_PAUSE, asked))


def _read(data: Mapping[str, Any]) -> Transaction:
    try:
        return _News.model_validate(data).transaction
    except ValidationError:
        raise malformed(NEW_TRANSACTION.operation) from None


class _Wire(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, allow_inf_nan=False, defer_build=True)


class _News(_Wire):
    transaction: Transaction = Field(alias="newTransaction")
