"""Connecting banks on Basiq's consent pages, as a person meets it."""

from __future__ import annotations

from functools import partial
from itertools import takewhile

import pytest
from application import Application
from basiq_visits import ANSWERS, GAVIN, JARED, WHISTLER, choose, follow, share_and_return, sign_in
from person import Person
from playwright.sync_api import expect
from sandboxed import Control

from bankweave import Bankweave, Flow, FlowStatus, Redirect
from bankweave.flow import Reason

EMAIL = {"email": "anna@mail.example"}


@pytest.fixture
def flow(bank: Bankweave, application: Application, person: Person) -> Flow:
    """A connecting that has begun; the person is on its first page."""
    begun = bank.connect("basiq", owner="anna", redirect_uri=application.callback, options=EMAIL)
    return follow(begun, person)


@pytest.fixture
def choosing(flow: Flow, person: Person) -> Flow:
    """The person has consented, and chooses a bank."""
    person.presses("I consent")
    person.reads("Choose your institution")
    return flow


def test_consent_bank_login_questions_and_accounts_connect_the_bank(
    bank: Bankweave, application: Application, person: Person, flow: Flow
) -> None:
    person.reads("Share your financial data")
    person.sees("365 days")
    person.sees("Payments in and out")
    person.presses("I consent")
    choose(person, "AU00002", "Pied Piper")
    sign_in(person, WHISTLER)
    person.reads("Pied Piper has a question")
    person.types(**ANSWERS)
    person.presses("Continue")
    person.reads("Choose your accounts")
    person.presses("Share")
    person.reads("Your data is on its way")
    person.presses("Return to the application")
    person.reads("Welcome back")
    came = application.arrival.query
    assert came["jobIds"] == came["jobId"]
    assert came["state"]
    bank.resume(application.arrival.url)
    assert bank.wait(flow.id).status is FlowStatus.CONNECTED
    assert [one.institution_name for one in bank.connections()] == ["Pied Piper"]


def test_a_code_is_asked_for_where_the_bank_sends_one(
    bank: Bankweave, application: Application, person: Person, choosing: Flow
) -> None:
    choose(person, "AU00002", "Pied Piper")
    sign_in(person, JARED)
    person.sees("A SMS code has been sent to your device")
    expect(person.field("OTP Password")).to_be_focused()
    expect(person.field("OTP Password")).to_have_attribute("autocomplete", "one-time-code")
    person.page.keyboard.type("1234")
    person.hits("Enter")
    share_and_return(person)
    bank.resume(application.arrival.url)
    assert bank.wait(choosing.id).status is FlowStatus.CONNECTED


@pytest.mark.usefixtures("choosing")
def test_institutions_are_found_by_a_part_of_their_name(person: Person) -> None:
    expect(person.page.get_by_role("radio")).to_have_count(4)
    expect(person.field("Search")).to_be_focused()
    person.page.keyboard.type("hooli")
    person.hits("Enter")
    expect(person.page.get_by_role("radio")).to_have_count(2)
    expect(person.field("Search")).to_have_value("hooli")
    person.types(Search="no such bank")
    person.presses("Search")
    expect(person.page.get_by_role("status")).to_have_text("No institution is called so.")
    expect(person.page.get_by_role("button", name="Continue")).to_have_count(0)


@pytest.mark.usefixtures("choosing")
def test_logos_are_shown(person: Person) -> None:
    logos = person.page.locator("img")
    expect(logos).to_have_count(4)
    person.page.wait_for_load_state()  # they come after the words
    assert logos.evaluate_all("all => all.every(one => one.complete && one.naturalWidth > 0)")


@pytest.mark.usefixtures("choosing")
def test_an_institution_that_is_down_cannot_be_chosen(control: Control, person: Person) -> None:
    control.switch("basiq", institutions_down=["AU00000"])
    person.page.reload()
    expect(person.choice("AU00000")).to_be_disabled()
    person.sees("cannot be reached at present")


@pytest.mark.usefixtures("choosing")
def test_nothing_chosen_is_asked_for_by_the_browser(person: Person) -> None:
    person.presses("Continue")
    assert person.choice("AU00000").evaluate("one => one.validity.valueMissing")
    person.reads("Choose your institution")


def test_a_wrong_password_is_said_and_tried_again(
    bank: Bankweave, application: Application, person: Person, choosing: Flow
) -> None:
    choose(person, "AU00000", "Hooli")
    sign_in(person, {**GAVIN, "Password": "guess"})
    person.reads("Hooli did not let you in")
    person.is_told("The bank did not accept what you entered.")
    person.presses("Try again")
    expect(person.field("Login ID")).to_have_value("gavinBelson")
    expect(person.field("Password")).to_have_value("")
    expect(person.field("Password")).to_be_focused()
    person.types(Password="hooli2016")
    person.presses("Sign in")
    share_and_return(person)
    assert len(application.arrival.query["jobIds"].split(",")) == 2
    bank.resume(application.arrival.url)
    assert bank.wait(choosing.id).status is FlowStatus.CONNECTED


def test_only_the_ticked_accounts_are_shared(
    bank: Bankweave, application: Application, person: Person, choosing: Flow
) -> None:
    choose(person, "AU00000", "Hooli")
    sign_in(person, GAVIN)
    person.reads("Choose your accounts")
    boxes = person.page.get_by_role("checkbox")
    for number in range(boxes.count()):
        boxes.nth(number).uncheck()
    person.presses("Share")
    person.is_told("Choose at least one account.")
    for number in range(1, boxes.count()):
        boxes.nth(number).uncheck()
    share_and_return(person)
    bank.resume(application.arrival.url)
    bank.wait(choosing.id)
    bank.sync()
    assert len(bank.accounts()) == 1


def _enter_code(person: Person) -> None:
    person.types(OTP_Password="1234")
    person.presses("Continue")


@pytest.mark.parametrize("page", ["consent", "institutions", "credentials", "mfa", "accounts"])
def test_who_cancels_on_any_page_comes_back_without_a_connection(
    bank: Bankweave, application: Application, person: Person, flow: Flow, page: str
) -> None:
    goes_on = {
        "consent": partial(person.presses, "I consent"),
        "institutions": partial(choose, person, "AU00002", "Pied Piper"),
        "credentials": partial(sign_in, person, JARED),
        "mfa": partial(_enter_code, person),
    }
    for _, go_on in takewhile(lambda one: one[0] != page, goes_on.items()):
        go_on()
    person.presses("Cancel")
    person.reads("Welcome back")
    assert application.arrival.query.keys() == {"state"}
    refused = bank.resume(application.arrival.url)
    assert refused.failure is not None
    assert refused.failure.code == Reason.USER_REFUSED
    assert bank.connections() == ()
    assert bank.flow(flow.id).over


def test_two_banks_in_one_visit_come_back_as_two_jobs(
    bank: Bankweave, application: Application, person: Person, choosing: Flow
) -> None:
    choose(person, "AU00000", "Hooli")
    sign_in(person, GAVIN)
    person.presses("Share")
    person.presses("Connect another institution")
    choose(person, "AU00004", "HooliGov")
    person.sees("This is the page of HooliGov itself.")
    sign_in(person, GAVIN)
    share_and_return(person)
    assert len(application.arrival.query["jobIds"].split(",")) == 2
    bank.resume(application.arrival.url)
    assert bank.wait(choosing.id).status is FlowStatus.CONNECTED


def test_a_bank_chosen_beforehand_is_not_asked_for(bank: Bankweave, application: Application, person: Person) -> None:
    begun = bank.connect("basiq", owner="anna", redirect_uri=application.callback, institution="AU00004", options=EMAIL)
    follow(begun, person)
    person.presses("I consent")
    person.reads("Sign in to HooliGov")
    person.presses("Choose another institution")
    person.reads("Choose your institution")


@pytest.mark.usefixtures("flow")
def test_the_whole_way_needs_no_mouse(application: Application, person: Person) -> None:
    person.tabs_to("I consent")
    person.hits("Enter")
    person.reads("Choose your institution")
    person.tabs_to("Hooli (AU00000)")
    person.hits("ArrowDown")
    expect(person.choice("AU00002")).to_be_checked()
    person.hits("ArrowUp", "Enter")
    person.reads("Sign in to Hooli")
    person.page.keyboard.type("gavinBelson")
    person.tabs_to("Password")
    person.page.keyboard.type("hooli2016")
    person.hits("Enter")
    person.reads("Choose your accounts")
    person.hits("Space")
    expect(person.focused).not_to_be_checked()
    person.tabs_to("Share")
    person.hits("Enter")
    person.reads("Your data is on its way")
    person.tabs_to("Return to the application")
    person.hits("Enter")
    person.reads("Welcome back")
    assert "jobId" in application.arrival.query


@pytest.mark.usefixtures("choosing")
def test_reloading_and_going_back_send_no_form_again(control: Control, person: Person) -> None:
    choose(person, "AU00000", "Hooli")
    sign_in(person, {**GAVIN, "Password": "guess"})
    person.reads("Hooli did not let you in")
    person.page.reload()
    person.is_told("The bank did not accept what you entered.")
    person.page.go_back()
    person.reads("Hooli did not let you in")
    assert len(control.client.get("/basiq/jobs").json()) == 1


@pytest.mark.usefixtures("choosing")
def test_an_address_of_a_visit_that_is_over_says_what_to_do(control: Control, person: Person) -> None:
    control.elapse(hours=1, seconds=1)
    person.page.reload()
    person.reads("This page cannot be shown")
    person.is_told("This page has expired. Go back to the application and try again.")
    person.watch.forgive("401")


def test_a_link_with_a_code_by_text_message_needs_no_application(
    bank: Bankweave, control: Control, application: Application, person: Person
) -> None:
    options = {"mobile": "+61491570006", "via": "auth_link"}
    begun = follow(bank.connect("basiq", owner="jared", redirect_uri=application.callback, options=options), person)
    person.reads("Enter your code")
    person.sees("+61491570006")
    expect(person.field("Code")).to_be_focused()
    person.page.keyboard.type("wrong")
    person.hits("Enter")
    person.is_told("This is not the code that we have sent.")
    (link,) = control.client.get("/basiq/auth-links").json()
    person.types(Code=link["code"])
    person.presses("Continue")
    person.presses("I consent")
    choose(person, "AU00000", "Hooli")
    sign_in(person, GAVIN)
    person.presses("Share")
    person.reads("Your data is on its way")
    assert bank.wait(begun.id, seconds=3600).status is FlowStatus.CONNECTED
    assert isinstance(begun.interaction, Redirect)
    person.opens(begun.interaction.url)
    person.is_told("This link is no longer available.")
    person.watch.forgive("410")
