"""A person and their browser: hosted pages are opened, read, filled in and sent, until one leads back to the application."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpx

from bankweave.cli.demo.pages import Form, Input, Page, read_page
from bankweave.errors import ProviderError

_MOST_STEPS = 30  # pages and redirects of one sign-in


class Lost(ProviderError):
    """The pages lead nowhere that this person knows a way through."""


@dataclass(frozen=True)
class Person:
    """What somebody knows: which text belongs under which label, and which of several choices they want."""

    types: Mapping[str, str] = field(repr=False)
    chooses: str = ""  # the value of a radio button

    def typed(self, one: Input) -> str:
        known = {label.casefold(): text for label, text in self.types.items()}
        text = known.get(one.label.casefold())
        if text is None:
            raise Lost(f"a page asks for {one.label or one.name!r}, and nobody here knows it")
        return text


class Browser:
    """Keeps cookies, follows redirects one by one, and never opens the address that it is looking for."""

    def __init__(self, on_page: Callable[[str], None] = lambda _title: None) -> None:
        self._client = httpx.Client(timeout=20, trust_env=False)
        self._on_page = on_page

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def sign_in(self, url: str, person: Person, redirect_uri: str) -> str:
        """Go through the pages from `url` on; returns the address under `redirect_uri` that the last one leads to."""
        response = self._client.get(url)
        for _ in range(_MOST_STEPS):
            if not response.is_redirect:
                response = self._submit(response, person)
                continue
            target = urljoin(str(response.url), response.headers["location"])
            if target.split("?")[0] == redirect_uri:
                return target
            response = self._client.get(target)
        raise Lost("the sign-in pages go round in circles")

    def _submit(self, response: httpx.Response, person: Person) -> httpx.Response:
        page = read_page(response.text)
        self._on_page(page.title)
        form = _form(page, response.status_code)
        return self._client.post(urljoin(str(response.url), form.action), data=fill_in(form, person))


def _form(page: Page, status: int) -> Form:
    """The form that goes on: the first one, unless the page refuses what was entered before."""
    forms = [form for form in page.forms if not form.is_search]
    if page.alert or not forms or status >= 400:
        raise Lost(f"the page {page.title!r} does not go on: {page.alert or status}")
    return forms[0]


def fill_in(form: Form, person: Person) -> dict[str, list[str]]:
    """What a browser sends when the person has filled a form in and presses its first button."""
    sent: dict[str, list[str]] = {}
    for one in form.inputs:
        value = _entered(one, person)
        if value is not None:
            sent.setdefault(one.name, []).append(value)
    button = form.buttons[0] if form.buttons else None
    if button is not None and button.name:
        sent.setdefault(button.name, []).append(button.value)
    return sent


def _entered(one: Input, person: Person) -> str | None:
    """The value of one input; None for a choice that was not made."""
    if one.is_typed:
        return person.typed(one)
    if one.type == "radio":
        return one.value if one.value == person.chooses else None
    return one.value if one.type == "hidden" or one.is_checked else None
