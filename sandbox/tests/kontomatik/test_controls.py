"""What tests may see and do through the control origin."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette

from .signin_service import Loopback, Service, refusal


@pytest.fixture
def control(service: Service) -> httpx.Client:
    app = Starlette(routes=list(service.dialect.controls))
    return httpx.Client(transport=Loopback(app, service.runner), base_url="http://control.test")


def test_redirections_are_listed_without_counting_as_polls(service: Service, control: httpx.Client) -> None:
    fetched = service.fetch()
    service.sign_in(fetched["redirectionLink"])
    for _ in range(5):
        (listed,) = control.get("/redirections").json()
    assert listed == listed | {
        "id": fetched["redirectionId"],
        "status": "success",
        "is_final": True,
        "owner": "anna-1",
        "country": "pl",
        "target": "KontoBankApi",
    }
    assert service.ask(fetched["redirectionId"]).status_code == 200


def test_the_bank_can_end_a_consent(service: Service, control: httpx.Client) -> None:
    access_id = service.signed_in()["multipleAccessId"]
    assert [c["is_valid"] for c in control.get("/consents").json()] == [True]
    assert control.delete(f"/consents/{access_id}").status_code == 204
    assert [c["is_valid"] for c in control.get("/consents").json()] == [False]
    assert refusal(service.reuse(access_id), 404) == "InvalidMultipleAccessId"
    assert control.delete("/consents/unknown").status_code == 404


def test_a_patched_switch_takes_effect_at_once(service: Service, control: httpx.Client) -> None:
    assert control.patch("/switches", json={"word_created": "new", "import_seconds": 0}).status_code == 200
    assert service.status(service.fetch()["redirectionId"])["status"] == "new"
    assert control.patch("/switches", json={"word_creatd": "new"}).status_code == 400
    assert control.patch("/switches", json={"scenario": "no-such-scenario"}).status_code == 400
