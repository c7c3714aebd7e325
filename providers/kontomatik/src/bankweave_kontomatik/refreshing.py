"""Having fresh data imported under a consent that was given before (section 8), without the person."""

from __future__ import annotations

from datetime import date, timedelta

from bankweave.adapter import Context
from bankweave.errors import AccessRevoked, ConsentExpired
from bankweave.flow import Connected, Refresh, Step, Wait
from bankweave_kontomatik import protocol
from bankweave_kontomatik.flow import SignedIn
from bankweave_kontomatik.grant import Access, Grant
from bankweave_kontomatik.settings import KontomatikSettings
from bankweave_kontomatik.wire import WireSession

IMPORTS_WITHIN = timedelta(hours=24)
# A later session of a consent reaches back 90 days at most (section 8).
REUSE_REACH = timedelta(days=90)
# The day that Kontomatik counts from is not told; it begins first in the Baltic states and Romania.
EASTERNMOST = timedelta(hours=3)


async def begin_refresh(ctx: Context, settings: KontomatikSettings, intent: Refresh[Grant]) -> Step:
    """Have a new import made under the consent, unless the finished one is the better or the only one to read."""
    grant: Grant = intent.grant
    earliest = (ctx.now() + EASTERNMOST).date() - REUSE_REACH
    if grant.is_kept(ctx.now(), settings) and _reaches_further(grant, intent.since, earliest):
        return Connected(grant=grant)
    if grant.access.multiple_access_id is None:
        message = "This access worked once, and its import is not kept any more; renew the connection to sign in again"
        raise ConsentExpired(message)
    await _count_import(ctx, settings, grant.access, user_present=intent.user_present)
    session = await _reuse(ctx, settings, grant.access)
    state = SignedIn(
        session_id=session.id,
        signature=session.signature,
        opened_at=ctx.now(),
        since=max(intent.since or earliest, earliest),
        refresh=True,
        access=grant.access,
    )
    return Wait(state=state, poll_at=ctx.now())


async def _count_import(ctx: Context, settings: KontomatikSettings, access: Access, *, user_present: bool) -> None:
    # Each consent is good for so many imports (section 8). Some are kept back for a person who waits; the bank may count
    # stricter, where another company has access as well.
    kept_back = 0 if user_present else settings.imports_kept_back
    name = f"imports/{access.signed_in_at.isoformat()}"
    await ctx.use_quota(name, at_most=max(1, settings.imports_per_day - kept_back), within=IMPORTS_WITHIN)


def _reaches_further(grant: Grant, wanted: date | None, earliest: date) -> bool:
    # The import of a sign-in is deeper than any later one may be; reading it again costs none of the four per day.
    if grant.access.multiple_access_id is None:
        return True
    return grant.since < earliest and (wanted is None or wanted < earliest)


async def _reuse(ctx: Context, settings: KontomatikSettings, access: Access) -> WireSession:
    answer = await ctx.http.send(protocol.reuse_access(settings, access.multiple_access_id or ""))
    try:
        return protocol.read_session(answer, access.owner_external_id or ctx.owner)
    except AccessRevoked as error:
        if ctx.now() < access.ends_at(settings):
            raise
        message = "The consent ran out; renew the connection"
        raise ConsentExpired(message, origin=error.origin, code=error.code) from None
