"""One call of a provider's own client at a time, by either surface, with everything opened anew for every step."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from inspect import isawaitable
from operator import attrgetter
from typing import Any, ClassVar

import anyio

from bankweave import AsyncBankweave, Bankweave
from bankweave.errors import ProviderRefused
from bankweave.testing.driver import Driver


@dataclass(frozen=True)
class ClientSteps:
    """One connection's client; `call("transfers.newest", ...)` opens a bankweave, calls, and closes it."""

    drive: Driver
    kind: ClassVar[type[Any]]  # the synchronous class of the client

    def call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        if self.drive.surface == "async":
            return anyio.run(lambda: self._call_async(method, *args, **kwargs))
        with Bankweave(**self.drive._parts()) as bank:
            found = attrgetter(method)(self.client(bank))(*args, **kwargs)
            return list(found) if isinstance(found, Iterator) else found

    async def _call_async(self, method: str, *args: Any, **kwargs: Any) -> Any:
        async with AsyncBankweave(**self.drive._parts()) as bank:
            found = attrgetter(method)(await self.client_async(bank))(*args, **kwargs)
            if isinstance(found, AsyncIterator):
                return [row async for row in found]
            return await found if isawaitable(found) else found

    def client(self, bank: Bankweave) -> Any:
        return bank.client(bank.connections()[0].id, self.kind)

    async def client_async(self, bank: AsyncBankweave) -> Any:
        return await bank.client((await bank.connections())[0].id, self.kind.twin_of)

    def refused(self, method: str, *args: Any, **kwargs: Any) -> str | None:
        """Call what is refused; gives the refusal's code."""
        try:
            self.call(method, *args, **kwargs)
        except ProviderRefused as refusal:
            return refusal.code
        raise AssertionError(f"{method} was not refused")
