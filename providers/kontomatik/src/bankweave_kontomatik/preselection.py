"""Which bank a person finds chosen already: a target, or the target that an institution is reached by now.

Targets come and go with their bank's interfaces, institutions stay (section 2). So a program may remember either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bankweave.adapter import Context
from bankweave.errors import Origin, ProviderRefused
from bankweave_kontomatik import protocol
from bankweave_kontomatik.mapping import is_true
from bankweave_kontomatik.protocol import SignIn
from bankweave_kontomatik.refusals import UNKNOWN_TARGET
from bankweave_kontomatik.settings import KontomatikSettings
from bankweave_kontomatik.wire import WireRedirection, WireTarget

# A bank's API is a target and never an institution. A fallback may have the name of its institution: `KontoBank`.
_SURELY_TARGET = re.compile(r"Api(_[a-z]{2})?$")


async def preselect(ctx: Context, settings: KontomatikSettings, sign_in: SignIn) -> SignIn:
    """Put the target in the place of an institution. Raises `ProviderRefused` where neither is offered."""
    if sign_in.target is None or _SURELY_TARGET.search(sign_in.target):
        return sign_in
    offered = await _offered(ctx, settings, sign_in)
    named = next((target.name for target in offered if target.name == sign_in.target), None)
    chosen = named or _reaching(offered, sign_in.target)
    if chosen is None:
        message = "Kontomatik offers no such bank in this country and access mode; institutions() lists those it does"
        origin = Origin(adapter="kontomatik", operation="list_targets")
        raise ProviderRefused(message, origin=origin, code=UNKNOWN_TARGET)
    return replace(sign_in, target=chosen)


async def fetch_again(
    ctx: Context, settings: KontomatikSettings, sign_in: SignIn, institution: str | None
) -> WireRedirection:
    """Fetch a redirection to a bank that was reached before, also where its target is gone since.

    Where the institution is not known or not offered either, the person chooses.
    """
    try:
        return await fetch(ctx, settings, sign_in)
    except ProviderRefused as error:
        if error.code != UNKNOWN_TARGET or sign_in.target is None:
            raise
    offered = await _offered(ctx, settings, sign_in) if institution else ()
    return await fetch(ctx, settings, replace(sign_in, target=_reaching(offered, institution)))


async def fetch(ctx: Context, settings: KontomatikSettings, sign_in: SignIn) -> WireRedirection:
    answer = await ctx.http.send(protocol.fetch_redirection(settings, sign_in))
    return protocol.read_redirection(answer, settings)


async def _offered(ctx: Context, settings: KontomatikSettings, sign_in: SignIn) -> Sequence[WireTarget]:
    return protocol.read_targets(
        await ctx.http.send(protocol.list_targets(settings, sign_in.country, sign_in.access_mode))
    )


def _reaching(offered: Sequence[WireTarget], institution: str | None) -> str | None:
    """A target of an institution, its API first: the test environment offers both at a time."""
    targets = [target for target in offered if institution is not None and target.institution == institution]
    return next((target.name for target in sorted(targets, key=lambda target: not is_true(target.psd2))), None)
