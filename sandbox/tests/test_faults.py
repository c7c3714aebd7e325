"""Faults happen as asked, and the request log tells what each origin received."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest


def ask_fault(control: httpx.Client, **fault: Any) -> None:
    answer = control.post("/faults", json={"provider": "kontist", **fault})
    assert answer.status_code == 201
    assert set(answer.json()) == {"id"}


def test_a_fault_answers_once_by_itself(control: httpx.Client, provider: httpx.Client) -> None:
    ask_fault(control, path="/api", status=503, body="<down/>", content_type="text/xml", headers={"Retry-After": "7"})

    down = provider.get("/api/graphql")

    assert (down.status_code, down.text, down.headers["retry-after"]) == (503, "<down/>", "7")
    assert down.headers["content-type"].startswith("text/xml")
    assert provider.get("/api/graphql").json()["asked"] == 1
    assert control.get("/faults").json() == {"faults": []}


def test_a_fault_hits_only_its_path_and_method(control: httpx.Client, provider: httpx.Client) -> None:
    ask_fault(control, path="/users/*/jobs", method="post", status=500)

    assert provider.get("/users/7/jobs").status_code == 200
    assert provider.post("/users/7/accounts").status_code == 200
    assert provider.post("/users/7/jobs").status_code == 500


def test_a_fault_lasts_as_often_as_asked(control: httpx.Client, provider: httpx.Client) -> None:
    ask_fault(control, path="/", status=500, times=2)

    assert [provider.get("/").status_code for _ in range(3)] == [500, 500, 200]


def test_a_fault_without_end_lasts_until_it_is_cleared(control: httpx.Client, provider: httpx.Client) -> None:
    ask_fault(control, path="/", status=500, times=0)
    assert [provider.get("/").status_code for _ in range(4)] == [500] * 4

    assert control.delete("/faults").status_code == 204

    assert provider.get("/").status_code == 200


def test_a_delay_holds_the_dialects_own_answer_back(control: httpx.Client, provider: httpx.Client) -> None:
    ask_fault(control, path="/", delay=0.2)

    before = time.perf_counter()
    answer = provider.get("/")

    assert time.perf_counter() - before >= 0.19
    assert answer.json()["asked"] == 1


def test_a_client_may_give_up_during_a_delay(control: httpx.Client, provider: httpx.Client) -> None:
    ask_fault(control, path="/", delay=30)

    with pytest.raises(httpx.ReadTimeout):
        provider.get("/", timeout=0.1)

    assert provider.get("/").status_code == 200


def test_a_truncated_answer_promises_more_than_it_sends(control: httpx.Client, provider: httpx.Client) -> None:
    ask_fault(control, path="/", body="0123456789", truncate=4)
    received: list[bytes] = []

    with provider.stream("GET", "/") as answer, pytest.raises(httpx.RemoteProtocolError, match="received 4 bytes"):
        received.extend(answer.iter_raw())

    assert answer.headers["content-length"] == "10"
    assert b"".join(received) == b"0123"
    assert provider.get("/").status_code == 200


def test_the_dialects_own_answer_can_be_truncated(
    control: httpx.Client, provider: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    ask_fault(control, path="/", truncate=0)

    with pytest.raises(httpx.RemoteProtocolError):
        provider.get("/")

    assert control.get("/requests").json()["requests"][0]["status"] == 200
    assert capfd.readouterr().err == ""  # the cut was meant: no traceback


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"provider": "nobody", "path": "/"}, "known: kontist"),
        ({"provider": "kontist"}, "path is missing"),
        ({"provider": "kontist", "path": "/", "status": 99}, "between 200 and 599"),
        ({"provider": "kontist", "path": "/", "times": -1}, "at least 0"),
        ({"provider": "kontist", "path": "/", "headers": {"a": 1}}, "an object of strings"),
        ({"provider": "kontist", "path": "/", "statsu": 500}, "unknown field 'statsu'"),
    ],
)
def test_a_wrong_fault_is_refused(control: httpx.Client, fault: dict[str, Any], message: str) -> None:
    answer = control.post("/faults", json=fault)

    assert answer.status_code == 400
    assert message in answer.json()["error"]


def test_requests_are_remembered_without_anything_secret(control: httpx.Client, provider: httpx.Client) -> None:
    provider.post("/api/token?code=secret", headers={"Authorization": "Bearer secret"}, content=b"secret")

    log = control.get("/requests")

    (request,) = log.json()["requests"]
    assert "secret" not in log.text
    assert set(request) == {"at", "provider", "method", "path", "status"}
    assert (request["provider"], request["method"], request["path"]) == ("kontist", "POST", "/api/token")
    assert request["status"] == 200


def test_requests_are_narrowed_to_a_path_and_forgotten(control: httpx.Client, provider: httpx.Client) -> None:
    for path in ("/a/1", "/a/2", "/b"):
        provider.get(path)

    def seen(**query: str) -> list[str]:
        return [r["path"] for r in control.get("/requests", params=query).json()["requests"]]

    assert seen() == ["/a/1", "/a/2", "/b"]
    assert seen(path="/a/") == ["/a/1", "/a/2"]
    assert seen(path="/*2") == ["/a/2"]
    assert seen(provider="basiq") == []
    assert control.delete("/requests").status_code == 204
    assert seen() == []
