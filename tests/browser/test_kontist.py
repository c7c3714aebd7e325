"""Kontist's sign-in, as a person meets it."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from application import Application
from person import Person
from playwright.sync_api import expect
from sandboxed import Control

from bankweave import Bankweave, Flow, Redirect
from bankweave.flow import Reason

BEN = {"E-mail_address": "ben@kontist.example", "Password": "Ben-2026"}
IN_A_FRAME = """url => new Promise(resolve => {
    addEventListener("message", event => resolve(event.data));
    const frame = document.createElement("iframe");
    document.body.append(Object.assign(frame, {src: url, hidden: true, referrerPolicy: "no-referrer"}));
})"""


@pytest.fixture
def flow(bank: Bankweave, application: Application, person: Person) -> Flow:
    """A sign-in that has begun; the person is on its first page."""
    begun = bank.connect("kontist", owner="ben", redirect_uri=application.callback)
    assert isinstance(begun.interaction, Redirect)
    person.opens(begun.interaction.url)
    return begun


@pytest.fixture
def confirming(flow: Flow, person: Person) -> None:  # noqa: ARG001 - it has begun
    person.types(**BEN)
    person.presses("Sign in")
    person.reads("Confirm your login in the app")


def test_sign_in_push_and_consent_connect_the_bank(
    bank: Bankweave, application: Application, person: Person, flow: Flow
) -> None:
    person.reads("Sign in to connect Bankweave")
    person.types(**BEN)
    person.presses("Sign in")
    person.reads("Confirm your login in the app")
    person.sees("the phone of Ben O'Dwyer-Şahin")
    person.presses("Confirm in the app")
    person.reads("Allow Bankweave to use your account?")
    person.sees("See and categorize your transactions")
    person.presses("Accept")
    person.reads("Welcome back")
    assert bank.resume(application.arrival.url).over
    assert [one.adapter for one in bank.connections()] == ["kontist"]
    assert bank.flow(flow.id).connection_id == bank.connections()[0].id


def test_a_wrong_password_is_said_and_only_the_password_is_typed_again(person: Person, flow: Flow) -> None:  # noqa: ARG001
    person.types(**{**BEN, "Password": "guess"})
    person.presses("Sign in")
    person.is_told("E-mail address or password is wrong.")
    expect(person.field("E-mail address")).to_have_value(BEN["E-mail_address"])
    expect(person.field("Password")).to_have_value("")
    expect(person.field("Password")).to_be_focused()
    expect(person.field("Password")).to_have_attribute("aria-describedby", "error")
    person.types(Password=BEN["Password"])
    person.hits("Enter")
    person.reads("Confirm your login in the app")
    person.watch.forgive("401")


def test_the_page_goes_on_by_itself_once_the_phone_has_confirmed(
    control: Control,
    person: Person,
    confirming: None,  # noqa: ARG001
) -> None:
    control.decide_push("VERIFIED")
    person.reads("Allow Bankweave to use your account?")


def test_a_denied_push_is_said_and_can_be_sent_again(person: Person, confirming: None) -> None:  # noqa: ARG001
    person.presses("Deny")
    person.reads("The login was denied")
    person.is_told("Somebody tapped “Deny” in the app of Ben O'Dwyer-Şahin.")
    person.presses("Send another push")
    person.presses("Confirm in the app")
    person.reads("Allow Bankweave to use your account?")


@pytest.mark.parametrize("way", [("Deny", "Go back to Bankweave"), ("Confirm in the app", "Refuse")])
def test_who_refuses_comes_back_without_a_connection(
    bank: Bankweave,
    application: Application,
    person: Person,
    confirming: None,  # noqa: ARG001
    way: tuple[str, ...],
) -> None:
    for button in way:
        person.presses(button)
    person.reads("Welcome back")
    assert json.loads(application.arrival.query["error"]) == {"type": "AccessDeniedError"}
    refused = bank.resume(application.arrival.url)
    assert refused.failure is not None
    assert refused.failure.code == Reason.USER_REFUSED
    assert bank.connections() == ()


def test_the_whole_way_needs_no_mouse(
    bank: Bankweave,
    application: Application,
    person: Person,
    flow: Flow,  # noqa: ARG001
) -> None:
    expect(person.field("E-mail address")).to_be_focused()
    person.page.keyboard.type(BEN["E-mail_address"])
    person.tabs_to("Password")
    person.page.keyboard.type(BEN["Password"])
    person.hits("Enter")
    person.reads("Confirm your login in the app")
    expect(person.page.get_by_role("button", name="Confirm in the app")).to_be_focused()
    person.hits("Enter")
    person.reads("Allow Bankweave to use your account?")
    person.tabs_to("Accept")
    person.hits("Enter")
    person.reads("Welcome back")
    assert bank.resume(application.arrival.url).over


def test_reloading_and_going_back_send_no_form_again(person: Person, confirming: None) -> None:  # noqa: ARG001
    person.page.reload()
    person.reads("Confirm your login in the app")
    person.presses("Confirm in the app")
    person.reads("Allow Bankweave to use your account?")
    person.page.go_back()
    person.reads("Allow Bankweave to use your account?")


def test_somebody_else_may_sign_in_instead(person: Person, confirming: None) -> None:  # noqa: ARG001
    person.presses("Confirm in the app")
    person.page.get_by_role("link", name="Sign in as somebody else").click()
    person.types(**{"E-mail_address": "anna@kontist.example", "Password": "Anna-2026"})
    person.presses("Sign in")
    person.sees("the phone of Anna Großkreuz")


def test_a_link_that_is_over_says_what_to_do(control: Control, person: Person) -> None:
    person.opens(control.settings("kontist")["base_url"] + "/api/oauth/login?request=old")
    person.reads("This sign-in cannot go on")
    person.sees("Go back to the application and start again.")
    person.watch.forgive("400")


def test_a_hidden_frame_tells_its_page_that_nobody_is_signed_in(
    control: Control, application: Application, person: Person
) -> None:
    settings = control.settings("kontist")
    asked = {
        "client_id": settings["client_id"],
        "redirect_uri": application.callback,
        "response_type": "code",
        "scope": "accounts",
        "prompt": "none",
        "response_mode": "web_message",
    }
    person.opens(application.callback)
    told = person.page.evaluate(IN_A_FRAME, f"{settings['base_url']}/api/oauth/authorize?{urlencode(asked)}")
    assert told == {"error": {"type": "LoginRequiredError"}}
