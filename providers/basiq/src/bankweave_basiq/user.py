"""The owner's one user at Basiq, which knows no uniqueness: the same person posted twice is two (section 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from hashlib import sha256

from bankweave.adapter import Token
from bankweave.errors import ConfigurationError, Origin
from bankweave_basiq.links import NAME
from bankweave_basiq.protocol import create_user, get_user, read_created_user, read_user_exists
from bankweave_basiq.session import Session

USER_FIELDS = {
    "email": "email",
    "mobile": "mobile",
    "first_name": "firstName",
    "middle_name": "middleName",
    "last_name": "lastName",
    "business_name": "businessName",
    "business_id_no": "businessIdNo",
    "business_id_no_type": "businessIdNoType",
}

_REMEMBERED = "user_id"
_DONE = "done"


async def ensure_user(session: Session, options: Mapping[str, str]) -> str:
    """The owner's user at Basiq, made when there is none yet or Basiq has deleted it."""
    known = await recall_user(session)
    if known is not None and await user_exists(session, known):
        return known
    fields = {theirs: options[ours] for ours, theirs in USER_FIELDS.items() if options.get(ours)}
    if not fields.keys() & {"email", "mobile"}:
        message = "Basiq wants an e-mail address or a mobile number of the person: give the option email or mobile"
        raise ConfigurationError(message, origin=Origin(adapter=NAME, operation="create_user"))
    # One at a time in all processes, as with the application's token: whoever waited finds the user that was made meanwhile.
    # What counts is in the memory of the owner; the word that is handed back as `rejected` is never kept.
    turn = f"user/{sha256(session.ctx.owner.encode()).hexdigest()[:16]}"
    await session.ctx.shared_token(turn, partial(_make_user, session, fields, known), rejected=_DONE)
    return await recall_user(session) or ""


async def _make_user(session: Session, fields: Mapping[str, str], gone: str | None) -> Token:
    if await recall_user(session) in {None, gone}:
        made = read_created_user(await session.as_server(create_user(session.settings, fields)))
        await session.ctx.remember(_REMEMBERED, made)
    return Token(_DONE, expires_at=None)


async def recall_user(session: Session) -> str | None:
    """The id of the owner's user, which need not exist any more; None where none was made."""
    return await session.ctx.recall(_REMEMBERED) or None


async def forget_user(session: Session) -> None:
    await session.ctx.remember(_REMEMBERED, "")


async def user_exists(session: Session, user_id: str) -> bool:
    return read_user_exists(await session.as_server(get_user(session.settings, user_id)), user_id)
