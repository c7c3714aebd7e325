"""Connecting and refreshing: redirection, session, import. Frozen states; one short handler for each.

    Connect, Renew ----> AwaitingRedirect -> SignedIn -> Importing -> Connected
    the same, mock_login ------------------> SignedIn -> Importing -> Connected
    Refresh -------------------------------> SignedIn -> Importing -> Connected

A session is saved before its import is started, and the import's id before it is asked about: a crash between two steps
neither loses nor repeats one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bankweave.adapter import Context
from bankweave.errors import (
    MalformedAnswer,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
    WrongSubject,
)
from bankweave.flow import (
    Ask,
    Callback,
    Connect,
    Connected,
    Event,
    Failed,
    Reason,
    Redirect,
    Renew,
    Step,
    Wait,
)
from bankweave.model import Consent, ConsentStatus
from bankweave_kontomatik import protocol
from bankweave_kontomatik.grant import Access, Grant
from bankweave_kontomatik.mapping import map_bank
from bankweave_kontomatik.mock import check_mock_allowed, open_mock_session
from bankweave_kontomatik.options import SignInOptions, choose_mock_sign_in, choose_sign_in, read_options
from bankweave_kontomatik.owner_ids import choose_owner_id
from bankweave_kontomatik.preselection import fetch, fetch_again, preselect
from bankweave_kontomatik.reader import see_command
from bankweave_kontomatik.refusals import CONSENT_USED_UP, failed
from bankweave_kontomatik.settings import KontomatikSettings
from bankweave_kontomatik.wire import WireCommand, WireSession

LINK_LIFE = timedelta(hours=1)
STATUS_LIFE = timedelta(hours=24)
# A redirection may be asked about every 5 to 10 minutes; faster is answered with 429 (section 3.4).
STATUS_PAUSE = timedelta(minutes=5)
LONGER_STATUS_PAUSE = timedelta(minutes=10)
# An import may be asked about every 2 to 5 seconds (section 4.2).
COMMAND_PAUSE = timedelta(seconds=3)
OUTAGE_PAUSE = timedelta(seconds=30)


class State(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class AwaitingRedirect(State):
    """The person has the link. It lives for an hour, its status for a day."""

    kind: Literal["awaiting_redirect"] = "awaiting_redirect"
    redirection_id: str = Field(repr=False)
    link: str = Field(repr=False)
    link_expires_at: datetime
    forgotten_at: datetime
    country: str | None
    refusals: int = 0  # 429s in a row
    owner_external_id: str | None = Field(default=None, repr=False)  # where it is not the program's own id


class SignedIn(State):
    """There is a session, and its only import is still to be started."""

    kind: Literal["signed_in"] = "signed_in"
    session_id: str = Field(repr=False)
    signature: str = Field(repr=False)
    opened_at: datetime
    since: date
    refresh: bool
    access: Access


class Importing(State):
    """The import runs at Kontomatik."""

    kind: Literal["importing"] = "importing"
    command_id: str
    started_at: datetime
    since: date
    refresh: bool
    access: Access


AnyState = Annotated[AwaitingRedirect | SignedIn | Importing, Field(discriminator="kind")]


# Signing in -----------------------------------------------------------------------------------------------------------


async def begin_sign_in(ctx: Context, settings: KontomatikSettings, intent: Connect | Renew[Grant]) -> Step:
    """Get a link for the person; for a mock login, nobody is needed."""
    options = read_options(intent.options)
    if options.mock_login is not None:
        return await _begin_mock(ctx, settings, intent, options, options.mock_login)
    sign_in = choose_sign_in(settings, intent, options)
    owner = await choose_owner_id(ctx, settings, options.owner_external_id)
    sign_in = replace(sign_in, owner=owner)
    if isinstance(intent, Renew):
        redirection = await fetch_again(ctx, settings, sign_in, intent.grant.access.institution)
    else:
        redirection = await fetch(ctx, settings, await preselect(ctx, settings, sign_in))
    state = AwaitingRedirect(
        redirection_id=redirection.redirection_id,
        link=redirection.redirection_link,
        link_expires_at=ctx.now() + LINK_LIFE,
        forgotten_at=ctx.now() + STATUS_LIFE,
        country=sign_in.country,
        owner_external_id=_foreign(ctx, owner),
    )
    return _ask(state, poll_at=ctx.now() + STATUS_PAUSE)


async def _begin_mock(
    ctx: Context, settings: KontomatikSettings, intent: Connect | Renew[Grant], options: SignInOptions, login: str
) -> Step:
    check_mock_allowed(settings)
    sign_in = choose_mock_sign_in(settings, intent, options, login)
    owner = await choose_owner_id(ctx, settings, options.owner_external_id)
    try:
        session, access_id = await open_mock_session(ctx, settings, replace(sign_in, owner=owner))
    except ProviderRefused as error:
        # How a mock session tells of a login that fails is undocumented: perhaps like any other.
        step = failed(error.code)
        if step.reason is Reason.REFUSED:
            raise
        return step
    access = Access(
        multiple_access_id=access_id,
        target=None,
        official_name=None,
        country=sign_in.country,
        signed_in_at=ctx.now(),
        owner_external_id=_foreign(ctx, owner),
    )
    return Wait(state=_ready(ctx, settings, session, access), poll_at=ctx.now())


def _foreign(ctx: Context, owner: str) -> str | None:
    return None if owner == ctx.owner else owner


async def after_redirect(ctx: Context, settings: KontomatikSettings, state: AwaitingRedirect, event: Event) -> Step:
    """Ask how the sign-in stands, because the person came back or because it is time to look."""
    # A person who came back waits for the page, and that check is always allowed: it may be repeated. A look on our own
    # account may not, since each counts against the 5 minutes; the next one comes soon enough.
    came_back = isinstance(event, Callback)
    request = protocol.ask_status(settings, state.redirection_id, repeatable=came_back)
    try:
        status = protocol.read_status(await ctx.http.send(request))
    except RateLimited as error:
        return _ask_later(ctx, state, error)
    except (OutcomeUnknown, ProviderUnavailable):
        if came_back:
            raise
        return _ask(state, poll_at=ctx.now() + STATUS_PAUSE)
    return _after_status(ctx, settings, state, status)


def _after_status(
    ctx: Context, settings: KontomatikSettings, state: AwaitingRedirect, status: protocol.SignInStatus
) -> Step:
    match status:
        case protocol.Succeeded():
            return Wait(state=_signed_in(ctx, settings, state, status), poll_at=ctx.now())
        case protocol.Refused(exception):
            return failed(exception)
        case protocol.Lapsed():
            message = "The sign-in link was not used within its hour; begin a new one and open its link"
            return Failed(reason=Reason.EXPIRED, message=message)
        case protocol.Forgotten():
            message = "Kontomatik does not know this sign-in (any more); begin a new one"
            return Failed(reason=Reason.EXPIRED, message=message)
        case protocol.Pending():
            calm = state.model_copy(update={"refusals": 0})
            return _ask(calm, poll_at=ctx.now() + STATUS_PAUSE)


def _signed_in(
    ctx: Context, settings: KontomatikSettings, state: AwaitingRedirect, found: protocol.Succeeded
) -> SignedIn:
    access = Access(
        multiple_access_id=found.multiple_access_id,
        target=found.target,
        official_name=found.official_name,
        country=state.country,
        signed_in_at=ctx.now(),
        owner_external_id=state.owner_external_id,
    )
    return _ready(ctx, settings, found.session, access)


def _ready(ctx: Context, settings: KontomatikSettings, session: WireSession, access: Access) -> SignedIn:
    now = ctx.now()
    return SignedIn(
        session_id=session.id,
        signature=session.signature,
        opened_at=now,
        since=now.date() - timedelta(days=settings.history_days),
        refresh=False,
        access=access,
    )


def _ask(state: AwaitingRedirect, *, poll_at: datetime) -> Step:
    # The link is good for an hour, but what became of it can be learnt for a day: `poll_at` sees to it that a person who
    # signed in and never came back is not forgotten (section 3.4).
    return Ask(
        state=state,
        interaction=Redirect(url=state.link, expires_at=state.link_expires_at),
        correlation=state.redirection_id,
        poll_at=poll_at,
        expires_at=state.forgotten_at,
    )


def _ask_later(ctx: Context, state: AwaitingRedirect, error: RateLimited) -> Step:
    pause = LONGER_STATUS_PAUSE if state.refusals else STATUS_PAUSE
    refused = state.model_copy(update={"refusals": state.refusals + 1})
    return _ask(refused, poll_at=error.retry_at or ctx.now() + pause)


# Importing ------------------------------------------------------------------------------------------------------------


async def start_import(ctx: Context, settings: KontomatikSettings, state: SignedIn) -> Step:
    """Start the session's only import, once."""
    session = WireSession(id=state.session_id, signature=state.signature)
    try:
        answer = await ctx.http.send(protocol.start_import(settings, session, state.since))
        command_id = protocol.read_started(answer, state.access.owner_external_id or ctx.owner)
    except WrongSubject:
        raise
    except (OutcomeUnknown, MalformedAnswer):
        message = "Nobody knows whether the import began, and a session allows one only; begin again"
        return Failed(reason=Reason.UNAVAILABLE, message=message)
    except ProviderUnavailable as error:
        return _start_later(ctx, settings, state, error)
    except ProviderRefused as error:
        return _ended(failed(error.code), state)
    importing = Importing(
        command_id=command_id,
        started_at=ctx.now(),
        since=state.since,
        refresh=state.refresh,
        access=state.access,
    )
    return Wait(state=importing, poll_at=ctx.now() + COMMAND_PAUSE)


def _start_later(ctx: Context, settings: KontomatikSettings, state: SignedIn, error: ProviderUnavailable) -> Step:
    # Kontomatik itself said that it did not start; how long the session waits is undocumented, and it will tell.
    retry_at = error.retry_at or ctx.now() + OUTAGE_PAUSE
    if error.code == CONSENT_USED_UP or retry_at >= state.opened_at + timedelta(minutes=settings.import_minutes):
        return replace(failed(error.code), reason=Reason.UNAVAILABLE, retry_at=error.retry_at)
    return Wait(state=state, poll_at=retry_at)


async def after_import(ctx: Context, settings: KontomatikSettings, state: Importing) -> Step:
    """Ask whether the import is done."""
    try:
        command = await see_command(ctx, settings, state.access, state.command_id)
    except ProviderUnavailable as error:
        return _look_later(ctx, settings, state, error.retry_at or ctx.now() + OUTAGE_PAUSE)
    except ProviderRefused as error:
        return _ended(failed(error.code), state)
    match command.state.lower():
        case "successful":
            return _connected(ctx, settings, state, command)
        case "error" | "cancelled":
            return _ended(failed(command.exception), state)
        case "fatal":
            return failed(command.exception, fatal=True)
    return _look_later(ctx, settings, state, ctx.now() + COMMAND_PAUSE)


def _ended(step: Failed, state: SignedIn | Importing) -> Failed:
    # Of a refresh only the session is lost: the next sync opens another one, without the person.
    if state.refresh and step.reason is Reason.EXPIRED:
        return replace(step, reason=Reason.UNAVAILABLE)
    return step


def _look_later(ctx: Context, settings: KontomatikSettings, state: Importing, poll_at: datetime) -> Step:
    if ctx.now() >= state.started_at + timedelta(minutes=settings.import_minutes):
        message = "The import did not come to an end in time; begin again later (the setting import_minutes bounds it)"
        return Failed(reason=Reason.UNAVAILABLE, message=message)
    return Wait(state=state, poll_at=poll_at)


def _connected(ctx: Context, settings: KontomatikSettings, state: Importing, command: WireCommand) -> Step:
    known = {
        "target": state.access.target or command.target,
        "institution": command.institution or state.access.institution,
    }
    access = state.access.model_copy(update=known)
    grant = Grant(command_id=state.command_id, imported_at=ctx.now(), since=state.since, access=access)
    # A refresh uses the same consent: it changes neither its end nor the bank.
    if state.refresh:
        return Connected(grant=grant)
    bank = map_bank(access.target, access.official_name, access.country)
    return Connected(grant=grant, consent=_consent(access, settings), institution=bank)


def _consent(access: Access, settings: KontomatikSettings) -> Consent:
    # When a consent ends is told nowhere: the 180 days are our own clock, and the bank may end it sooner (section 8).
    recurring = access.multiple_access_id is not None
    return Consent(
        status=ConsentStatus.VALID,
        valid_from=access.signed_in_at,
        valid_until=access.ends_at(settings) if recurring else None,
        recurring=recurring,
    )
