"""Signing in, as steps of a flow: on Kontist's page, or by name and password where the client may (section 2)."""

from __future__ import annotations

from bankweave.errors import ConfigurationError, MalformedAnswer, OutcomeUnknown, ProviderRefused
from bankweave.flow import Ask, Callback, Connect, Failed, Reason, Redirect, Renew, Step
from bankweave_kontist.devices.flow import begin_any, begin_binding, begin_proof
from bankweave_kontist.grant import Grant, expiry
from bankweave_kontist.push.flow import begin_push
from bankweave_kontist.session import Session
from bankweave_kontist.signin.endings import another_signed_in, connected, is_other_user, lost, refused
from bankweave_kontist.signin.options import Plan, SignInOptions, plan, read_options
from bankweave_kontist.signin.protocol import (
    SIGN_IN,
    authorize_url,
    exchange_code,
    password_token,
    read_callback,
    read_token,
)
from bankweave_kontist.signin.wire import TokenAnswer
from bankweave_kontist.states import AwaitingRedirect


async def begin(session: Session, intent: Connect | Renew[Grant]) -> Step:
    """Begin with what the options say: the sign-in page, a password, or what a connection has already."""
    options = read_options(intent.options)
    subject = intent.grant.subject if isinstance(intent, Renew) else None
    if options.username is not None:
        return await _by_password(session, options, subject)
    if isinstance(intent, Renew) and intent.redirect_uri is None and options.wants_more_than_a_sign_in:
        return await _second_factor(session, plan(session.settings, options), None, session.settings.scopes)
    return _by_page(session, intent.redirect_uri, plan(session.settings, options), subject)


# The sign-in page -----------------------------------------------------------------------------------------------------


def _by_page(session: Session, redirect_uri: str | None, following: Plan, subject: str | None) -> Ask[AwaitingRedirect]:
    """Send the person to the sign-in page. A renewal is a new sign-in, by the same user."""
    if redirect_uri is None:
        raise ConfigurationError("kontist needs a redirect_uri, the one that is registered for its client_id")
    state = AwaitingRedirect(
        state=session.ctx.secret(),
        redirect_uri=redirect_uri,
        verifier=session.ctx.secret() if session.settings.client_secret is None else None,
        subject=subject,
        plan=following,
    )
    return ask_to_sign_in(session, state)


def ask_to_sign_in(session: Session, state: AwaitingRedirect) -> Ask[AwaitingRedirect]:
    skips = _plan_of(session, state).factor != "page"
    url = authorize_url(session.settings, state.redirect_uri, state.state, state.verifier, skip_mfa=skips)
    return Ask(state=state, interaction=Redirect(url=url), correlation=state.state)


async def after_redirect(session: Session, state: AwaitingRedirect, event: Callback) -> Step:
    """Exchange the code. Whatever may have used it up ends the flow; an exchange that surely never arrived does not."""
    try:
        code = read_callback(event.params, state.state)
        request = exchange_code(session.settings, code, state.redirect_uri, state.verifier)
        answer = read_token(await session.ctx.http.send(request))
    except (OutcomeUnknown, MalformedAnswer) as error:
        return lost(error)
    except ProviderRefused as refusal:
        return refused(refusal)
    return await _after_tokens(session, _plan_of(session, state), state.subject, answer)


def _plan_of(session: Session, state: AwaitingRedirect) -> Plan:
    return state.plan or plan(session.settings, SignInOptions())


# A password -----------------------------------------------------------------------------------------------------------


async def _by_password(session: Session, options: SignInOptions, subject: str | None) -> Step:
    """Sign in at once. Never repeated by itself: banks lock who tries too often."""
    try:
        answer = read_token(await session.ctx.http.send(password_token(session.settings, options)), SIGN_IN)
    except (OutcomeUnknown, MalformedAnswer) as error:
        return lost(error)
    except ProviderRefused as refusal:
        return _not_signed_in(refusal)
    return await _after_tokens(session, plan(session.settings, options), subject, answer)


def _not_signed_in(refusal: ProviderRefused) -> Failed:
    if refusal.code == "invalid_grant":
        message = "Kontist does not know this name with this password; begin again"
        return Failed(reason=Reason.WRONG_ANSWER, message=message, provider_code=refusal.code)
    return refused(refusal)


# After either ---------------------------------------------------------------------------------------------------------


async def _after_tokens(session: Session, following: Plan, subject: str | None, answer: TokenAnswer) -> Step:
    grant = Grant(
        access_token=answer.access_token,
        refresh_token=answer.refresh_token,
        expires_at=expiry(answer.access_token, session.now(), answer.expires_in),
        confirmed=following.factor == "page",  # the sign-in page itself asks for the second factor (section 2.1)
    )
    if is_other_user(subject, grant.subject):
        return another_signed_in()
    scopes = tuple((answer.scope or "").split()) or session.settings.scopes
    return await _second_factor(session, following, grant, scopes)


async def _second_factor(session: Session, following: Plan, grant: Grant | None, scopes: tuple[str, ...]) -> Step:
    match following.factor, grant:
        case "bind", _:
            return await begin_binding(session, grant, scopes, following.device or "")
        case "device", _:
            return await begin_proof(session, grant, scopes)
        case (("page" | "none"), Grant()):
            return connected(grant, scopes, session.now())
        case "any", _:
            return await begin_any(session, grant, scopes)
        case _:
            return await begin_push(session, grant, scopes)
