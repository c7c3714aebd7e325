"""What is seen at night, on a wide screen, and by who comes with a link of nobody's. The audit looks at every page."""

from __future__ import annotations

import pytest
from application import Application
from basiq_visits import follow
from person import Person
from playwright.sync_api import expect
from sandboxed import Control

from bankweave import Bankweave

FIRST_PAGES = {
    "basiq": "Share your financial data",
    "kontist": "Sign in to connect Bankweave",
    "kontomatik": "Choose your bank",
}
FACE = "one => [getComputedStyle(one).borderRadius, getComputedStyle(one).font].join()"


def test_pages_are_dark_where_the_person_wants_them_so(
    bank: Bankweave, application: Application, person: Person
) -> None:
    for provider in FIRST_PAGES:
        person.page.emulate_media(color_scheme="dark")
        _begin(bank, application, person, provider)
        assert _brightness(person) < 64, provider
        person.page.emulate_media(color_scheme="light")
        assert _brightness(person) > 192, provider


def test_all_providers_pages_share_one_face_and_stay_narrow_on_a_wide_screen(
    bank: Bankweave, application: Application, person: Person
) -> None:
    person.page.set_viewport_size({"width": 1600, "height": 900})
    faces = set()
    for provider in FIRST_PAGES:
        _begin(bank, application, person, provider)
        expect(person.page.locator("footer")).to_contain_text("andbox")
        faces.add(person.page.get_by_role("button").first.evaluate(FACE))
        box = person.page.get_by_role("main").bounding_box()
        assert box is not None
        assert box["width"] < 480, provider
        assert abs(box["x"] + box["width"] / 2 - 800) < 20, f"{provider}'s stands in the middle"
    assert len(faces) == 1


@pytest.mark.parametrize(
    ("provider", "path", "status"),
    [
        ("basiq", "/home?token=old", "401"),
        ("basiq", "/connect/old", "410"),
        ("kontist", "/api/oauth/authorize?client_id=nobody", "400"),
        ("kontomatik", "/redirection/old", "404"),
    ],
)
def test_a_bad_link_is_a_page_and_not_a_riddle(
    control: Control, person: Person, provider: str, path: str, status: str
) -> None:
    person.opens(control.settings(provider)["base_url"] + path)
    expect(person.page.get_by_role("heading", level=1)).not_to_be_empty()
    expect(person.page.get_by_role("button")).to_have_count(0)
    person.watch.forgive(status)


def _begin(bank: Bankweave, application: Application, person: Person, provider: str) -> None:
    options = {"email": "anna@mail.example"} if provider == "basiq" else None
    follow(bank.connect(provider, owner="anna", redirect_uri=application.callback, options=options), person)
    person.reads(FIRST_PAGES[provider])


def _brightness(person: Person) -> float:
    colour = person.page.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor")
    red, green, blue = (float(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
    return (red + green + blue) / 3
