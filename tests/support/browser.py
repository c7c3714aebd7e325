"""A browser that walks hosted pages: forms are filled in by the names of their fields, buttons pressed by their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self, cast
from urllib.parse import urljoin, urlsplit

import httpx
from lxml import html

MOST_PAGES = 20
LOOPBACK = "127.0.0.1"

Known = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Page:
    """What the browser shows. `forms` is empty when it was sent to an address off this machine, which it does not open."""

    url: str
    status: int
    forms: tuple[html.FormElement, ...] = ()
    text: str = ""

    @property
    def has_left(self) -> bool:
        return urlsplit(self.url).hostname != LOOPBACK

    def button(self, word: str) -> tuple[html.FormElement, html.HtmlElement] | None:
        """The button with this text or value, and its form."""
        for form in self.forms:
            for button in form.iter("button"):
                if word in {" ".join(button.text_content().split()), button.get("value")}:
                    return form, button
        return None


class Browser:
    """One person's: it keeps cookies, and follows redirects on this machine."""

    def __init__(self) -> None:
        self._client = httpx.Client(trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def walk(self, url: str, words: Sequence[str], known: Known) -> str:
        """Press the first of `words` that a page has, filling in what is `known`, until a page leads off this machine."""
        page = self.open(url)
        for _ in range(MOST_PAGES):
            if page.has_left:
                return page.url
            word = next((word for word in words if page.button(word)), None)
            assert word is not None, f"nothing to press at {urlsplit(page.url).path} ({page.status}): {page.text}"
            page = self.press(page, word, known)
        raise AssertionError(f"still at {urlsplit(page.url).path} after {MOST_PAGES} pages: {page.text}")

    def open(self, url: str) -> Page:
        return self._shown(self._client.get(url))

    def press(self, page: Page, word: str, known: Known) -> Page:
        found = page.button(word)
        assert found is not None, f"no button {word!r} on the page: {page.text}"
        form, button = found
        sent = _filled_in(form, known)
        if button.get("name"):
            sent[str(button.get("name"))] = [str(button.get("value", ""))]
        action = urljoin(page.url, str(form.action or page.url))
        return self._shown(self._client.post(action, data=sent))

    def _shown(self, answer: httpx.Response) -> Page:
        for _ in range(MOST_PAGES):
            if not answer.is_redirect:
                return _read(answer)
            target = urljoin(str(answer.url), answer.headers["location"])
            if urlsplit(target).hostname != LOOPBACK:
                return Page(target, answer.status_code)
            answer = self._client.get(target)
        raise AssertionError("redirects go round in circles")


def _read(answer: httpx.Response) -> Page:
    tree = cast("html.HtmlElement", html.document_fromstring(answer.text))
    text = " ".join(str(tree.text_content()).split())
    return Page(str(answer.url), answer.status_code, tuple(tree.forms), text)


def _filled_in(form: html.FormElement, known: Known) -> dict[str, list[str]]:
    """What is sent: the form's own values, and what is known of its fields. Several fields of a name take a list in order."""
    sent: dict[str, list[str]] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    for name in {str(name) for name in form.fields} & set(known):
        value = known[name]
        sent[name] = [value] if isinstance(value, str) else list(value)
    return sent
