"""No recording in cassettes/ holds anything that looks like a secret, whoever made it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bankweave_sandbox import Sandbox

FOLDER = Path(__file__).parents[2] / "cassettes"
FILES = sorted(file for file in FOLDER.rglob("*") if file.is_file())

SECRET_NAMES = (
    "access_token|client_secret|code|code_verifier|id_token|multipleAccessId|password|refresh_token|sessionId"
    "|sessionIdSignature|signature|token"
)
ERROR_CODE = r'code\\?":\s*\\?"[a-z]+(?:-[a-z]+)+\\?"'  # words, as in "event-already-subscribed"
SUSPECTS = {
    "a JWT": re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    "an authorization": re.compile(r"\b(?:Bearer|Basic)\s+(?!fake\b)[A-Za-z0-9+/._~-]{8,}"),
    "a secret in JSON": re.compile(rf'\\?"(?!{ERROR_CODE})(?:{SECRET_NAMES})\\?":\s*\\?"(?!fake|0{{8}}-)[^"\\]{{6,}}'),
    "a secret in a form or an address": re.compile(rf"[?&](?:{SECRET_NAMES})=(?!fake)[^&\s\"]{{6,}}"),
    "a secret in XML": re.compile(r"<(?:multipleAccessId|sessionId)>(?!fake|0{8}-)[^<]{6,}"),
    "a signature": re.compile(r'\bsignature="(?!fake)[^"]{6,}"'),
    "a key": re.compile(r"(?i)x-api-key:?\s*(?:\n\s*-)?\s+(?!fake)[^\s]{6,}"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
}


def suspicions(text: str) -> list[str]:
    return [f"{what}: {match[0][:24]}..." for what, pattern in SUSPECTS.items() if (match := pattern.search(text))]


def test_there_are_recordings() -> None:
    assert FILES, "cassettes/ is empty: there is nothing to look through"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(FOLDER).as_posix())
def test_a_recording_holds_nothing_that_looks_like_a_secret(file: Path) -> None:
    assert suspicions(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(FOLDER).as_posix())
def test_a_recording_holds_none_of_the_sandbox_s_credentials(file: Path, running_sandbox: Sandbox) -> None:
    described = running_sandbox.describe()
    settings = [described[name]["settings"] for name in ("kontist", "kontomatik", "basiq")]
    keys = [one[key] for one in settings for key in ("client_secret", "api_key") if key in one]
    passwords = [one["password"] for name in ("kontist", "basiq") for one in described[name]["people"]]
    text = file.read_text(encoding="utf-8")

    assert [secret for secret in (*keys, *passwords) if len(secret) > 8 and secret in text] == []


@pytest.mark.parametrize(
    "text",
    [
        "authorization:\n- Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
        "authorization:\n- Basic NWE0ZDFlNzAtMGYz",
        '{"access_token": "a1b2c3d4e5"}',
        '{"code": "a1b2c3d4e5"}',
        '{"token": "only-words"}',
        r"{\"refresh_token\": \"a1b2c3d4e5\"}",
        "grant_type=authorization_code&code=a1b2c3d4e5&redirect_uri=x",
        "uri: https://consent.basiq.io/home?token=a1b2c3d4e5",
        '<session id="1" signature="a1b2c3d4e5"/>',
        "<multipleAccessId>a1b2c3d4e5</multipleAccessId>",
        "x-api-key:\n      - a1b2c3d4e5",
    ],
)
def test_what_looks_like_a_secret_is_noticed(text: str) -> None:
    assert suspicions(text)


@pytest.mark.parametrize(
    "text",
    [
        "authorization:\n- Bearer fake-access-token-1",
        '{"access_token": "fake-1"}',
        "code=fake-1",
        '{"code": "event-already-subscribed"}',
    ],
)
def test_a_fake_is_no_secret(text: str) -> None:
    assert not suspicions(text)
