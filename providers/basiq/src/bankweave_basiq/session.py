"""Sending a request with the token it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from bankweave.adapter import Context, Request, Response, Token
from bankweave_basiq.protocol import fetch_token, read_token
from bankweave_basiq.refusals import token_rejected
from bankweave_basiq.settings import BasiqSettings


@dataclass(frozen=True, slots=True)
class Session:
    """Talks to Basiq for one flow or connection. The server's token is shared by all of an application (section 1)."""

    settings: BasiqSettings
    ctx: Context

    async def as_server(self, request: Request) -> Response:
        """Send with the application's own token: one for all processes of a store, fetched by one at a time."""
        name, fetch = f"server/{self._application}", partial(self.fetch_token, None)

        async def token(rejected: str | None) -> str:
            return await self.ctx.shared_token(name, fetch, rejected)

        return await self._send(token, request)

    async def as_client(self, user_id: str, request: Request) -> Response:
        """Send with a token that is bound to a user; answers to the bank want it (section 4.4).

        It is used once and not kept: answers are rare, and what is shared stays in the store when a person is erased.
        """

        async def token(_rejected: str | None) -> str:
            return (await self.fetch_token(user_id)).value

        return await self._send(token, request)

    async def fetch_token(self, user_id: str | None) -> Token:
        response = await self.ctx.http.send(fetch_token(self.settings, user_id))
        return read_token(response, self.ctx.now())

    async def _send(self, token: Callable[[str | None], Awaitable[str]], request: Request) -> Response:
        first = await token(None)
        response = await self.ctx.http.send(request.bearer(first))
        if not token_rejected(response):
            return response
        # Once more and never again. Also for what must not be repeated: a rejected token means that nothing was done.
        return await self.ctx.http.send(request.bearer(await token(first)))

    @property
    def _application(self) -> str:
        """Tells applications apart: after a change of key, the token of the one before is none of this one's."""
        key = f"{self.settings.base_url} {self.settings.api_key.get_secret_value()}"
        return sha256(key.encode()).hexdigest()[:16]
