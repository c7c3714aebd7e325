"""The hosted sign-in page: plain forms, one page per redirection (providers/kontomatik.md sections 3.2 and 15)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bankweave_sandbox.hosted_pages import PRIVATE, page_templates
from bankweave_sandbox.kontomatik.desk import Desk
from bankweave_sandbox.kontomatik.redirections import Redirection
from bankweave_sandbox.kontomatik.refusals import Refused
from bankweave_sandbox.kontomatik.signin import Step, WrongAnswer, step_of
from bankweave_sandbox.kontomatik.texts import Texts, texts_for

_TEMPLATES = page_templates(Path(__file__).parent / "templates")

Action = Callable[[Redirection, Mapping[str, str]], None]


class Pages:
    """A GET shows the step the person is at; a POST does one step and sends the browser on."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._actions: dict[Step, Action] = {
            "bank": lambda r, form: desk.sign_ins.choose(r, form.get("target", "")),
            "consent": lambda r, form: desk.sign_ins.consent(r, allows_reuse=form.get("allows_reuse") == "yes"),
            "login": lambda r, form: desk.sign_ins.log_in(r, form.get("username", ""), form.get("password", "")),
            "code": lambda r, form: desk.sign_ins.enter_code(r, form.get("code", "")),
        }

    def routes(self) -> list[Route]:
        path = "/redirection/{redirection_id}"
        return [Route(path, self._show, methods=["GET"]), Route(path, self._submit, methods=["POST"])]

    async def _show(self, request: Request) -> Response:
        try:
            redirection = self._find(request)
        except Refused:
            return self._page("gone.html", texts_for("en"), 404)
        if self._desk.redirections.is_over(redirection):
            return self._dead_link(redirection)
        redirection.is_opened = True
        return self._step_page(redirection)

    async def _submit(self, request: Request) -> Response:
        try:
            redirection = self._find(request)
        except Refused:
            return self._page("gone.html", texts_for("en"), 404)
        if self._desk.redirections.is_over(redirection):
            return self._dead_link(redirection)
        form = dict(parse_qsl((await request.body()).decode("utf-8", errors="replace"), keep_blank_values=True))
        try:
            self._act(redirection, form)
        except WrongAnswer as wrong:
            return self._step_page(redirection, error=str(wrong), username=form.get("username", ""))
        if redirection.ending is not None:
            return _way_back(redirection)
        return RedirectResponse(request.url.path, 303, headers=PRIVATE)

    def _act(self, redirection: Redirection, form: Mapping[str, str]) -> None:
        """Do what a form asks for. A form of another step (the browser's back button) changes nothing."""
        step = step_of(redirection)
        if form.get("step") != step:
            return
        if form.get("action") == "refuse":
            self._desk.sign_ins.refuse(redirection)
            return
        self._actions[step](redirection, form)

    def _find(self, request: Request) -> Redirection:
        return self._desk.redirections.find(request.path_params["redirection_id"])

    def _step_page(self, redirection: Redirection, *, error: str | None = None, username: str = "") -> Response:
        step, texts = step_of(redirection), self._texts(redirection)
        values = {
            "step": step,
            "order": redirection.order,
            "target": redirection.target,
            "choices": self._desk.sign_ins.choices(redirection),
            "days": self._desk.switches.consent_days,
            "uses": self._desk.switches.consent_uses_per_day,
            "alert": texts.errors.get(error, error) if error else None,
            "username": username,
        }
        return self._page(f"{step}.html", texts, 200, **values)

    def _dead_link(self, redirection: Redirection) -> Response:
        if self._desk.switches.dead_link == "send-back":
            return _way_back(redirection)
        return self._page("over.html", self._texts(redirection), 200, back=callback_url(redirection))

    def _texts(self, redirection: Redirection) -> Texts:
        return texts_for(redirection.order.locale if self._desk.switches.page_language == "locale" else "en")

    def _page(self, template: str, texts: Texts, status: int, **values: object) -> Response:
        html = _TEMPLATES.get_template(template).render(t=texts, **values)
        return HTMLResponse(html, status, headers=PRIVATE)


def callback_url(redirection: Redirection) -> str:
    """Add the id to the integrator's URI; a query that is there already is kept (section 3.2)."""
    parts = urlsplit(redirection.order.redirect_uri)
    added = f"redirectionId={quote(redirection.id, safe='')}"
    query = f"{parts.query}&{added}" if parts.query else added
    return urlunsplit(parts._replace(query=query))


def _way_back(redirection: Redirection) -> Response:
    return RedirectResponse(callback_url(redirection), 302, headers=PRIVATE)
