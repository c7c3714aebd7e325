"""Looking after a consent on Basiq's pages: managing, extending, re-authorising, updating, a new password."""

from __future__ import annotations

import pytest
from application import Application
from basiq_visits import GAVIN, choose, follow, share_and_return, sign_in
from person import Person
from playwright.sync_api import expect
from rigs import basiq_rig
from sandboxed import Control

from bankweave import Bankweave, Flow, FlowStatus
from bankweave_basiq import BasiqClient, ConsentAction

HALF_A_YEAR = 180  # days


@pytest.fixture
def hooli(bank: Bankweave, control: Control) -> str:
    """A connection by web login."""
    return _connected(bank, control, "AU00000")


@pytest.fixture
def hooli_gov(bank: Bankweave, control: Control) -> str:
    """A connection by open banking."""
    return _connected(bank, control, "AU00004")


def _connected(bank: Bankweave, control: Control, institution: str) -> str:
    """Connect without the browser, which is slower."""
    rig = basiq_rig(control, "gavinBelson", institution)
    back = rig.person.sign_in(bank.connect("basiq", owner="gavin", options=rig.options))
    assert back is not None
    return bank.wait(bank.resume(back).id).connection_id


def _finished(bank: Bankweave, application: Application) -> Flow:
    return bank.wait(bank.resume(application.arrival.url).id)


def _basiq(bank: Bankweave, connection: str) -> BasiqClient:
    return bank.client(connection, BasiqClient)


def test_a_connection_is_deleted_and_the_consent_revoked(
    bank: Bankweave, application: Application, person: Person, hooli: str
) -> None:
    basiq = _basiq(bank, hooli)
    person.opens(basiq.consent_pages.open(ConsentAction.MANAGE).url)
    person.reads("Manage your consent")
    expect(person.page.get_by_role("listitem")).to_contain_text(["Hooli"])
    person.presses("Delete Hooli")
    expect(person.page.get_by_role("listitem")).to_have_text("None")
    assert basiq.connections.list() == ()
    person.sees(": active")
    person.presses("Revoke consent")
    person.sees(": revoked")
    assert [one.is_active for one in basiq.consents.list()] == [False]
    expect(person.page.get_by_role("button", name="Revoke consent")).to_have_count(0)
    person.presses("Return to the application")
    person.reads("Welcome back")
    assert basiq.consent_pages.read_return(application.arrival.url).jobs == ()


def test_who_only_looks_changes_nothing(bank: Bankweave, person: Person, hooli: str) -> None:
    basiq = _basiq(bank, hooli)
    person.opens(basiq.consent_pages.open(ConsentAction.MANAGE).url)
    person.presses("Return to the application")
    person.reads("Welcome back")
    assert [one.is_active for one in basiq.consents.list()] == [True]
    assert len(basiq.connections.list()) == 1


def test_a_consent_is_extended_from_today(
    bank: Bankweave, control: Control, application: Application, person: Person, hooli: str
) -> None:
    control.elapse(days=HALF_A_YEAR)
    follow(bank.renew(hooli, redirect_uri=application.callback), person)
    person.reads("Extend your consent")
    person.sees("Your consent ends on 2027-11-18.")
    person.presses("Extend")
    person.reads("Your consent is extended")
    person.sees("It now ends on 2028-05-16.")
    person.presses("Return to the application")
    person.reads("Welcome back")
    assert _finished(bank, application).status is FlowStatus.CONNECTED
    consent = bank.connections()[0].consent
    assert consent is not None
    assert consent.valid_until is not None
    assert consent.valid_until.date().isoformat() == "2028-05-16"


def test_who_cancels_the_extending_keeps_what_was(
    bank: Bankweave, application: Application, person: Person, hooli: str
) -> None:
    follow(bank.renew(hooli, redirect_uri=application.callback), person)
    person.presses("Cancel")
    person.reads("Welcome back")
    assert _finished(bank, application).status is FlowStatus.FAILED
    assert [one.is_active for one in _basiq(bank, hooli).consents.list()] == [True]


def test_an_open_banking_connection_is_reauthorised_at_the_bank(
    bank: Bankweave, control: Control, application: Application, person: Person, hooli_gov: str
) -> None:
    control.elapse(days=HALF_A_YEAR)
    follow(bank.renew(hooli_gov, redirect_uri=application.callback), person)
    person.reads("Sign in to HooliGov")
    person.sees("This is the page of HooliGov itself.")
    expect(person.page.get_by_role("button", name="Choose another institution")).to_have_count(0)
    sign_in(person, GAVIN)
    share_and_return(person)
    assert _finished(bank, application).status is FlowStatus.CONNECTED
    assert [one.id for one in bank.connections()] == [hooli_gov]


def test_connections_to_renew_are_listed(
    bank: Bankweave, application: Application, person: Person, hooli_gov: str
) -> None:
    basiq = _basiq(bank, hooli_gov)
    person.opens(basiq.consent_pages.open(ConsentAction.REAUTHORISE).url)
    person.reads("Renew your connections")
    person.sees("ends on 2027-11-18")
    person.presses("Renew HooliGov")
    person.reads("Sign in to HooliGov")
    sign_in(person, GAVIN)
    share_and_return(person)
    assert len(basiq.consent_pages.read_return(application.arrival.url).jobs) == 1


def test_a_changed_policy_is_consented_to_anew_and_says_what_that_costs(
    bank: Bankweave, control: Control, person: Person, hooli: str
) -> None:
    control.switch("basiq", policy_version=2)
    basiq = _basiq(bank, hooli)
    person.opens(basiq.consent_pages.open(ConsentAction.UPDATE).url)
    person.sees("Your old consent ends, and its connections are deleted.")
    person.presses("I consent")
    person.reads("Choose your institution")
    assert sorted(one.is_active for one in basiq.consents.list()) == [False, True]
    assert basiq.connections.list() == ()


def test_an_update_without_a_changed_policy_extends(bank: Bankweave, person: Person, hooli: str) -> None:
    person.opens(_basiq(bank, hooli).consent_pages.open(ConsentAction.UPDATE).url)
    person.reads("Extend your consent")


def test_a_new_password_is_given_for_the_connection_that_has_an_old_one(
    bank: Bankweave, application: Application, person: Person, hooli: str
) -> None:
    basiq = _basiq(bank, hooli)
    (one,) = basiq.connections.list()
    person.opens(basiq.consent_pages.open(connection=one.id).url)
    person.reads("Sign in to Hooli")
    sign_in(person, GAVIN)
    person.presses("Return to the application")
    person.reads("Welcome back")
    assert len(basiq.consent_pages.read_return(application.arrival.url).jobs) == 1
    assert [each.id for each in basiq.connections.list()] == [one.id]


def test_another_bank_is_added_without_consenting_again(bank: Bankweave, person: Person, hooli: str) -> None:
    basiq = _basiq(bank, hooli)
    person.opens(basiq.consent_pages.open(ConsentAction.CONNECT).url)
    choose(person, "AU00004", "HooliGov")
    sign_in(person, GAVIN)
    share_and_return(person)
    assert len(basiq.connections.list()) == 2
    assert len(basiq.consents.list()) == 1
