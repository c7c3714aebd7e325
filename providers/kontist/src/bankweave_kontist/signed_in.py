"""Requests under the tokens of a sign-in, which is not a connection yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bankweave.adapter import Request, Response
from bankweave.errors import AccessRevoked, ProviderRefused
from bankweave_kontist.grant import Grant
from bankweave_kontist.session import Session

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SignedIn(Session):
    """A session that nobody renews: tokens this young are refused for a reason, not for their age."""

    grant: Grant | None = None

    async def send(self, request: Request, read: Callable[[Response], T]) -> T:
        """Send a request once. A refused token is a `ProviderRefused`: there is no connection to renew."""
        token = self.grant.access_token if self.grant else await self.ctx.access_token()
        try:
            return read(await self.ctx.http.send(request.bearer(token)))
        except AccessRevoked as refusal:
            message = "Kontist does not accept the token of this sign-in"
            raise ProviderRefused(message, origin=refusal.origin, code="401") from None
