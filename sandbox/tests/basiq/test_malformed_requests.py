"""What a broken or hostile request gets: the documented refusal, and nothing that spoils later answers."""

from __future__ import annotations

from typing import Any

import pytest

from .caller import Partner, code

_JSON = {"Content-Type": "application/json"}
_UNREADABLE = {
    "a list in a list in a list": b"[" * 100_000,
    "an object in an object": b'{"a":' * 100_000,
    "half a surrogate pair": b'{"email": "a@b.example", "firstName": "\\ud800"}',
    "not a number": b'{"email": "a@b.example", "verificationStatus": NaN}',
    "an infinite number": b'{"email": "a@b.example", "age": 1e999}',
    "a number too long to read": b'{"email": ' + b"9" * 5000 + b"}",
    "broken UTF-8": b'{"email": "\xff@b.example"}',
    "more than one value": b'{"email": "a@b.example"} {}',
    "a form": b"email=a%40b.example",
    "an array": b"[]",
    "null": b"null",
}


@pytest.mark.parametrize("body", _UNREADABLE.values(), ids=_UNREADABLE)
def test_a_body_that_cannot_be_read_is_invalid_content(partner: Partner, body: bytes) -> None:
    assert code(partner.post("/users", content=body, headers=_JSON)) == (400, "invalid-content")
    assert partner.get("/users").json()["data"] == []


@pytest.mark.parametrize("path", ["/reports", "/notifications/webhooks", "/notifications/messages/test"])
def test_text_that_cannot_be_told_again_is_refused_everywhere(partner: Partner, path: str) -> None:
    body = b'{"title": "\\udfff", "url": "http://127.0.0.1:9/\\udfff", "eventTypeId": "\\udfff"}'
    assert code(partner.post(path, content=body, headers=_JSON)) == (400, "invalid-content")
    assert partner.get("/notifications/webhooks").json()["data"] == []


@pytest.mark.parametrize("limit", ["0", "-1", "1e3", "+5", " 5", "", "undefined", "٣", "²", "9" * 5000])
def test_a_limit_is_written_in_plain_digits(partner: Partner, limit: str) -> None:
    refused = partner.get(f"/users/{partner.user}/transactions", limit=limit)
    assert code(refused) == (400, "parameter-not-valid")


def test_a_mobile_number_is_written_in_plain_digits(partner: Partner) -> None:
    assert code(partner.post("/users", json={"mobile": "+٦١٤١٠٨٨٨٦٦٦"})) == (400, "parameter-not-valid")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "abc"])
def test_a_webhooks_address_has_a_port_that_exists(partner: Partner, port: str) -> None:
    hook = {"url": f"http://127.0.0.1:{port}/hook", "subscribedEvents": ["user.created"]}
    assert code(partner.post("/notifications/webhooks", json=hook)) == (400, "invalid-content")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "TRACE", "OPTIONS", "PROPFIND", "MADEUP"])
def test_a_method_that_nothing_is_documented_for_has_no_route(partner: Partner, method: str) -> None:
    refused = partner.client.request(method, f"/users/{partner.user}")
    assert code(refused) == (404, "resource-not-found")
    assert refused.json()["data"][0]["detail"] == "Route not found for this API version."


def test_head_is_answered_like_get_but_without_a_body(partner: Partner) -> None:
    path = f"/users/{partner.user}"
    assert partner.request("HEAD", path).headers["content-length"] == partner.get(path).headers["content-length"]


@pytest.mark.parametrize("query", ["filter=%ZZ%", "filter=%ff%fe", "filter=" + "a" * 20_000, "next=", "next=%00"])
def test_a_query_that_cannot_be_understood_is_refused(partner: Partner, query: str) -> None:
    assert code(partner.get(f"/users/{partner.user}/transactions?{query}")) == (400, "parameter-not-valid")


@pytest.mark.parametrize("id_", ["%ff%fe", "%00", "..%2F..", "a%2Fb", "%20"])
def test_an_id_of_odd_bytes_belongs_to_nobody(partner: Partner, id_: str) -> None:
    assert partner.get(f"/users/{id_}").status_code in {400, 404}


_UPLOADS: dict[str, tuple[str, bytes]] = {
    "no boundary": ("multipart/form-data", b"--b\r\n"),
    "an empty boundary": ("multipart/form-data; boundary=", b"x"),
    "a part without a name": ("multipart/form-data; boundary=b", b"--b\r\n\r\nx\r\n--b--\r\n"),
    "too many parts": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n' * 1100 + b"--b--\r\n",
    ),
}


@pytest.mark.parametrize("upload", _UPLOADS.values(), ids=_UPLOADS)
def test_an_upload_that_cannot_be_taken_apart_is_invalid_content(partner: Partner, upload: tuple[str, bytes]) -> None:
    options: dict[str, Any] = {"headers": {"Content-Type": upload[0]}, "content": upload[1]}
    assert code(partner.post(f"/users/{partner.user}/statements", **options)) == (400, "invalid-content")


def test_an_empty_accept_header_asks_for_anything(partner: Partner) -> None:
    assert partner.request("GET", "/connectors", headers={"Accept": ""}).status_code == 200
    assert code(partner.request("GET", "/connectors", headers={"Accept": "application/xml"})) == (
        400,
        "unsupported-accept",
    )
