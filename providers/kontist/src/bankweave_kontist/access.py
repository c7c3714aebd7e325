"""Requests under the connection's token."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bankweave.adapter import Context, Request, Response
from bankweave.errors import AccessRevoked

T = TypeVar("T")


async def authorised(ctx: Context, request: Request, read: Callable[[Response], T]) -> T:
    """Send a request under the connection's token; under a renewed one if Kontist does not accept it.

    `read` raises `AccessRevoked` only where Kontist surely executed nothing, so that repeating is safe for every request.
    """
    token = await ctx.access_token()
    try:
        return read(await ctx.http.send(request.bearer(token)))
    except AccessRevoked:  # an expired token looks the same (section 5)
        token = await ctx.access_token(rejected=token)
    return read(await ctx.http.send(request.bearer(token)))
