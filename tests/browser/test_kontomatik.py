"""Kontomatik's redirection sign-in, as a person meets it."""

from __future__ import annotations

import pytest
from application import Application
from person import Person
from playwright.sync_api import expect
from sandboxed import Control

from bankweave import Bankweave, Flow, Redirect
from bankweave.flow import Reason

ZOFIA = {"User_name": "test1", "Password": "Test123"}
SIGN_IN = "Log in to KontoBank"


@pytest.fixture
def flow(bank: Bankweave, application: Application, person: Person) -> Flow:
    """A sign-in that has begun; the person is on its first page."""
    begun = bank.connect("kontomatik", owner="zofia", redirect_uri=application.callback)
    assert isinstance(begun.interaction, Redirect)
    person.opens(begun.interaction.url)
    return begun


@pytest.fixture
def at_login(flow: Flow, person: Person) -> None:  # noqa: ARG001 - it has begun
    person.choice("KontoBank").first.check()
    person.presses("Continue")
    person.reads("Your consent")
    person.presses("Agree and log in")
    person.reads(SIGN_IN)


def test_bank_consent_login_and_code_connect_the_bank(
    bank: Bankweave,
    application: Application,
    person: Person,
    flow: Flow,
) -> None:
    person.reads("Choose your bank")
    person.choice("KontoBank").first.check()
    person.presses("Continue")
    person.reads("Your consent")
    person.sees("up to 4 times a day")
    person.presses("Agree and log in")
    person.reads(SIGN_IN)
    person.types(**ZOFIA)
    person.presses("Log in")
    person.reads("Confirm with a one-time code")
    person.types(**{"One-time_code": "Test123"})
    person.presses("Confirm")
    person.reads("Welcome back")
    bank.resume(application.arrival.url)
    assert bank.wait(flow.id).over
    assert [one.institution_name for one in bank.connections()] == ["KontoBank"]


@pytest.mark.usefixtures("at_login")
def test_wrong_credentials_are_said_and_only_the_password_is_typed_again(person: Person) -> None:
    person.types(**{**ZOFIA, "Password": "guess"})
    person.presses("Log in")
    person.is_told("The user name or the password is wrong.")
    expect(person.field("User name")).to_have_value("test1")
    expect(person.field("Password")).to_have_value("")
    expect(person.field("Password")).to_be_focused()
    person.types(Password="Test123")
    person.presses("Log in")
    person.reads("Confirm with a one-time code")
    person.types(**{"One-time_code": "000000"})
    person.presses("Confirm")
    person.is_told("The one-time code is wrong.")
    expect(person.field("One-time code")).to_be_focused()


@pytest.mark.usefixtures("at_login")
def test_after_too_many_wrong_passwords_the_application_is_told(
    bank: Bankweave, application: Application, person: Person, flow: Flow
) -> None:
    for _ in range(3):
        person.types(**{**ZOFIA, "Password": "guess"})
        person.presses("Log in")
    person.reads("Welcome back")
    bank.resume(application.arrival.url)
    ended = bank.wait(flow.id)
    assert ended.failure is not None
    assert bank.connections() == ()


@pytest.mark.parametrize("pages", range(4))
def test_who_refuses_on_any_page_comes_back_without_a_connection(
    bank: Bankweave, application: Application, person: Person, flow: Flow, pages: int
) -> None:
    for button in ("Continue", "Agree and log in", "Log in")[:pages]:
        if button == "Log in":
            person.types(**ZOFIA)
        person.presses(button)
    person.presses("Refuse and go back")
    person.reads("Welcome back")
    bank.resume(application.arrival.url)
    refused = bank.wait(flow.id)
    assert refused.failure is not None
    assert refused.failure.code == Reason.USER_REFUSED


@pytest.mark.usefixtures("at_login")
def test_a_form_is_not_sent_before_it_is_filled_in(person: Person) -> None:
    person.presses("Log in")
    expect(person.field("User name")).to_be_focused()
    assert person.field("User name").evaluate("one => one.validity.valueMissing")
    person.reads(SIGN_IN)


@pytest.mark.usefixtures("flow")
def test_the_way_needs_no_mouse(application: Application, person: Person) -> None:
    person.reads("Choose your bank")
    expect(person.choice("KontoBank").first).to_be_focused()
    person.hits("ArrowDown", "ArrowUp", "Enter")
    person.reads("Your consent")
    person.tabs_to("Agree and log in")
    person.hits("Enter")
    person.reads(SIGN_IN)
    expect(person.field("User name")).to_be_focused()
    person.page.keyboard.type("test1")
    person.tabs_to("Password")
    person.page.keyboard.type("Test123")
    person.hits("Enter")
    expect(person.field("One-time code")).to_be_focused()
    person.page.keyboard.type("Test123")
    person.hits("Enter")
    person.reads("Welcome back")
    assert application.arrival.query.keys() == {"redirectionId"}


def test_a_link_works_once(bank: Bankweave, control: Control, person: Person, flow: Flow) -> None:  # noqa: ARG001
    control.switch("kontomatik", dead_link="say-so")
    control.elapse(hours=1)
    person.page.reload()
    person.reads("This link is over")
    person.page.get_by_role("link", name="Go back").click()
    person.reads("Welcome back")


@pytest.mark.parametrize(
    ("locale", "lang", "title"), [("pl", "pl", "Wybierz swój bank"), ("cz", "cs", "Vyberte svou banku")]
)
def test_the_page_says_which_language_it_speaks(
    bank: Bankweave, control: Control, person: Person, application: Application, locale: str, lang: str, title: str
) -> None:
    control.switch("kontomatik", page_language="locale")
    begun = bank.connect("kontomatik", owner="zofia", redirect_uri=application.callback, options={"locale": locale})
    assert isinstance(begun.interaction, Redirect)
    person.opens(begun.interaction.url)
    person.reads(title)
    expect(person.page.locator("html")).to_have_attribute("lang", lang)
