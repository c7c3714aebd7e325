"""Renewing access without the person: by the refresh token, else by a bound device while the access still lasts."""

from __future__ import annotations

from bankweave.errors import ConsentExpired, OutcomeUnknown, ProviderRefused, ProviderUnavailable
from bankweave_kontist.devices.bound import recall_device
from bankweave_kontist.devices.protocol import confirm_by_device
from bankweave_kontist.grant import Grant
from bankweave_kontist.refusals import another_user
from bankweave_kontist.session import Session
from bankweave_kontist.signin.endings import confirmed_grant, is_other_user
from bankweave_kontist.signin.protocol import read_renewal, renew_token


async def renew(session: Session, grant: Grant) -> Grant:
    """Fetch a new access token. Raises `ConsentExpired` when neither way is left.

    Clients with PKCE get no refresh token (section 2.2). Where a device has confirmed the login, its signature gives the
    next token, as long as the present one is accepted: a challenge is asked for under it.
    """
    try:
        return read_renewal(await session.ctx.http.send(renew_token(session.settings, grant)), grant, session.now())
    except ConsentExpired as ended:
        renewed = await _by_device(session, grant)
        if renewed is None:
            raise ended from None
        return renewed


async def _by_device(session: Session, grant: Grant) -> Grant | None:
    if grant.device_id is None or grant.expires_at is None or grant.expires_at <= session.now():
        return None
    device = await recall_device(session.ctx, grant.subject)
    if device is None or device.id != grant.device_id:
        return None
    try:
        answer = await confirm_by_device(session.under(grant), device)
    except ProviderRefused:
        return None
    except OutcomeUnknown as lost:  # another challenge gives other tokens
        raise ProviderUnavailable("Kontist's answer was lost; try again", origin=lost.origin) from None
    renewed = confirmed_grant(answer, session.now(), device.id)
    if is_other_user(grant.subject, renewed.subject):
        raise another_user("renew_token")
    return renewed
