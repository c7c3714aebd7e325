"""Connecting: the sign-in page, then a push to the app where the settings leave the second factor to it.

    AwaitingRedirect --callback--> exchange --> Connected
                                       |
                                       +--> AwaitingChallenge --> AwaitingApproval --polls--> exchange --> Connected

`AwaitingChallenge` is passed through at once, unless Kontist could not send the push just then.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bankweave.adapter import Context
from bankweave.errors import (
    ConfigurationError,
    MalformedAnswer,
    OutcomeUnknown,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)
from bankweave.flow import (
    Ask,
    Callback,
    Challenge,
    ChallengeKind,
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
from bankweave.model import Institution
from bankweave_kontist.grant import Grant, consent_of, expiry
from bankweave_kontist.oauth import authorize_url, exchange_code, read_callback, read_token
from bankweave_kontist.push import (
    create_challenge,
    exchange_challenge,
    poll_challenge,
    read_challenge,
    read_confirmed_token,
    read_poll,
)
from bankweave_kontist.settings import KontistSettings
from bankweave_kontist.wire import ChallengeAnswer, ConfirmedTokenAnswer, TokenAnswer

POLL_INTERVAL = timedelta(seconds=3)  # what the vendor's SDK does (section 3)
PUSH_RETRY = timedelta(seconds=30)
PUSH_DEADLINE = timedelta(minutes=5)  # as long as a challenge is believed to live (section 3)
KONTIST = Institution(id="kontist", adapter="kontist", name="Kontist", country="DE", website="https://kontist.com")


class AwaitingRedirect(BaseModel):
    """The person is at the sign-in page. `state` is also the flow's correlation."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    kind: Literal["awaiting_redirect"] = "awaiting_redirect"
    state: str = Field(repr=False)
    redirect_uri: str
    verifier: str | None = Field(default=None, repr=False)  # PKCE; None where the client has a secret
    subject: str | None = None  # a renewal's user, where known: nobody else may sign in


class AwaitingChallenge(BaseModel):
    """The person signed in, but Kontist could not send the push yet. Keeps the tokens: their code is used up."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    kind: Literal["awaiting_challenge"] = "awaiting_challenge"
    grant: Grant
    scopes: tuple[str, ...]
    expires_at: datetime


class AwaitingApproval(BaseModel):
    """The push was sent; the person is to confirm it in the app."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    kind: Literal["awaiting_approval"] = "awaiting_approval"
    grant: Grant
    scopes: tuple[str, ...]
    challenge: str
    expires_at: datetime
    poll_at: datetime


State: TypeAlias = AwaitingRedirect | AwaitingChallenge | AwaitingApproval
STATES: TypeAdapter[State] = TypeAdapter(Annotated[State, Field(discriminator="kind")])


def begin(settings: KontistSettings, ctx: Context, intent: Connect | Renew[Grant]) -> Ask[AwaitingRedirect]:
    """Send the person to the sign-in page. A renewal is a new sign-in, by the same user."""
    if intent.redirect_uri is None:
        raise ConfigurationError("kontist needs a redirect_uri, the one that is registered for its client_id")
    state = AwaitingRedirect(
        state=ctx.secret(),
        redirect_uri=intent.redirect_uri,
        verifier=ctx.secret() if settings.client_secret is None else None,
        subject=intent.grant.subject if isinstance(intent, Renew) else None,
    )
    return _ask_to_sign_in(settings, state)


async def resume(settings: KontistSettings, ctx: Context, state: State, event: Event) -> Step:
    match state, event:
        case AwaitingRedirect(), Callback():
            return await _after_redirect(settings, ctx, state, event)
        case AwaitingRedirect(), _:
            return _ask_to_sign_in(settings, state)
        case AwaitingChallenge(), _:
            return await _send_push(settings, ctx, state)
        case AwaitingApproval(), _:
            return await _poll(settings, ctx, state)


# Signing in -----------------------------------------------------------------------------------------------------------


def _ask_to_sign_in(settings: KontistSettings, state: AwaitingRedirect) -> Ask[AwaitingRedirect]:
    url = authorize_url(settings, state.redirect_uri, state.state, state.verifier)
    return Ask(state=state, interaction=Redirect(url=url), correlation=state.state)


async def _after_redirect(settings: KontistSettings, ctx: Context, state: AwaitingRedirect, event: Callback) -> Step:
    """Exchange the code. Whatever may have used it up ends the flow; an exchange that surely never arrived does not."""
    try:
        code = read_callback(event.params, state.state)
        request = exchange_code(settings, code, state.redirect_uri, state.verifier)
        answer = read_token(await ctx.http.send(request))
    except (OutcomeUnknown, MalformedAnswer) as lost:
        return _lost(lost)
    except ProviderRefused as refusal:
        return _refused(refusal)
    return await _after_exchange(settings, ctx, state, answer)


async def _after_exchange(
    settings: KontistSettings, ctx: Context, state: AwaitingRedirect, answer: TokenAnswer
) -> Step:
    now = ctx.now()
    grant = Grant(
        access_token=answer.access_token,
        refresh_token=answer.refresh_token,
        expires_at=expiry(answer.access_token, now, answer.expires_in),
        confirmed=not settings.skip_mfa,  # the sign-in page itself asks for the second factor (section 2.1)
    )
    if state.subject and grant.subject and state.subject != grant.subject:
        message = "another Kontist user signed in than the one of this connection; begin again, or connect them anew"
        return Failed(reason=Reason.REFUSED, message=message, provider_code="another_user")
    scopes = tuple((answer.scope or "").split()) or settings.scopes
    if grant.confirmed:
        return _connected(grant, scopes, now)
    return await _send_push(
        settings, ctx, AwaitingChallenge(grant=grant, scopes=scopes, expires_at=now + PUSH_DEADLINE)
    )


# The push -------------------------------------------------------------------------------------------------------------


async def _send_push(settings: KontistSettings, ctx: Context, state: AwaitingChallenge) -> Step:
    try:
        answer = read_challenge(await ctx.http.send(create_challenge(settings, state.grant.access_token)))
    except ProviderUnavailable as later:
        return Wait(state=state, poll_at=later.retry_at or ctx.now() + PUSH_RETRY, expires_at=state.expires_at)
    except (OutcomeUnknown, MalformedAnswer) as lost:
        return _lost(lost)
    except ProviderRefused as refusal:
        return _refused(refusal)
    return _ask_to_approve(
        AwaitingApproval(
            grant=state.grant,
            scopes=state.scopes,
            challenge=answer.id,
            expires_at=answer.expires_at,
            poll_at=ctx.now() + POLL_INTERVAL,
        )
    )


def _ask_to_approve(state: AwaitingApproval) -> Ask[AwaitingApproval]:
    challenge = Challenge(
        kind=ChallengeKind.APP_APPROVAL,
        message="Confirm the login in the Kontist app on your phone",
        expires_at=state.expires_at,
    )
    return Ask(state=state, interaction=challenge, poll_at=state.poll_at, expires_at=state.expires_at)


async def _poll(settings: KontistSettings, ctx: Context, state: AwaitingApproval) -> Step:
    try:
        request = poll_challenge(settings, state.grant.access_token, state.challenge)
        answer = read_poll(await ctx.http.send(request), state.challenge)
    except ProviderUnavailable as later:
        return _ask_again(state, ctx.now(), later.retry_at)
    except ProviderRefused as refusal:
        # what becomes of a challenge after its time is undocumented; its relatives turn into 404 (section 4)
        return _expired(refusal.code) if refusal.code == "404" else _refused(refusal)
    return await _judge(settings, ctx, state, answer)


async def _judge(settings: KontistSettings, ctx: Context, state: AwaitingApproval, answer: ChallengeAnswer) -> Step:
    """Decide in the order of the vendor's SDK: a challenge that has expired is lost, even a verified one (section 3)."""
    if answer.expires_at < ctx.now():
        return _expired(answer.status)
    match answer.status:
        case "DENIED":
            message = "the login was denied in the Kontist app; begin again"
            return Failed(reason=Reason.USER_REFUSED, message=message, provider_code="DENIED")
        case "VERIFIED":
            return await _exchange(settings, ctx, state)
        case _:
            return _ask_again(state.model_copy(update={"expires_at": answer.expires_at}), ctx.now())


async def _exchange(settings: KontistSettings, ctx: Context, state: AwaitingApproval) -> Step:
    """Fetch the confirmed tokens, at once.

    No step lies between the verified poll and this: a record of "about to exchange" would not bring back an answer that
    was lost with the process. The next poll shows VERIFIED again, Kontist refuses a second exchange, and the flow ends.
    """
    try:
        request = exchange_challenge(settings, state.grant.access_token, state.challenge)
        answer = read_confirmed_token(await ctx.http.send(request))
    except ProviderUnavailable as later:  # surely not exchanged
        return _ask_again(state, ctx.now(), later.retry_at)
    except (OutcomeUnknown, MalformedAnswer) as lost:
        return _lost(lost)
    except ProviderRefused as refusal:
        return _refused(refusal)
    return _connected(_confirmed(answer, ctx.now()), state.scopes, ctx.now())


def _confirmed(answer: ConfirmedTokenAnswer, now: datetime) -> Grant:
    """Build the grant from the confirmed tokens alone: the refresh token of the sign-in would give unconfirmed ones."""
    ends = expiry(answer.token, now)
    return Grant(access_token=answer.token, refresh_token=answer.refresh_token, expires_at=ends, confirmed=True)


def _ask_again(state: AwaitingApproval, now: datetime, not_before: datetime | None = None) -> Step:
    """Ask on, and look again on the beat of the first poll, so that a slow look does not make all later ones late."""
    if state.expires_at < now:
        return _expired(None)
    missed = max((now - state.poll_at) // POLL_INTERVAL + 1, 0)
    beat = state.poll_at + missed * POLL_INTERVAL
    return _ask_to_approve(state.model_copy(update={"poll_at": max(beat, not_before or beat)}))


# Ends -----------------------------------------------------------------------------------------------------------------


def _connected(grant: Grant, scopes: tuple[str, ...], now: datetime) -> Connected[Grant]:
    return Connected(grant=grant, consent=consent_of(grant, scopes, now), institution=KONTIST)


def _refused(refusal: ProviderRefused) -> Failed:
    denied = refusal.code in {"AccessDeniedError", "access_denied"}
    reason = Reason.USER_REFUSED if denied else Reason.REFUSED
    return Failed(reason=reason, message=f"{refusal}; begin again", provider_code=refusal.code)


def _expired(code: str | None) -> Failed:
    message = "the login was not confirmed in the Kontist app in time; begin again"
    return Failed(reason=Reason.EXPIRED, message=message, provider_code=code)


def _lost(error: ProviderError) -> Failed:
    """End after an answer that nobody has: what it gave works only once and cannot be asked for again."""
    operation = error.origin.operation or "request"
    message = f"Kontist's answer to {operation} was lost and it works only once; begin again"
    return Failed(reason=Reason.UNAVAILABLE, message=message, provider_code=error.code)
