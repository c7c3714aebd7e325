"""What a person meets on the hosted page, and what the application is told."""

from __future__ import annotations

import json
import re

import pytest
from sandbox.tests.kontist.callers import CALLBACK, Browser, Kontist, callback_query

from bankweave_sandbox.kontist.oauth.codes import s256

VERIFIER = "4159265358979323"  # short, as Kontist's own samples are
AUTHORIZE = "/api/oauth/authorize"


@pytest.fixture
def browser(kontist: Kontist, authorize_query: dict[str, str]) -> Browser:
    """A browser at the login form."""
    opened = kontist.browser()
    opened.open(AUTHORIZE, authorize_query)
    return opened


def test_login_push_and_consent_lead_back_with_code_and_state(browser: Browser) -> None:
    browser.sign_in()
    browser.submit("Confirm in the app")
    back = browser.submit("Accept")
    query = callback_query(back)
    assert back.headers["location"].startswith(CALLBACK + "?code=")
    assert re.fullmatch("[0-9a-f]{40}", query["code"])
    assert query["state"] == "s/t=ä&1"


def test_refusal_is_a_json_object_in_error(browser: Browser) -> None:
    browser.sign_in()
    browser.submit("Confirm in the app")
    back = browser.submit("Refuse")
    assert "error=%7B%22type%22%3A%22AccessDeniedError%22%7D" in back.headers["location"]
    assert callback_query(back) == {"state": "s/t=ä&1", "error": '{"type":"AccessDeniedError"}'}


def test_the_consent_page_names_application_person_and_scopes(browser: Browser) -> None:
    browser.sign_in()
    page = browser.submit("Confirm in the app").text
    assert "Allow Bankweave to use your account?" in page
    assert "Anna Muster" in page
    assert "See and categorize your transactions" in page
    assert "Prepare transfers" not in page


def test_wrong_password_shows_the_form_again_and_says_so(browser: Browser) -> None:
    page = browser.sign_in(password="wrong")
    assert page.status_code == 401
    assert "E-mail address or password is wrong." in page.text
    assert re.search(r'name="email"[^>]* value="anna@kontist.example"', page.text), "what was right is kept"
    assert re.search(r'name="password"[^>]* autofocus', page.text)
    assert "Confirm your login in the app" in browser.sign_in().text


def test_email_is_read_in_any_letter_case(browser: Browser) -> None:
    assert "Confirm your login" in browser.sign_in("ANNA@Kontist.Example").text


def test_inputs_have_labels(browser: Browser) -> None:
    assert set(re.findall(r'<label for="(\w+)"', browser.page.text)) == {"email", "password"}
    assert {"email", "password"} <= set(re.findall(r'<input id="(\w+)"', browser.page.text))


def test_skip_mfa_goes_from_login_to_consent(kontist: Kontist, authorize_query: dict[str, str]) -> None:
    browser = kontist.browser()
    browser.open(AUTHORIZE, authorize_query | {"skip_mfa": "true"})
    assert "Allow Bankweave" in browser.sign_in().text


def test_consent_cannot_be_given_before_the_push_is_confirmed(kontist: Kontist, browser: Browser) -> None:
    browser.sign_in()
    key = re.findall(r'name="request" value="([^"]+)"', browser.page.text)[0]
    page = kontist.send(
        "POST", "/api/oauth/consent", data={"request": key, "decision": "accept"}, cookies=browser.cookies
    )
    assert page.status_code == 200
    assert "Confirm your login in the app" in page.text


def test_another_browser_cannot_finish_the_login(kontist: Kontist, browser: Browser) -> None:
    browser.sign_in()
    browser.submit("Confirm in the app")
    key = re.findall(r'name="request" value="([^"]+)"', browser.page.text)[0]
    page = kontist.send("POST", "/api/oauth/consent", data={"request": key, "decision": "accept"})
    assert "Sign in to connect" in page.text


def test_the_phone_may_confirm_instead_of_the_page(kontist: Kontist, browser: Browser) -> None:
    page = browser.sign_in()
    [shown] = kontist.control("GET", "/challenges").json()
    assert shown["person"] == "anna@kontist.example"
    kontist.control("POST", f"/challenges/{shown['id']}", {"status": "VERIFIED"})
    refresh = re.findall(r'http-equiv="refresh" content="\d+;url=([^"]+)"', page.text)[0]
    assert "Allow Bankweave" in browser.open(refresh).text


def test_a_denied_push_can_be_sent_again(browser: Browser) -> None:
    browser.sign_in()
    assert "The login was denied" in browser.submit("Deny").text
    browser.submit("Send another push")
    assert "Allow Bankweave" in browser.submit("Confirm in the app").text


def test_from_a_denied_push_there_is_a_way_back_to_the_application(browser: Browser) -> None:
    browser.sign_in()
    browser.submit("Deny")
    back = browser.submit("Go back to Bankweave")
    assert callback_query(back) == {"state": "s/t=ä&1", "error": '{"type":"AccessDeniedError"}'}


def test_an_expired_push_is_replaced(kontist: Kontist, browser: Browser) -> None:
    browser.sign_in()
    kontist.advance(minutes=5)
    assert "Confirm your login in the app" in browser.submit("Confirm in the app").text
    assert "Allow Bankweave" in browser.submit("Confirm in the app").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "00000000-0000-0000-0000-000000000000"},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": "https://app.example/callback/more"},
        {"redirect_uri": "http://127.0.0.1.evil.example/callback"},
        {"redirect_uri": "https://127.0.0.1/callback"},
        {"redirect_uri": ""},
    ],
)
def test_unknown_client_or_address_is_an_error_page_and_no_redirect(
    kontist: Kontist, authorize_query: dict[str, str], wrong: dict[str, str]
) -> None:
    page = kontist.browser().open(AUTHORIZE, authorize_query | wrong)
    assert page.status_code == 400
    assert "location" not in page.headers
    assert page.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "uri",
    ["https://app.example/callback", "http://localhost:1/", "http://[::1]:9/a?b=c", "https://sandbox.example/back"],
)
def test_registered_and_loopback_addresses_and_the_worlds_own_are_accepted(
    kontist: Kontist, authorize_query: dict[str, str], uri: str
) -> None:
    kontist.world.redirect_url = "https://sandbox.example/back"
    browser = kontist.browser()
    browser.open(AUTHORIZE, authorize_query | {"redirect_uri": uri, "skip_mfa": "true"})
    browser.sign_in()
    separator = "&" if "?" in uri else "?"
    assert browser.submit("Accept").headers["location"].startswith(uri + separator + "code=")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "UnsupportedResponseTypeError"),
        ({"scope": "accounts nonsense"}, "InvalidScopeError"),
        ({"scope": ""}, "InvalidScopeError"),
        ({"code_challenge": s256(VERIFIER), "code_challenge_method": "plain"}, "InvalidRequestError"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "InvalidRequestError"),
    ],
)
def test_other_mistakes_are_reported_to_the_application(
    kontist: Kontist, authorize_query: dict[str, str], change: dict[str, str], error: str
) -> None:
    back = kontist.browser().open(AUTHORIZE, authorize_query | change)
    assert json.loads(callback_query(back)["error"]) == {"type": error}


def test_a_client_without_secret_has_to_use_pkce(kontist: Kontist, authorize_query: dict[str, str]) -> None:
    back = kontist.browser().open(AUTHORIZE, authorize_query | {"client_id": kontist.public_id})
    assert json.loads(callback_query(back)["error"]) == {"type": "InvalidRequestError"}


def test_silent_authorization_needs_a_session_with_a_remembered_consent(
    kontist: Kontist, authorize_query: dict[str, str]
) -> None:
    silent = authorize_query | {"prompt": "none"}
    browser = kontist.browser()
    assert json.loads(callback_query(browser.open(AUTHORIZE, silent))["error"]) == {"type": "LoginRequiredError"}
    browser.open(AUTHORIZE, authorize_query)
    browser.sign_in()
    browser.submit("Confirm in the app")
    assert json.loads(callback_query(browser.open(AUTHORIZE, silent))["error"]) == {"type": "ConsentRequiredError"}
    browser.open(AUTHORIZE, authorize_query)
    browser.submit("Accept")
    assert "code" in callback_query(browser.open(AUTHORIZE, silent))
    wider = silent | {"scope": authorize_query["scope"] + " transfers"}
    assert json.loads(callback_query(browser.open(AUTHORIZE, wider))["error"]) == {"type": "ConsentRequiredError"}


def test_logout_ends_the_session(browser: Browser, authorize_query: dict[str, str]) -> None:
    browser.sign_in()
    browser.submit("Confirm in the app")
    browser.submit("Accept")
    assert "You are signed out" in browser.open("/api/oauth/logout").text
    back = browser.open(AUTHORIZE, authorize_query | {"prompt": "none"})
    assert "LoginRequiredError" in callback_query(back)["error"]


def test_web_message_posts_the_code_to_the_opener(kontist: Kontist, authorize_query: dict[str, str]) -> None:
    asked = authorize_query | {"prompt": "none", "response_mode": "web_message", "state": "</script>"}
    browser = kontist.browser()
    assert 'parent.postMessage({"error": {"type": "LoginRequiredError"}}' in browser.open(AUTHORIZE, asked).text
    browser.open(AUTHORIZE, authorize_query)
    browser.sign_in()
    browser.submit("Confirm in the app")
    browser.submit("Accept")
    page = browser.open(AUTHORIZE, asked).text
    posted = re.findall(r"parent\.postMessage\((\{.*\}), \"http://127\.0\.0\.1:8765\"\);", page)
    message = json.loads(posted[0])
    assert re.fullmatch("[0-9a-f]{40}", message["response"]["code"])
    assert message["response"]["state"] == "</script>"
    assert page.count("</script>") == 1  # the state does not close the element


def test_a_signed_in_person_is_asked_again_and_may_make_room_for_another(
    browser: Browser, authorize_query: dict[str, str]
) -> None:
    browser.sign_in()
    browser.submit("Confirm in the app")
    browser.submit("Accept")
    assert "Allow Bankweave" in browser.open(AUTHORIZE, authorize_query).text
    other = re.findall(r'<a href="([^"]+)">Sign in as somebody else', browser.page.text)[0].replace("&amp;", "&")
    browser.open(other)
    browser.sign_in("ben@kontist.example", "ben-secret")
    assert "Ben Muster" in browser.submit("Confirm in the app").text


def test_remembered_consent_skips_the_page_when_switched_on(
    kontist: Kontist, browser: Browser, authorize_query: dict[str, str]
) -> None:
    kontist.dialect.switches.remember_consent = True
    browser.sign_in()
    browser.submit("Confirm in the app")
    browser.submit("Accept")
    assert "code" in callback_query(browser.open(AUTHORIZE, authorize_query))


def test_a_finished_sign_in_cannot_be_finished_again(browser: Browser) -> None:
    browser.sign_in()
    browser.submit("Confirm in the app")
    form = browser.page
    browser.submit("Accept")
    browser.page = form
    again = browser.submit("Accept")
    assert again.status_code == 400
    assert "start again" in again.text
