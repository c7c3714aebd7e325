"""The hosted sign-in page: e-mail and password, a push, consent (providers/kontist.md sections 2.1 and 2.5).

The steps after the first request are pages of ours: Kontist does not document its own.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bankweave_sandbox.hosted_pages import PRIVATE, entered, page_templates
from bankweave_sandbox.kontist.devices.push_challenges import PushChallenge, PushChallenges
from bankweave_sandbox.kontist.oauth.clients import ClientRegistry
from bankweave_sandbox.kontist.oauth.codes import Codes
from bankweave_sandbox.kontist.oauth.tokens import Grant
from bankweave_sandbox.kontist.people import People, phone_id, user_id
from bankweave_sandbox.kontist.signin.authorization import Asked, UntrustedRequest, read_request
from bankweave_sandbox.kontist.signin.sessions import Session, Sessions, remember
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.world import World

_PAGES = page_templates(Path(__file__).parent / "templates")
_STUCK = "This sign-in cannot go on"
_EXPIRED = "This sign-in is over or was never begun. Go back to the application and start again."
_SCOPE_TEXTS = {
    "accounts": "See your account, its IBAN and its balance",
    "users": "See your name and your contact details",
    "transactions": "See and categorize your transactions",
    "transfers": "Prepare transfers, which you confirm each",
    "subscriptions": "See your Kontist plan",
    "statements": "See your statements and documents",
    "clients": "Manage your API clients",
    "change_request": "Ask you to confirm changes",
    "offline": "Stay connected while you are away",
}


class AuthorizePages:
    def __init__(
        self,
        world: World,
        people: People,
        challenges: PushChallenges,
        codes: Codes,
        clients: ClientRegistry,
        switches: Switches,
    ) -> None:
        self._world = world
        self._people = people
        self._challenges = challenges
        self._codes = codes
        self._clients = clients
        self._switches = switches
        self._sessions = Sessions()
        self._asked: dict[str, Asked] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/api/oauth/authorize", self.authorize, methods=["GET"]),
            Route("/api/oauth/login", self.show, methods=["GET"]),
            Route("/api/oauth/login", self.login, methods=["POST"]),
            Route("/api/oauth/mfa", self.show, methods=["GET"]),
            Route("/api/oauth/mfa", self.mfa, methods=["POST"]),
            Route("/api/oauth/consent", self.show, methods=["GET"]),
            Route("/api/oauth/consent", self.consent, methods=["POST"]),
            Route("/api/oauth/logout", self.logout, methods=["GET"]),
        ]

    async def authorize(self, request: Request) -> Response:
        try:
            asked = read_request(request.query_params, self._clients, self._world.redirect_url)
        except UntrustedRequest as error:
            return _page("error.html", status=400, title=_STUCK, message=str(error))
        if asked.error:
            return _answer(asked, asked.refusal(asked.error))
        session = self._sessions.of(request)
        if asked.is_silent:
            return self._authorize_silently(asked, session)
        key = secrets.token_urlsafe(24)
        self._asked[key] = asked
        return self._next_page(key, session)

    async def show(self, request: Request) -> Response:
        """Show the step where the sign-in stands; `fresh` offers the login form to another person."""
        key = request.query_params.get("request", "")
        session = None if "fresh" in request.query_params else self._sessions.of(request)
        return self._next_page(key, session)

    async def login(self, request: Request) -> Response:
        form = await request.form()
        key = entered(form, "request")
        email = entered(form, "email")
        person = self._people.sign_in(email, entered(form, "password"))
        if person is None:
            return self._login_page(key, "E-mail address or password is wrong.", email=email, status=401)
        session_key, _ = self._sessions.start(person)
        response = _show_next(key)
        remember(response, session_key)
        return response

    async def mfa(self, request: Request) -> Response:
        """Play the phone: the page has the buttons that the app would show."""
        form = await request.form()
        key, session = entered(form, "request"), self._sessions.of(request)
        if entered(form, "action") == "leave" and key in self._asked:
            return self._refuse(key)
        decided = {"confirm": "VERIFIED", "deny": "DENIED"}.get(entered(form, "action"))
        if session and session.challenge and decided:
            self._challenges.decide(session.challenge, "VERIFIED" if decided == "VERIFIED" else "DENIED")
        if session and entered(form, "action") == "resend":
            session.challenge = None
        return _show_next(key)

    async def consent(self, request: Request) -> Response:
        form = await request.form()
        key, session = entered(form, "request"), self._sessions.of(request)
        asked = self._asked.get(key)
        if asked is None or session is None or not _is_identified(asked, session):
            return self._next_page(key, session)
        if entered(form, "decision") != "accept":
            return self._refuse(key)
        session.consents.add((asked.client.id, frozenset(asked.scopes)))
        return self._grant(key, asked, session)

    async def logout(self, request: Request) -> Response:
        response = _page("error.html", title="Signed out", message="You are signed out of Kontist in this browser.")
        self._sessions.end(request, response)
        return response

    def _authorize_silently(self, asked: Asked, session: Session | None) -> Response:
        # What prompt=none answers without a usable session is undocumented.
        if session is None or not _is_identified(asked, session):
            return _answer(asked, asked.refusal("LoginRequiredError"))
        if not session.remembers(asked.client.id, asked.scopes):
            return _answer(asked, asked.refusal("ConsentRequiredError"))
        return self._grant("", asked, session)

    def _next_page(self, key: str, session: Session | None) -> Response:
        asked = self._asked.get(key)
        if asked is None:
            return _page("error.html", status=400, title=_STUCK, message=_EXPIRED)
        if session is None:
            return self._login_page(key)
        if not self._is_confirmed(asked, session):
            return self._mfa_page(key, session)
        if self._switches.remember_consent and session.remembers(asked.client.id, asked.scopes):
            return self._grant(key, asked, session)
        texts = [_SCOPE_TEXTS[scope] for scope in asked.scopes]
        return _page("consent.html", key=key, client=asked.client.name, person=session.person, scopes=texts)

    def _login_page(self, key: str, error: str = "", *, email: str = "", status: int = 200) -> Response:
        asked = self._asked.get(key)
        if asked is None:
            return _page("error.html", status=400, title=_STUCK, message=_EXPIRED)
        return _page("login.html", status=status, key=key, client=asked.client.name, alert=error, email=email)

    def _is_confirmed(self, asked: Asked, session: Session) -> bool:
        """See whether the push, if one is asked for, was confirmed meanwhile: here or by any other phone."""
        challenge = session.challenge and self._challenges.find(session.challenge.id)
        if challenge and challenge.status == "VERIFIED":
            session.has_mfa = True
        return _is_identified(asked, session)

    def _mfa_page(self, key: str, session: Session) -> Response:
        client, challenge = self._asked[key].client.name, self._live_challenge(session)
        alert = f"Somebody tapped “Deny” in the app of {session.person.name}." if challenge.status == "DENIED" else ""
        return _page("mfa.html", key=key, client=client, person=session.person, alert=alert)

    def _refuse(self, key: str) -> Response:
        asked = self._asked.pop(key)
        return _answer(asked, asked.refusal("AccessDeniedError"))

    def _live_challenge(self, session: Session) -> PushChallenge:
        if session.challenge is None or self._challenges.is_expired(session.challenge):
            session.challenge = self._challenges.push(session.person)
        return session.challenge

    def _grant(self, key: str, asked: Asked, session: Session) -> Response:
        self._asked.pop(key, None)
        # Skipping MFA means an unconfirmed token, even where this browser was confirmed before (undocumented).
        kid = None if asked.skips_mfa else phone_id(session.person)
        grant = Grant(user_id(session.person), asked.client.id, asked.scopes, kid)
        code = self._codes.issue(grant, asked.redirect_uri, asked.code_challenge)
        return _answer(asked, asked.success(code))


def _is_identified(asked: Asked, session: Session) -> bool:
    return asked.skips_mfa or session.has_mfa


def _show_next(key: str) -> Response:
    """Send the browser on with a GET, so that its back and reload buttons send no form again."""
    return RedirectResponse(f"/api/oauth/login?request={quote(key)}", status_code=303, headers=PRIVATE)


def _answer(asked: Asked, parameters: dict[str, str]) -> Response:
    if not asked.wants_message:
        return RedirectResponse(asked.callback(parameters), status_code=302, headers=PRIVATE)
    error = parameters.get("error")
    message: dict[str, object] = {"error": json.loads(error)} if error else {"response": parameters}
    parts = urlsplit(asked.redirect_uri)
    return _message_page(message, f"{parts.scheme}://{parts.netloc}")


def _message_page(message: dict[str, object], target: str) -> Response:
    """Post the answer to the page around: the one page of ours that lives in a frame, and has a script."""
    nonce = secrets.token_urlsafe(16)
    html = _PAGES.get_template("web_message.html").render(message=message, target=target, nonce=nonce)
    policy = f"default-src 'none'; script-src 'nonce-{nonce}'; base-uri 'none'"
    return HTMLResponse(html, headers={**PRIVATE, "Content-Security-Policy": policy})


def _page(template: str, status: int = 200, **values: object) -> Response:
    html = _PAGES.get_template(template).render(values)
    return HTMLResponse(html, status_code=status, headers=PRIVATE)
