"""The owner's one user at Basiq, which knows no uniqueness: the same person posted twice is two (section 2.1)."""

from __future__ import annotations

from collections.abc import Mapping

from bankweave.errors import ConfigurationError, Origin
from bankweave_basiq.links import NAME
from bankweave_basiq.protocol import (
    create_user,
    delete_user,
    get_user,
    read_created_user,
    read_deleted,
    read_user_exists,
)
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
_FORGOTTEN = ""


async def ensure_user(session: Session, options: Mapping[str, str]) -> str:
    """The owner's user at Basiq, made when there is none yet or Basiq has deleted it."""
    known = await session.ctx.recall(_REMEMBERED)
    if known and await user_exists(session, known):
        return known
    fields = {theirs: options[ours] for ours, theirs in USER_FIELDS.items() if options.get(ours)}
    if not fields.keys() & {"email", "mobile"}:
        message = "Basiq wants an e-mail address or a mobile number of the person: give the option email or mobile"
        raise ConfigurationError(message, origin=Origin(adapter=NAME, operation="create_user"))

    async def make() -> str:
        return read_created_user(await session.as_server(create_user(session.settings, fields)))

    return await session.ctx.remember_once(_REMEMBERED, make, unless=known)


async def delete_user_of(session: Session) -> None:
    """Delete the owner's user with all that Basiq has of them, for good. Idempotent."""
    known = await recall_user(session)
    if known is not None:
        read_deleted(await session.as_server(delete_user(session.settings, known)), "delete_user")
        await session.ctx.remember(_REMEMBERED, _FORGOTTEN)


async def recall_user(session: Session) -> str | None:
    """The id of the owner's user, which need not exist any more; None where none was made."""
    return await session.ctx.recall(_REMEMBERED) or None


async def user_exists(session: Session, user_id: str) -> bool:
    return read_user_exists(await session.as_server(get_user(session.settings, user_id)), user_id)
