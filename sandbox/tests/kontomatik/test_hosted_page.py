"""What a person meets on the hosted page, and where the browser ends up."""

from __future__ import annotations

import pytest

from .signin_service import CALLBACK, Service


def test_a_finished_sign_in_sends_the_browser_back_with_the_redirection_id(service: Service) -> None:
    fetched = service.fetch()
    back = service.sign_in(fetched["redirectionLink"])
    assert (back.status, back.url) == (302, f"{CALLBACK}?redirectionId={fetched['redirectionId']}")


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://shop.example/cb?lang=pl&x=1", "https://shop.example/cb?lang=pl&x=1&redirectionId={}"),
        ("https://shop.example/cb#top", "https://shop.example/cb?redirectionId={}#top"),
        ("myapp://kontomatik/done", "myapp://kontomatik/done?redirectionId={}"),
    ],
)
def test_the_id_joins_what_the_redirect_uri_already_has(service: Service, uri: str, expected: str) -> None:
    fetched = service.fetch(redirectUri=uri)
    back = service.sign_in(fetched["redirectionLink"])
    assert back.url == expected.format(fetched["redirectionId"])


def test_the_banks_of_the_country_are_offered(service: Service) -> None:
    polish = service.open(service.fetch(country="PL")["redirectionLink"])
    assert polish.targets == ["KontoBankApi", "PkoApi"]
    czech = service.open(service.fetch(country="cz")["redirectionLink"])
    assert czech.targets == ["KontoBankApi_cz"]


def test_a_bank_of_another_country_cannot_be_chosen(service: Service) -> None:
    page = service.open(service.fetch()["redirectionLink"])
    assert "choose a bank" in service.click(page, target="KontoBankApi_cz").text


def test_a_preselected_target_skips_the_bank_choice(service: Service) -> None:
    fetched = service.fetch(target="PkoApi")
    page = service.click(service.open(fetched["redirectionLink"]))
    page = service.click(page, username="test2", password="Test123")
    service.click(page, code="Test123")
    params = service.status(fetched["redirectionId"])["params"]
    assert (params["target"], params["officialName"]) == ("PkoApi", "Pko")


@pytest.mark.parametrize("mode", ["SINGLE", "MULTIPLE", "MIXED"])
def test_the_consent_names_the_access_mode(service: Service, mode: str) -> None:
    page = service.click(service.open(service.fetch(mode)["redirectionLink"]))
    assert f"Access mode: {mode}" in page.text
    assert ("180 days" in page.text) == (mode != "SINGLE")


def test_every_input_has_a_label(service: Service) -> None:
    page = service.open(service.fetch("MIXED")["redirectionLink"])
    pages = [page]
    for values in ({"target": "KontoBankApi"}, {}, {"username": "test1", "password": "Test123"}):
        page = service.click(page, **values)
        pages.append(page)
    for shown in pages:
        inputs = shown.form.xpath(".//input[not(@type='hidden')]")
        assert all(field.label is not None for field in inputs), shown.text


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_refusing_at_any_step_goes_back_with_an_error(service: Service, steps: int) -> None:
    fetched = service.fetch()
    page = service.open(fetched["redirectionLink"])
    answers: tuple[dict[str, str], ...] = ({"target": "KontoBankApi"}, {}, {"username": "test1", "password": "Test123"})
    for values in answers[:steps]:
        page = service.click(page, **values)
    back = service.click(page, "refuse")
    assert back.redirection_id == fetched["redirectionId"]
    status = service.status(back.redirection_id)
    assert (status["status"], status["params"]["exception"]) == ("error", "UserCancelled")


def test_a_wrong_password_shows_an_error_and_can_be_corrected(service: Service) -> None:
    fetched = service.fetch()
    page = service.click(service.click(service.open(fetched["redirectionLink"])))
    page = service.click(page, username="test1", password="test123")
    assert "password is wrong" in page.text
    assert page.form.fields["username"] == "test1", "what was right is kept"
    assert "one-time code" in service.click(page, username="TEST1", password="Test123").text


def test_three_wrong_answers_lock_the_person_out(service: Service) -> None:
    fetched = service.fetch()
    page = service.click(service.click(service.open(fetched["redirectionLink"])))
    page = service.click(page, username="nobody", password="Test123")
    page = service.click(page, username="test1", password="Test123")
    page = service.click(page, code="000000")
    assert "code is wrong" in page.text
    assert service.click(page, code="111111").redirection_id == fetched["redirectionId"]
    params = service.status(fetched["redirectionId"])["params"]
    assert params["exception"] == "AccessTemporarilyBlocked"
    assert params["sessionId"].isdigit()


def test_the_form_of_an_earlier_step_changes_nothing(service: Service) -> None:
    bank = service.open(service.fetch()["redirectionLink"])
    consent = service.click(bank, target="KontoBankApi")
    assert "Your consent" in service.click(bank, target="PkoApi").text
    assert "KontoBank" in service.click(consent).text


def test_an_unreachable_bank_ends_with_an_external_exception(service: Service) -> None:
    service.dialect.switches.sign_in_outage = True
    fetched = service.fetch()
    back = service.click(service.click(service.open(fetched["redirectionLink"])))
    params = service.status(back.redirection_id)["params"]
    assert params == params | {"exception": "ServiceTemporarilyUnavailable", "target": "KontoBankApi"}


def test_an_expired_link_sends_the_person_back(service: Service) -> None:
    fetched = service.fetch()
    page = service.open(fetched["redirectionLink"])
    service.later(minutes=60)
    assert service.click(page).redirection_id == fetched["redirectionId"]
    assert service.open(fetched["redirectionLink"]).redirection_id == fetched["redirectionId"]


def test_an_expired_link_can_say_so_instead(service: Service) -> None:
    service.dialect.switches.dead_link = "say-so"
    fetched = service.fetch()
    service.later(hours=2)
    page = service.open(fetched["redirectionLink"])
    assert "This link is over" in page.text
    assert page.tree is not None
    assert page.tree.xpath("//a/@href") == [f"{CALLBACK}?redirectionId={fetched['redirectionId']}"]


def test_a_used_link_changes_nothing_any_more(service: Service) -> None:
    fetched = service.fetch()
    bank = service.open(fetched["redirectionLink"])
    service.sign_in(fetched["redirectionLink"])
    assert service.click(bank, "refuse").redirection_id == fetched["redirectionId"]
    assert service.status(fetched["redirectionId"])["status"] == "success"


def test_an_unknown_link_is_a_plain_404_page(service: Service) -> None:
    page = service.open("http://kontomatik.test/redirection/no-such-id")
    assert page.status == 404
    assert "Unknown link" in page.text


def test_what_people_type_is_escaped(service: Service) -> None:
    fetched = service.fetch(redirectUri='https://shop.example/"><script>x</script>')
    service.dialect.switches.dead_link = "say-so"
    service.later(hours=2)
    assert "<script>x" not in service.browser.get(fetched["redirectionLink"]).text
