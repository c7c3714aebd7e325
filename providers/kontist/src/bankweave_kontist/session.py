"""What every topic of the client is made from: requests under the connection's token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter

from bankweave.adapter import Context, Request, Response
from bankweave_kontist.access import authorised
from bankweave_kontist.devices.signer import SignerOf, SoftwareSigner
from bankweave_kontist.protocol import nobody, read_data, read_once, run_query
from bankweave_kontist.queries import Query
from bankweave_kontist.records import MainAccount, Viewing, account_shape, shape_of, viewer_shape
from bankweave_kontist.refusals import no_account
from bankweave_kontist.settings import KontistSettings
from bankweave_kontist.wire import Envelope

T = TypeVar("T")
R = TypeVar("R", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Session:
    """A connection to Kontist. A refused token is renewed once, and the request repeated: Kontist did nothing with it.

    Queries are repeated when their answer was lost. Mutations are not, unless `repeatable=True` says that doing it twice is
    the same as doing it once: a lost answer, and a failure of the server's, raise `OutcomeUnknown`.
    """

    settings: KontistSettings
    ctx: Context
    signer_of: SignerOf = SoftwareSigner  # whose keys sign for bound devices

    async def run(self, query: Query, data: type[R], *, repeatable: bool | None = None, **variables: object) -> R:
        """Run an operation and read its `data`. Variables that are None are left out.

        Raises `ProviderRefused`, `ProviderUnavailable`, `RateLimited`, `MalformedAnswer`, `AccessRevoked` and, for what must
        not be repeated, `OutcomeUnknown`.
        """
        return await self._run(query, shape_of(data), variables, repeatable=repeatable)

    async def viewer(self, query: Query, viewer: type[R], **variables: object) -> R:
        """Run an operation and read its `viewer`."""

        shape: TypeAdapter[Envelope[Viewing[R]]] = viewer_shape(viewer)

        def read(response: Response) -> R:
            found = read_data(shape, response, query.operation).viewer
            if found is None:
                raise nobody(query.operation)
            return found

        return await self.send(self._request(query, variables), read)

    async def account(self, query: Query, account: type[R], **variables: object) -> R:
        """Run an operation and read its `viewer { mainAccount }`. Raises `ProviderRefused` (no_account) without one."""

        shape: TypeAdapter[Envelope[Viewing[MainAccount[R]]]] = account_shape(account)

        def read(response: Response) -> R:
            found = read_data(shape, response, query.operation).viewer
            if found is None:
                raise nobody(query.operation)
            if found.main_account is None:
                raise no_account(query.operation)
            return found.main_account

        return await self.send(self._request(query, variables), read)

    async def send(self, request: Request, read: Callable[[Response], T]) -> T:
        """Send any request, under a renewed token where `read` raises `AccessRevoked` for the first one."""
        return await authorised(self.ctx, request, read)

    def rest(self, method: str, path: str, *, operation: str, repeatable: bool) -> Request:
        """Begin a REST request. The vendor's SDK names a content type even without a body (section 1)."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        url = f"{self.settings.base_url}{path}"
        return Request(method=method, url=url, operation=operation, repeatable=repeatable, headers=headers)

    async def _run(
        self, query: Query, shape: TypeAdapter[Envelope[R]], variables: dict[str, object], *, repeatable: bool | None
    ) -> R:
        may_repeat = query.repeatable if repeatable is None else repeatable
        request = run_query(self.settings, query, variables, repeatable=may_repeat)
        read = read_data if may_repeat else read_once
        return await self.send(request, partial(read, shape, operation=query.operation))

    def _request(self, query: Query, variables: dict[str, object]) -> Request:
        return run_query(self.settings, query, variables, repeatable=True)
