"""What a browser knows of a page: its forms, what can be typed into them, and the buttons."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TypeAlias

Attributes: TypeAlias = list[tuple[str, str | None]]

_UNTYPED = frozenset({"hidden", "radio", "checkbox"})


@dataclass
class Input:
    name: str
    type: str
    value: str
    id: str = ""
    label: str = ""
    is_checked: bool = False

    @property
    def is_typed(self) -> bool:
        return self.type not in _UNTYPED


@dataclass(frozen=True)
class Button:
    text: str
    name: str = ""
    value: str = ""


@dataclass
class Form:
    action: str
    is_search: bool = False  # it looks for something, and goes on with nothing
    inputs: list[Input] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)


@dataclass
class Page:
    title: str
    forms: list[Form]
    alert: str  # what the page complains about


def read_page(html: str) -> Page:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._labels: dict[str, str] = {}  # texts of labels that name their input, by its id
        self._open: Form | None = None
        self._texts: dict[str, list[str]] = {}  # the text of the elements that are open, by tag
        self._title = ""
        self._alert = ""
        self._label_for = ""
        self._wrapped: Input | None = None
        self._button: dict[str, str] = {}

    def page(self) -> Page:
        for one in (one for form in self.forms for one in form.inputs):
            one.label = one.label or self._labels.get(one.id, "")
        return Page(self._title, self.forms, self._alert)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in {"title", "label", "button"} or given.get("role") == "alert":
            self._texts["alert" if given.get("role") == "alert" else tag] = []
        match tag:
            case "form":
                self._open = Form(given.get("action", ""), is_search=given.get("role") == "search")
                self.forms.append(self._open)
            case "label":
                self._label_for, self._wrapped = given.get("for", ""), None
            case "input":
                self._add_input(given, is_checked="checked" in given)
            case "button":
                self._button = given

    def handle_data(self, data: str) -> None:
        for texts in self._texts.values():
            texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "p" and "alert" in self._texts:
            self._alert = self._text("alert")
        if tag == "form":
            self._open = None
        if tag not in self._texts:
            return
        text = self._text(tag)
        match tag:
            case "title":
                self._title = text
            case "label":
                self._end_label(text)
            case "button" if self._open is not None:
                self._open.buttons.append(Button(text, self._button.get("name", ""), self._button.get("value", "")))

    def _add_input(self, given: dict[str, str], *, is_checked: bool) -> None:
        if self._open is None or not given.get("name"):
            return
        kind = given.get("type", "text")
        value = given.get("value", "on" if kind in {"radio", "checkbox"} else "")
        one = Input(given["name"], kind, value, given.get("id", ""), is_checked=is_checked)
        self._open.inputs.append(one)
        if "label" in self._texts:
            self._wrapped = one

    def _end_label(self, text: str) -> None:
        if self._wrapped is not None:
            self._wrapped.label = text
        else:
            self._labels[self._label_for] = text
        self._label_for, self._wrapped = "", None

    def _text(self, tag: str) -> str:
        return " ".join("".join(self._texts.pop(tag)).split())
