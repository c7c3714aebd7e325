"""What every reading, flow and topic of the client works with: requests under a user's tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter

from bankweave.adapter import Context, Request, Response
from bankweave.errors import AccessRevoked, ProviderRefused
from bankweave_kontist.claims import read_claims
from bankweave_kontist.devices.signer import Signer, SignerOf, SoftwareSigner
from bankweave_kontist.grant import Grant
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
    ctx: Context = field(repr=False)
    signer_of: SignerOf = SoftwareSigner  # whose keys sign for bound devices

    def under(self, grant: Grant | None) -> Session:
        """Speak under the tokens of a sign-in that is not a connection yet; without any, as before."""
        return self if grant is None else SignedIn(self.settings, self.ctx, self.signer_of, grant=grant)

    def now(self) -> datetime:
        return self.ctx.now()

    def signer(self, device: str) -> Signer:
        """Find the key of a device by the device's name."""
        return self.signer_of(self.ctx, device)

    async def token(self) -> str:
        return await self.ctx.access_token()

    async def subject(self) -> str | None:
        """Tell Kontist's id of the user, where tokens tell it."""
        return read_claims(await self.token()).sub

    async def run(self, query: Query, data: type[R], *, repeatable: bool | None = None, **variables: object) -> R:
        """Run an operation and read its `data`. Variables that are None are left out.

        Raises `ProviderRefused`, `ProviderUnavailable`, `RateLimited`, `MalformedAnswer`, `AccessRevoked` and, for what must
        not be repeated, `OutcomeUnknown`.
        """
        may_repeat = query.repeatable if repeatable is None else repeatable
        request = run_query(self.settings, query, variables, repeatable=may_repeat)
        read = read_data if may_repeat else read_once
        return await self.send(request, partial(read, shape_of(data), operation=query.operation))

    async def viewer(self, query: Query, viewer: type[R], **variables: object) -> R:
        """Run an operation and read its `viewer`."""
        shape = viewer_shape(viewer)
        return await self.send(self._request(query, variables), lambda answer: _viewer(shape, answer, query.operation))

    async def account(self, query: Query, account: type[R], **variables: object) -> R:
        """Run an operation and read its `viewer { mainAccount }`. Raises `ProviderRefused` (no_account) without one."""
        shape = account_shape(account)
        return await self.send(self._request(query, variables), lambda answer: _account(shape, answer, query.operation))

    async def send(self, request: Request, read: Callable[[Response], T]) -> T:
        """Send any request; under a renewed token where `read` raises `AccessRevoked`, as an expired one looks (section 5).

        `read` must raise that only where Kontist surely executed nothing, so that repeating is safe for every request.
        """
        token = await self.token()
        try:
            return read(await self.ctx.http.send(request.bearer(token)))
        except AccessRevoked:
            token = await self.ctx.access_token(rejected=token)
        return read(await self.ctx.http.send(request.bearer(token)))

    def rest(self, method: str, path: str, *, operation: str, repeatable: bool) -> Request:
        """Begin a REST request. The vendor's SDK names a content type even without a body (section 1)."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        url = f"{self.settings.base_url}{path}"
        return Request(method=method, url=url, operation=operation, repeatable=repeatable, headers=headers)

    def _request(self, query: Query, variables: dict[str, object]) -> Request:
        return run_query(self.settings, query, variables, repeatable=True)


@dataclass(frozen=True, slots=True)
class SignedIn(Session):
    """A session under tokens that nobody renews: those this young are refused for a reason, not for their age."""

    grant: Grant = field(kw_only=True)

    async def token(self) -> str:
        return self.grant.access_token

    async def send(self, request: Request, read: Callable[[Response], T]) -> T:
        """Send a request once. A refused token is a `ProviderRefused`: there is no connection to renew."""
        try:
            return read(await self.ctx.http.send(request.bearer(await self.token())))
        except AccessRevoked as refusal:
            message = "Kontist does not accept the token of this sign-in"
            raise ProviderRefused(message, origin=refusal.origin, code="401") from None


def _viewer(shape: TypeAdapter[Envelope[Viewing[R]]], response: Response, operation: str) -> R:
    found = read_data(shape, response, operation).viewer
    if found is None:
        raise nobody(operation)
    return found


def _account(shape: TypeAdapter[Envelope[Viewing[MainAccount[R]]]], response: Response, operation: str) -> R:
    found = _viewer(shape, response, operation).main_account
    if found is None:
        raise no_account(operation)
    return found
