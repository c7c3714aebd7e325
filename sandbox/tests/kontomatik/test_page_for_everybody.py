"""The hosted page in its three languages, for people with a keyboard, a screen reader, or no JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import pytest
from lxml import html

from bankweave_sandbox.kontomatik.texts import Texts, texts_for

from .signin_service import Page, Service

LOGIN = {"username": "test1", "password": "Test123"}
WRONG = {"username": "test1", "password": "guess"}
LANGUAGES = {"en": "en", "pl": "pl", "cz": "cs"}  # by Kontomatik's word for the locale


def walked(service: Service, locale: str, mode: str = "MIXED") -> Iterator[Page]:
    """Every page of a sign-in, mistakes included."""
    service.dialect.switches.page_language = "locale"
    page = service.open(service.fetch(mode, locale=locale)["redirectionLink"])
    yield page
    yield service.click(page, target="KontoBankApi_cz")
    for answers in ({"target": "KontoBankApi"}, {}, WRONG, LOGIN, {"code": "000000"}):
        page = service.click(page, **answers)
        yield page


def over(service: Service, locale: str) -> Page:
    service.dialect.switches.dead_link = "say-so"
    fetched = service.fetch(locale=locale)
    service.later(hours=1)
    return service.open(fetched["redirectionLink"])


def tree_of(page: Page) -> html.HtmlElement:
    assert page.tree is not None
    return page.tree


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_page_speaks_the_locale_when_asked_to(service: Service, locale: str) -> None:
    texts = texts_for(locale)
    pages = [*walked(service, locale), over(service, locale)]
    assert {tree_of(page).get("lang") for page in pages} == {LANGUAGES[locale]}
    shown = " ".join(page.text for page in pages)
    for words in (texts.choose_title, texts.consent_title, texts.allow_reuse, texts.code, texts.refuse, texts.over):
        assert words in shown
    if locale != "en":
        english = texts_for("en")
        assert not [word for word in (english.next, english.refuse, english.password, "wrong") if word in shown]


@pytest.mark.parametrize("locale", ["pl", "cz"])
def test_nothing_is_left_in_english(locale: str) -> None:
    english, texts = texts_for("en"), texts_for(locale)
    same_word = {"bank"} if locale == "pl" else set()
    names = {f.name for f in fields(Texts)} - {"errors"} - same_word
    assert {name for name in names if getattr(texts, name) == getattr(english, name)} == set()
    assert all(word in texts.multiple and word in texts.mixed for word in ("{days}", "{uses}"))


@pytest.mark.parametrize("locale", ["ro", "PL", "xx"])
def test_other_locales_get_english_and_letter_case_is_nothing(service: Service, locale: str) -> None:
    service.dialect.switches.page_language = "locale"
    page = service.open(service.fetch(locale=locale)["redirectionLink"])
    assert tree_of(page).get("lang") == ("pl" if locale == "PL" else "en")


def test_it_is_english_whatever_the_locale_until_it_is_switched(service: Service) -> None:
    page = service.open(service.fetch(locale="pl")["redirectionLink"])
    assert tree_of(page).get("lang") == "en"
    assert "Choose your bank" in page.text


def test_every_page_has_a_title_one_heading_and_no_script(service: Service) -> None:
    for page in [*walked(service, "en"), over(service, "en")]:
        tree = tree_of(page)
        (heading,) = tree.xpath("//h1")
        assert tree.findtext(".//title").endswith(heading.text_content())
        assert not tree.xpath("//script | //@onclick | //@onsubmit | //a[starts-with(@href, 'javascript:')]")
        assert tree.xpath("//meta[@name='viewport']")


def test_every_input_is_labelled_and_every_button_says_what_it_does(service: Service) -> None:
    for page in walked(service, "en"):
        inputs = page.form.xpath(".//input[not(@type='hidden')]")
        assert [field.get("name") for field in inputs if field.label is None] == []
        assert list(page.form.xpath(".//input[@type='radio'][not(ancestor::fieldset/legend)]")) == []
        buttons = [button.text_content().strip() for button in page.form.xpath(".//button")]
        assert all(buttons)
        assert len(set(buttons)) == 2
        ids = tree_of(page).xpath("//@id")
        assert len(ids) == len(set(ids))


def test_a_mistake_is_said_in_the_title_and_tied_to_its_field(service: Service) -> None:
    mistaken = [page for page in walked(service, "en") if tree_of(page).xpath("//*[@role='alert']")]
    assert len(mistaken) == 3, "a bank that is not there, a wrong password, a wrong code"
    for page in mistaken:
        tree = tree_of(page)
        assert tree.findtext(".//title").startswith("Error: ")
        (described,) = set(tree.xpath("//form//@aria-describedby"))
        assert tree.get_element_by_id(described).get("role") == "alert"


def test_password_managers_know_what_to_fill_in(service: Service) -> None:
    pages = list(walked(service, "en"))
    hints = {field.get("name"): field.get("autocomplete") for p in pages for field in p.form.xpath(".//input")}
    expected = {"username": "username", "password": "current-password", "code": "one-time-code"}
    assert {name: hints[name] for name in expected} == expected


def test_nothing_of_a_page_is_kept_or_told_on(service: Service) -> None:
    response = service.browser.get(service.fetch()["redirectionLink"])
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["referrer-policy"] == "no-referrer"
