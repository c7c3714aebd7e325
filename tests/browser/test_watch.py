"""What is looked for on every page would be found."""

from __future__ import annotations

from urllib.parse import quote

from application import Application
from person import Person

BAD_PAGE = """<title></title><body style="width: 900px"><p id="a">words</p><p id="a" style="color: #ccc">faint</p>
<input type="password" value="secret"><button style="height: 9px; padding: 0"></button>
<script>throw new Error("broken")</script>"""
RULES = (
    "has no language",
    "has no title",
    "has not one heading of the first level",
    "scrolls sideways",
    "has an input without a label",
    "has a button without words",
    "has two elements of one id",
    "has a password in its source",
    "has a target too small for a thumb",
    "has words that can hardly be seen: P",
    "broken",
)


def test_a_page_that_is_bad_for_people_is_complained_of(person: Person) -> None:
    person.opens(f"data:text/html,{quote(BAD_PAGE)}")
    complaints = " ".join(person.watch.complaints)
    person.watch.complaints.clear()
    assert [rule for rule in RULES if rule not in complaints] == []


def test_an_address_that_is_told_on_is_noticed(person: Person, application: Application) -> None:
    person.opens(f"{application.origin}/?token=secret")
    person.page.evaluate("address => { location.href = address }", application.callback)
    person.page.wait_for_url(application.callback)
    assert person.watch.referers() == [f"{application.origin}/?token=secret"]
    person.watch.requests.clear()
    application.arrivals.clear()
