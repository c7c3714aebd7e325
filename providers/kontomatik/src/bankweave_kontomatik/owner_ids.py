"""What Kontomatik knows a person by: `ownerExternalId`, which groups the imports of one person (section 2).

The program's own owner id, unless an option says another or the setting `owner_ids` says that it must not leave. Another one
is remembered before anything is asked for under it: once for the owner, and once for the connection.
"""

from __future__ import annotations

from bankweave.adapter import Context
from bankweave_kontomatik.settings import KontomatikSettings

MADE = "owner_external_id"


async def choose_owner_id(ctx: Context, settings: KontomatikSettings, given: str | None) -> str:
    """Choose the id for a sign-in: the given one, else the connection's, else the owner's."""
    known = await ctx.recall(_of_connection(ctx))
    chosen = given or known or await _of_owner(ctx, settings)
    if chosen != (known or ctx.owner):
        await ctx.remember(_of_connection(ctx), chosen)
    return chosen


async def known_owner_id(ctx: Context) -> str:
    """The id of the last sign-in that was begun for a connection."""
    return await ctx.recall(_of_connection(ctx)) or ctx.owner


async def id_of_owner(ctx: Context, settings: KontomatikSettings) -> str | None:
    """The owner's id at Kontomatik, if it was ever told one; not what an option said for one connection alone."""
    return ctx.owner if settings.owner_ids == "own" else await ctx.recall(MADE)


async def _of_owner(ctx: Context, settings: KontomatikSettings) -> str:
    if settings.owner_ids == "own":
        return ctx.owner

    async def make() -> str:
        return f"bankweave-{ctx.secret()}"

    return await ctx.remember_once(MADE, make)


def _of_connection(ctx: Context) -> str:
    return f"{MADE}/{ctx.connection_id}"
