"""Sending a request with the token it needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from bankweave.adapter import Context, Request, Response, Token
from bankweave_basiq.protocol import fetch_token, read_token
from bankweave_basiq.refusals import token_rejected
from bankweave_basiq.settings import BasiqSettings


@dataclass(frozen=True, slots=True)
class Session:
    """Talks to Basiq for one flow or connection. Tokens are shared by all of an application's sessions (section 1)."""

    settings: BasiqSettings
    ctx: Context

    async def as_server(self, request: Request) -> Response:
        return await self._send("server", None, request)

    async def as_client(self, user_id: str, request: Request) -> Response:
        """Send with a token that is bound to a user; answers to the bank want it (section 4.4)."""
        return await self._send(f"client:{user_id}", user_id, request)

    async def fetch_token(self, user_id: str | None) -> Token:
        response = await self.ctx.http.send(fetch_token(self.settings, user_id))
        return read_token(response, self.ctx.now())

    async def _send(self, name: str, user_id: str | None, request: Request) -> Response:
        fetch = partial(self.fetch_token, user_id)
        token = await self.ctx.shared_token(name, fetch)
        response = await self.ctx.http.send(request.bearer(token))
        if not token_rejected(response):
            return response
        # Once more and never again. Also for what must not be repeated: a rejected token means that nothing was done.
        fresh = await self.ctx.shared_token(name, fetch, rejected=token)
        return await self.ctx.http.send(request.bearer(fresh))
