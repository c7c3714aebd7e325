"""Secrets are replaced by fakes that stay the same, and what was overlooked is noticed."""

from __future__ import annotations

import pytest

from .layout import lines_of
from .recordings import BASIQ_WEBHOOKS
from .scrubbing import Scrubber, alarming

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib2IifQ.bm90LWEtc2lnbmF0dXJl"
USER = "5fdde930-8c49-430e-bd53-fd8d703d4b21"
FAKE_USER = "00000000-0000-4000-8000-000000000001"


def scrubbed(*texts: str, known: dict[str, str] | None = None) -> list[str]:
    scrubber = Scrubber(known or {})
    for text in texts:
        scrubber.learn(text)
    return [scrubber.scrub(text) for text in texts]


def test_a_token_and_its_later_use_stay_the_same() -> None:
    answer, use, other = scrubbed(f'{{"access_token":"{JWT}"}}', f"Bearer {JWT}", '{"access_token": "another"}')
    assert answer == '{"access_token":"fake-access-token-1"}'
    assert use == "Bearer fake-access-token-1"
    assert other == '{"access_token": "fake-access-token-2"}'


def test_a_webhooks_secret_and_its_later_use_stay_the_same() -> None:
    made, moved, other = scrubbed('{"secret":"whsec_ab+c="}', '{"secret": "whsec_ab+c="}', '{"secret":"whsec_d"}')
    assert (made, moved) == ('{"secret":"fake-webhook-secret-1"}', '{"secret": "fake-webhook-secret-1"}')
    assert other == '{"secret":"fake-webhook-secret-2"}'


def test_no_secret_of_a_webhook_is_on_the_cassette() -> None:
    text = BASIQ_WEBHOOKS.path.read_text()
    assert "whsec_" not in text
    assert text.count('"secret": "fake-webhook-secret-1"') == 2, "where it was made, and where it was changed"


def test_a_secret_is_replaced_before_it_is_named_as_well() -> None:
    assert scrubbed("https://x.example/abc", "code=abc")[0] == "https://x.example/fake-code-1"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("grant_type=authorization_code&code=abc", "grant_type=authorization_code&code=fake-code-1"),
        ("code_verifier=abc&x=1", "code_verifier=fake-verifier-1&x=1"),
        ('{"refresh_token":"abc"}', '{"refresh_token":"fake-refresh-token-1"}'),
        (
            '"sessionId":"51","sessionIdSignature":"ab"',
            '"sessionId":"fake-session-1","sessionIdSignature":"fake-signature-1"',
        ),
        ('<session id="51" signature="ab"/>', '<session id="fake-session-1" signature="fake-signature-1"/>'),
        ('<command id="51" state="setup">', '<command id="fake-command-1" state="setup">'),
        ("/transactions?next=ab12", "/transactions?next=fake-next-1"),
        ('{"endCursor":"ab"}', '{"endCursor":"fake-cursor-1"}'),
        ('{"cursor": "ab"}', '{"cursor": "fake-cursor-1"}'),
        ('{"secret":"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"}', '{"secret":"fake-webhook-secret-1"}'),
        ("delivered with whsec_AbC/dEf= to it", "delivered with fake-webhook-secret-1 to it"),
        ('{"secret": "no-prefix-1"}', '{"secret": "fake-webhook-secret-1"}'),
        ('"attempts":[{"id":"21fc8d97a","url":""}]', '"attempts":[{"id":"fake-attempt-1","url":""}]'),
        (f'{{"key": "04{"a1" * 64}"}}', '{"key": "fake-public-key-1"}'),
        (f'{{"signature": "30{"a1" * 70}"}}', '{"signature": "fake-device-signature-1"}'),
        (f'{{"id": "{"a1" * 16}ctrx"}}', '{"id": "fake-id-1"}'),
        (rf'"csv": "id\n{USER},x"', rf'"csv": "id\n{FAKE_USER},x"'),
        (f"filter=connection.id.eq%28%27{USER}%27%29", f"filter=connection.id.eq%28%27{FAKE_USER}%27%29"),
        ('{"mfa-response":["1234","a \\" b"]}', '{"mfa-response":["fake-answer","fake-answer"]}'),
    ],
)
def test_what_is_secret_is_replaced_where_it_stands(said: str, written: str) -> None:
    assert scrubbed(said) == [written]
    assert not alarming(written)


def test_a_value_is_not_replaced_within_another() -> None:
    assert scrubbed("code=12", "amount 1120.12 on 12")[1] == "amount 1120.fake-code-1 on fake-code-1"
    assert scrubbed("code=ab", "cab abc ab")[1] == "cab abc fake-code-1"


def test_an_answer_of_the_person_is_replaced_in_its_place_only() -> None:
    assert scrubbed('{"mfa-response":["1234"]}', "amount 1234")[1] == "amount 1234"


def test_known_values_get_the_fakes_of_the_replay() -> None:
    known = {"http://127.0.0.1:5000": "https://api.kontist.com", "s3cret": "fake-secret"}
    assert scrubbed("http://127.0.0.1:5000/x?y=s3cret", known=known) == ["https://api.kontist.com/x?y=fake-secret"]


@pytest.mark.parametrize(
    "text",
    [
        JWT,
        f"authorization: Bearer {JWT}",
        "Bearer short",
        "- Basic dXNlcjpwYXNz",
        USER,
        "http://127.0.0.1:5000",
        "http://localhost/",
        "grant_type=password&password=Secret",
        '"authorizationToken": "212212"',
        "ab0511b4f4805259ea57ffe7259e67e49f5a6838",
        "signature=7b205ad74c91510d0d55",
        "client_secret=short",
        '"refresh_token": "short"',
        '"mfa-response": [\n  "1234"',
        "set-cookie",
        "whsec_short",
        '"secret": "short"',
        "NWE0ZDFlNzAtMGYzYy00YzU4LTlmMGE",
    ],
)
def test_what_looks_like_a_secret_is_noticed(text: str) -> None:
    assert alarming(f"before {text} after")


@pytest.mark.parametrize(
    "text",
    [
        "Bearer fake-access-token-12",
        f"/users/{FAKE_USER}/accounts?filter=account.id.eq%28%27{FAKE_USER}%27%29",
        "DE98110101000229186401",
        '"expiresAt": "2026-11-18T09:35:00.000+00:00"',
        "ZAKUP DELIKATESY ŻABI SKOK 0117 WARSZAWA",
        '"token_type": "Bearer"',
    ],
)
def test_what_is_harmless_is_not(text: str) -> None:
    assert alarming(text) == []


def test_json_is_broken_into_lines() -> None:
    assert lines_of('{"a":[1,"ż"]}') == '{\n "a": [\n  1,\n  "ż"\n ]\n}'


@pytest.mark.parametrize("body", ['{"amount":1.10}', '{"amount": 1}', "a=1&b=2", "", "no json"])
def test_a_body_that_python_would_write_otherwise_is_kept(body: str) -> None:
    assert lines_of(body) == body


def test_xml_is_broken_where_no_text_can_be() -> None:
    assert lines_of("<a><b>x</b><c></c><d/><e>y</e></a>") == "<a><b>x</b>\n<c></c>\n<d/>\n<e>y</e>\n</a>"
