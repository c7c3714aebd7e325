"""The hosted Consent UI: plain forms over a visit (providers/basiq.md, section 2.2)."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq.consent.returning import address_of_return
from bankweave_sandbox.basiq.consent.visits import Action, Stage, Visit, VisitRefusedError
from bankweave_sandbox.basiq.consent_shape import PERMISSIONS, PURPOSE
from bankweave_sandbox.basiq.errors import ApiError
from bankweave_sandbox.basiq.platform import Platform
from bankweave_sandbox.basiq.state import User
from bankweave_sandbox.basiq.tokens import Token, TokenOffice
from bankweave_sandbox.hosted_pages import PRIVATE, entered, page_templates

_ACTIONS: dict[str, Action] = {
    "connect": "connect",
    "manage": "manage",
    "extend": "extend",
    "update": "update",
    "reauthorise": "reauthorise",
}
_REFUSED = "The bank did not accept what you entered."

Deed = Callable[[Visit, FormData], None]


def _texts(form: FormData, name: str) -> tuple[str, ...]:
    return tuple(value for value in form.getlist(name) if isinstance(value, str))


# What a button does, and on which pages it stands.
_DEEDS: dict[str, tuple[tuple[Stage, ...], Deed]] = {
    "agree": (("consent",), lambda visit, form: visit.agree(_texts(form, "scope"))),
    "institution": (("institutions",), lambda visit, form: visit.choose_institution(entered(form, "institution"))),
    "sign-in": (
        ("credentials",),
        lambda visit, form: visit.sign_in(entered(form, "loginId"), entered(form, "password")),
    ),
    "answer": (("mfa",), lambda visit, form: visit.answer(_texts(form, "answer"))),
    "share": (("accounts",), lambda visit, form: visit.share(frozenset(_texts(form, "account")))),
    "another": (("success", "failed", "credentials"), lambda visit, _: visit.connect_another()),
    "retry": (("failed",), lambda visit, _: visit.retry()),
    "extend": (("extend",), lambda visit, _: visit.extend()),
    "renew": (("renew",), lambda visit, form: visit.renew(entered(form, "connection"))),
    "delete": (("manage",), lambda visit, form: visit.delete_connection(entered(form, "connection"))),
    "revoke": (("manage",), lambda visit, _: visit.revoke()),
}


class ConsentUi:
    """Serves the pages and remembers who is visiting."""

    def __init__(self, platform: Platform, office: TokenOffice) -> None:
        self._platform = platform
        self._office = office
        self._visits: dict[str, Visit] = {}
        self._templates = page_templates(Path(__file__).parent / "templates")

    def routes(self) -> list[Route]:
        return [
            Route("/home", self._page(self._open), methods=["GET"]),
            Route("/home/{visit}", self._page(self._reload), methods=["GET"]),
            Route("/home/{visit}/{deed}", self._page(self._do), methods=["POST"]),
            Route("/connect/{link}", self._page(self._ask_code), methods=["GET"]),
            Route("/connect/{link}", self._page(self._check_code), methods=["POST"]),
        ]

    def _page(self, serve: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            self._platform.settle()
            try:
                answer = await serve(request)
            except VisitRefusedError as refused:
                return self._html("refused.html", status=refused.status, alert=refused.text)
            self._platform.deliver()
            return answer

        return endpoint

    async def _open(self, request: Request) -> Response:
        """Open a visit. The return address is the application's setting; one in the query counts by switch only."""
        query = request.query_params
        token = self._read_token(query.get("token", ""))
        user = self._platform.users.get(token.user_id or "")
        if user is None:
            raise VisitRefusedError(404, "This user does not exist any more.")
        visit = self._visit(user, token, query)
        visit.begin(query.get("institutionId") or None, query.get("connectionId") or None)
        return self._show(visit)

    async def _reload(self, request: Request) -> Response:
        """Show the page again; the list of institutions may be searched."""
        return self._show(self._running_visit(request), request.query_params.get("search", ""))

    async def _do(self, request: Request) -> Response:
        visit = self._running_visit(request)
        deed = request.path_params["deed"]
        if deed in {"cancel", "finish"}:
            return self._leave(visit, visit.attempted if deed == "finish" else visit.leave())
        stages, act = _DEEDS.get(deed, ((), None))
        if act is None:
            raise VisitRefusedError(404, "There is no such page.")
        visit.problem = ""
        if visit.stage in stages:  # else an old page was sent again: show where the visit stands
            act(visit, await request.form())
        if visit.stage in {"success", "extended"} and self._platform.switches.skip_success_screen:
            return self._leave(visit, visit.attempted)
        return _show_next(visit)

    async def _ask_code(self, request: Request) -> Response:
        user = self._linked_user(request)
        return self._html("code.html", link=user.auth_link, alert="")

    async def _check_code(self, request: Request) -> Response:
        """Let the person in who has the code of the text message; the link works once (section 2.3)."""
        user = self._linked_user(request)
        link = user.auth_link
        if link is None or not secrets.compare_digest(entered(await request.form(), "code").strip(), link.code):
            return self._html("code.html", link=link, alert="This is not the code that we have sent.")
        user.auth_link, user.auth_link_was_used = None, True
        visit = self._visit(user, Token("CLIENT_ACCESS", user.id, link.expires), QueryParams(""))
        visit.begin(None, None)
        return _show_next(visit)

    def _read_token(self, encoded: str) -> Token:
        try:
            token = self._office.read(encoded)
        except ApiError:
            raise VisitRefusedError(401, "This link is not valid.") from None
        if token.expires <= self._platform.now():
            raise VisitRefusedError(401, "This link has expired. Go back to the application and try again.")
        if token.scope != "CLIENT_ACCESS":
            raise VisitRefusedError(403, "This link was made with a token that may not open this page.")
        return token

    def _visit(self, user: User, token: Token, query: QueryParams) -> Visit:
        now = self._platform.now()
        self._visits = {key: visit for key, visit in self._visits.items() if visit.ends > now}
        visit = Visit(
            id=secrets.token_urlsafe(16),
            platform=self._platform,
            user=user,
            ends=token.expires,
            # `null`, nothing at all and unknown words mean the default (section 2.2).
            action=_ACTIONS.get(query.get("action", ""), "default"),
            state=query.get("state"),
            redirect=query.get("redirect_uri") or query.get("redirectUrl"),
        )
        self._visits[visit.id] = visit
        return visit

    def _running_visit(self, request: Request) -> Visit:
        visit = self._visits.get(request.path_params["visit"])
        if visit is None or visit.ends <= self._platform.now() or visit.user.id not in self._platform.users:
            raise VisitRefusedError(401, "This page has expired. Go back to the application and try again.")
        return visit

    def _linked_user(self, request: Request) -> User:
        wanted, now = request.path_params["link"], self._platform.now()
        for user in self._platform.users.values():
            link = user.auth_link
            if link is not None and link.id == wanted and link.expires > now:
                return user
        raise VisitRefusedError(410, "This link is no longer available.")

    def _show(self, visit: Visit, search: str = "") -> Response:
        days = self._platform.switches.consent_days
        wanted = search.strip().casefold()
        connectors = [c for c in self._platform.connectors if wanted in f"{c.bank.name} {c.id}".casefold()]
        return self._html(
            f"{visit.stage}.html",
            visit=visit,
            alert=_REFUSED if visit.stage == "failed" else visit.problem,
            permissions=PERMISSIONS,
            optional_scopes=self._platform.switches.optional_scopes,
            purpose=PURPOSE,
            days=days,
            connectors=connectors,
            search=search,
            down=self._platform.switches.institutions_down,
        )

    def _html(self, template: str, status: int = 200, **context: object) -> Response:
        page = self._templates.get_template(template).render(**context)
        return HTMLResponse(page, status_code=status, headers=PRIVATE)

    def _leave(self, visit: Visit, jobs: list[str]) -> Response:
        address = address_of_return(self._platform.world.redirect_url, visit, jobs, self._platform.switches)
        return RedirectResponse(address, 302, headers=PRIVATE)


def _show_next(visit: Visit) -> Response:
    """Send the browser on with a GET, so that its back and reload buttons send no form again."""
    return RedirectResponse(f"/home/{visit.id}", 303, headers=PRIVATE)
