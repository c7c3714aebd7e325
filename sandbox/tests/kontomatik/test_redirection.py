"""Fetch redirection and redirection status: fields, words, times, limits."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from .signin_service import CALLBACK, Service, attribute, refusal

ORDER: dict[str, Any] = {"redirectUri": CALLBACK, "country": "pl", "locale": "pl"}


def test_fetching_gives_an_id_and_a_link_at_the_servers_own_origin(service: Service) -> None:
    fetched = service.fetch()
    assert set(fetched) == {"redirectionId", "redirectionLink"}
    assert fetched["redirectionLink"].startswith("http://kontomatik.test/")
    assert service.fetch()["redirectionId"] != fetched["redirectionId"]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"redirectUri": None}, "InvalidParameter"),
        ({"redirectUri": "/only/a/path"}, "InvalidParameter"),
        ({"redirectUri": "javascript://x/%0aalert(1)"}, "InvalidParameter"),
        ({"redirectUri": "https://[broken"}, "InvalidParameter"),
        ({"country": None}, "InvalidParameter"),
        ({"country": "zz"}, "InvalidParameter"),
        ({"country": 7}, "InvalidParameter"),
        ({"locale": ""}, "InvalidParameter"),
        ({"psd2": {"accessMode": "TWICE"}}, "InvalidParameter"),
        ({"psd2": "MULTIPLE"}, "InvalidParameter"),
        ({"target": "NoSuchBankApi"}, "InvalidTarget"),
        ({"target": "KontoBank", "psd2": {"accessMode": "MULTIPLE"}}, "InvalidTarget"),
    ],
)
def test_a_wrong_order_is_refused_by_name(service: Service, changes: dict[str, object], name: str) -> None:
    response = service.api.post("/v1/signin/redirection", json=ORDER | changes)
    assert (response.status_code, response.json()["exception"]["name"]) == (400, name)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe"])
def test_a_body_that_is_no_json_object_is_refused(service: Service, body: bytes) -> None:
    response = service.api.post("/v1/signin/redirection", content=body)
    assert (response.status_code, response.json()["exception"]["name"]) == (400, "InvalidParameter")


def test_country_and_locale_may_be_made_optional(service: Service) -> None:
    service.dialect.switches.require_country_and_locale = False
    response = service.api.post("/v1/signin/redirection", json={"redirectUri": CALLBACK})
    assert len(service.open(response.json()["redirectionLink"]).targets) == 3


def test_the_status_goes_from_created_over_in_progress_to_success(service: Service) -> None:
    fetched = service.fetch()
    assert service.status(fetched["redirectionId"]) == {"status": "created", "params": {}}
    service.open(fetched["redirectionLink"])
    assert service.status(fetched["redirectionId"]) == {"status": "in_progress", "params": {}}
    service.sign_in(fetched["redirectionLink"])
    params = service.status(fetched["redirectionId"])["params"]
    assert list(params) == ["sessionId", "sessionIdSignature", "multipleAccessId", "target", "officialName"]
    assert params["sessionId"].isdigit()
    assert len(params["sessionIdSignature"]) == 64
    assert (params["target"], params["officialName"]) == ("KontoBankApi", "KontoBank")


@pytest.mark.parametrize(("mode", "granted"), [("SINGLE", False), ("MULTIPLE", True), ("MIXED", True)])
def test_the_access_mode_decides_on_a_multiple_access(service: Service, mode: str, *, granted: bool) -> None:
    assert (service.signed_in(mode=mode)["multipleAccessId"] is not None) == granted


def test_single_is_the_mode_when_none_is_given(service: Service) -> None:
    assert service.signed_in(psd2={})["multipleAccessId"] is None


def test_in_mixed_mode_the_person_may_keep_it_single(service: Service) -> None:
    fetched = service.fetch("MIXED")
    page = service.click(service.open(fetched["redirectionLink"]))
    page.form.inputs["allows_reuse"].checked = False
    page = service.click(service.click(page), username="test1", password="Test123")
    service.click(page, code="Test123")
    assert service.status(fetched["redirectionId"])["params"]["multipleAccessId"] is None


def test_in_mixed_mode_a_login_form_target_stays_single(service: Service) -> None:
    fetched = service.fetch("MIXED", target="KontoBank")
    page = service.click(service.open(fetched["redirectionLink"]))
    service.click(service.click(page, username="test1", password="Test123"), code="Test123")
    assert service.status(fetched["redirectionId"])["params"]["multipleAccessId"] is None


def test_a_link_expires_after_an_hour_however_far_it_got(service: Service) -> None:
    unopened, opened = service.fetch(), service.fetch()
    service.open(opened["redirectionLink"])
    service.later(minutes=59, seconds=59)
    assert service.status(unopened["redirectionId"])["status"] == "created"
    service.later(seconds=1)
    for fetched in (unopened, opened):
        assert service.status(fetched["redirectionId"]) == {"status": "expired", "params": {}}


def test_a_success_stays_a_success_after_the_hour(service: Service) -> None:
    fetched = service.fetch()
    service.sign_in(fetched["redirectionLink"])
    service.later(hours=5)
    assert service.status(fetched["redirectionId"])["status"] == "success"


def test_a_status_is_forgotten_after_24_hours(service: Service) -> None:
    fetched = service.fetch()
    service.later(hours=23, minutes=59)
    assert service.status(fetched["redirectionId"])["status"] == "expired"
    service.later(minutes=1)
    response = service.ask(fetched["redirectionId"])
    assert (response.status_code, response.json()["exception"]["name"]) == (404, "InvalidRedirectionId")


def test_the_24_hours_may_count_from_the_final_status(service: Service) -> None:
    service.dialect.switches.status_hours_count_from = "final-status"
    fetched = service.fetch()
    service.later(hours=24, minutes=30)
    assert service.status(fetched["redirectionId"])["status"] == "expired"
    service.later(minutes=30)
    assert service.ask(fetched["redirectionId"]).status_code == 404


def test_asking_without_an_id_or_with_a_wrong_one_is_told_apart(service: Service) -> None:
    assert service.api.get("/v1/signin/redirection-status").status_code == 400
    assert service.ask("no-such-id").status_code == 404


def test_polling_too_fast_meets_429_and_recovers_with_time(service: Service) -> None:
    fetched, other = service.fetch(), service.fetch()
    codes = [service.ask(fetched["redirectionId"]).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    assert service.ask(other["redirectionId"]).status_code == 200
    service.later(minutes=4, seconds=59)
    refused = service.ask(fetched["redirectionId"])
    assert refused.json()["exception"]["name"] == "TooManyRequests"
    assert "retry-after" not in refused.headers
    service.later(seconds=1)
    assert [service.ask(fetched["redirectionId"]).status_code for _ in range(2)] == [200, 429]


def test_polling_as_recommended_never_meets_429(service: Service) -> None:
    fetched = service.fetch()
    for _ in range(30):
        assert service.ask(fetched["redirectionId"]).status_code == 200
        service.later(minutes=5)


def test_429_can_say_when_to_come_back(service: Service) -> None:
    service.dialect.switches.poll_retry_after = True
    fetched = service.fetch()
    for _ in range(3):
        service.ask(fetched["redirectionId"])
    wait = int(service.ask(fetched["redirectionId"]).headers["retry-after"])
    service.later(seconds=wait)
    assert service.ask(fetched["redirectionId"]).status_code == 200


def test_the_limit_can_be_lifted(service: Service) -> None:
    service.dialect.switches.poll_burst = 0
    fetched = service.fetch()
    assert {service.ask(fetched["redirectionId"]).status_code for _ in range(20)} == {200}


def test_words_and_letter_case_are_switches(service: Service) -> None:
    fetched = service.fetch()
    service.dialect.switches.word_created = "waiting"
    assert service.status(fetched["redirectionId"])["status"] == "waiting"
    service.dialect.switches.status_letter_case = "upper"
    assert service.status(fetched["redirectionId"])["status"] == "WAITING"
    service.sign_in(fetched["redirectionLink"])
    service.dialect.switches.status_letter_case = "capitalised"
    assert service.status(fetched["redirectionId"])["status"] == "Success"


def test_the_shape_of_params_is_a_switch(service: Service) -> None:
    switches, pending = service.dialect.switches, service.fetch()["redirectionId"]
    switches.pending_params = "null"
    assert service.status(pending)["params"] is None
    switches.pending_params = "absent"
    assert "params" not in service.status(pending)
    switches.missing_access_id = "absent"
    assert "multipleAccessId" not in service.signed_in(mode="SINGLE")
    switches.error_params = "minimal"
    refused = service.sign_in(service.fetch()["redirectionLink"], "refuse").redirection_id
    assert service.status(refused)["params"] == {"exception": "UserCancelled"}


def test_errors_of_the_json_endpoints_can_be_xml(service: Service) -> None:
    service.dialect.switches.json_errors = "xml"
    assert refusal(service.ask("no-such-id"), 404) == "InvalidRedirectionId"
    assert refusal(service.api.post("/v1/signin/redirection", json={}), 400) == "InvalidParameter"


def test_an_owner_is_made_up_when_none_is_given(service: Service) -> None:
    session = service.signed_in(ownerExternalId=None)
    reply = etree.fromstring(service.start(session).content)
    assert attribute(reply, "@ownerExternalId").startswith("kontomatik-")
