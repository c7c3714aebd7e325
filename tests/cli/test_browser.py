"""The demo's browser: fills in what a person would, and never opens the application's own address."""

from __future__ import annotations

import pytest

from bankweave.cli.demo.browser import Lost, Person, fill_in
from bankweave.cli.demo.pages import Button, read_page

PAGE = """<!doctype html><html><head><title>Sign  in</title></head><body>
<form method="post" action="/login">
  <input type="hidden" name="request" value="k1">
  <label for="email">E-mail address</label><input id="email" name="email" type="email">
  <label>Password <input type="password" name="password"></label>
  <label><input type="radio" name="bank" value="A" checked> Bank A</label>
  <label><input type="radio" name="bank" value="B"> Bank B</label>
  <label><input type="checkbox" name="account" value="1" checked> One</label>
  <label><input type="checkbox" name="account" value="2" checked> Two</label>
  <label><input type="checkbox" name="account" value="3"> Three</label>
  <button type="submit" name="decision" value="accept">Accept</button>
  <button type="submit" name="decision" value="refuse">Refuse</button>
</form>
<form action="/cancel"><button>Cancel</button></form>
</body></html>"""


def test_a_page_is_read_with_its_forms_labels_and_buttons() -> None:
    page = read_page(PAGE)
    form, cancel = page.forms
    assert page.title == "Sign in"
    assert form.action == "/login"
    assert [one.label for one in form.inputs if one.is_typed] == ["E-mail address", "Password"]
    assert form.buttons == [Button("Accept", "decision", "accept"), Button("Refuse", "decision", "refuse")]
    assert cancel.buttons == [Button("Cancel")]


def test_a_form_is_sent_as_a_browser_would() -> None:
    person = Person({"e-mail address": "anna@example.com", "Password": "geheim"}, chooses="B")
    assert fill_in(read_page(PAGE).forms[0], person) == {
        "request": ["k1"],
        "email": ["anna@example.com"],
        "password": ["geheim"],
        "bank": ["B"],
        "account": ["1", "2"],
        "decision": ["accept"],
    }


def test_a_question_that_the_person_cannot_answer_is_named() -> None:
    with pytest.raises(Lost, match="E-mail address"):
        fill_in(read_page(PAGE).forms[0], Person({"Password": "geheim"}))


def test_what_the_person_knows_is_not_printed() -> None:
    assert "geheim" not in repr(Person({"Password": "geheim"}))


def test_a_complaint_of_the_page_is_read() -> None:
    assert read_page('<title>x</title><p class="e" role="alert">Wrong <b>code</b>.</p>').alert == "Wrong code."
