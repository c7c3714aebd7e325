"""Somebody at a real browser, who goes by what can be read, and whose browser is watched meanwhile."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Locator, Page, Request, expect

LOOPBACK = {"127.0.0.1", "localhost"}


@dataclass
class Watch:
    """What went wrong in a browser behind its owner's back."""

    complaints: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list, repr=False)

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", self._note)

    @property
    def strangers(self) -> set[str]:
        """Hosts off this machine that the browser asked for something."""
        asked = {urlsplit(request.url) for request in self.requests}
        return {str(url.hostname) for url in asked if url.scheme != "data" and url.hostname not in LOOPBACK}

    def referers(self) -> list[str]:
        found = (request.all_headers().get("referer") for request in self.requests if request.response())
        return [referer for referer in found if referer]

    def forgive(self, words: str) -> None:
        """Drop the complaints with these words; there has to be one."""
        kept = [complaint for complaint in self.complaints if words not in complaint]
        assert kept != self.complaints, f"nobody complained of {words!r}"
        self.complaints[:] = kept

    def _note(self, request: Request) -> None:
        self.requests.append(request)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


@dataclass
class Person:
    page: Page
    watch: Watch = field(repr=False)

    def opens(self, url: str) -> None:
        self.page.goto(url)

    def reads(self, heading: str) -> None:
        """Be on the page with this heading; its title says the same."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        expect(self.page).to_have_title(re.compile(re.escape(heading)))

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text)).to_be_visible()

    def is_told(self, alert: str) -> None:
        """Meet a complaint that a screen reader reads out, and that stands in the title as well."""
        expect(self.page.get_by_role("alert")).to_have_text(alert)
        expect(self.page).to_have_title(re.compile("^Error: "))

    def types(self, **entered: str) -> None:
        """Fill in fields by their labels; `_` stands for a blank."""
        for label, text in entered.items():
            self.field(label.replace("_", " ")).fill(text)

    def presses(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True)

    def choice(self, words: str) -> Locator:
        return self.page.get_by_role("radio", name=words).or_(self.page.get_by_role("checkbox", name=words))

    @property
    def focused(self) -> Locator:
        return self.page.locator(":focus")

    def hits(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def tabs_to(self, name: str, most: int = 20) -> None:
        """Go on with the Tab key until the control of this name has the focus, which has to be seen."""
        for _ in range(most):
            self.hits("Tab")
            if self._focused_name() == name:
                assert self.focused.evaluate("one => getComputedStyle(one).outlineStyle") != "none"
                return
        raise AssertionError(f"Tab does not lead to {name!r}, but at last to {self._focused_name()!r}")

    def _focused_name(self) -> str:
        try:
            text = self.focused.evaluate(
                "one => one.labels?.length ? one.labels[0].innerText : one.innerText", timeout=500
            )
        except Error:  # nothing is focused: the end of the page
            return ""
        return " ".join(str(text).split())
