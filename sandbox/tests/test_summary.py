"""What the command prints for people is a readable table of what `describe` tells."""

from __future__ import annotations

from typing import Any

from bankweave_sandbox.summary import summary

DESCRIBED: dict[str, dict[str, Any]] = {
    "basiq": {
        "url": "http://127.0.0.1:1",
        "credentials": {"api_key": "key", "clients": [{"client_id": "a", "client_secret": None}]},
        "people": [
            {"username": "jared", "password": "django", "code": "1234", "institution": "AU00000"},
            {"username": "jared", "password": "django", "code": "1234", "institution": "AU00002"},
            {"username": "ashMann", "password": "hooli2024", "code": None, "institution": "AU00000"},
        ],
        "settings": {"base_url": "http://127.0.0.1:1", "scopes": ["offline", "accounts"], "empty": {}},
        "scenarios": {"locked": "sign in as bighead"},
        "switches": {"hidden": {"value": 1}},
    },
    "control": {"url": "http://127.0.0.1:2"},
}


def test_every_origin_has_its_address_first() -> None:
    lines = summary(DESCRIBED).splitlines()

    assert lines[2:4] == ["basiq       http://127.0.0.1:1", "control     http://127.0.0.1:2"]


def test_people_stand_in_aligned_columns_once_for_all_their_banks() -> None:
    text = summary(DESCRIBED)

    assert "    username  password   code  institution\n" in text
    assert "    jared     django     1234  AU00000, AU00002\n" in text
    assert "    ashMann   hooli2024  -     AU00000\n" in text


def test_questions_stand_before_their_answers() -> None:
    asked = [{"question": "Which company?", "answer": "Basiq"}, {"question": "Which bank?", "answer": "AU00000"}]
    people = [{"username": "Whistler", "answers": asked}, {"username": "jared", "answers": []}]
    lines = [line.strip() for line in summary({**DESCRIBED, "basiq": {"url": "", "people": people}}).splitlines()]

    assert "Whistler  Which company? Basiq; Which bank? AU00000" in lines
    assert "jared     -" in lines


def test_credentials_settings_and_scenarios_are_listed() -> None:
    lines = [line.strip() for line in summary(DESCRIBED).splitlines()]

    assert "api_key  key" in lines
    assert "a          -" in lines
    assert "scopes    offline, accounts" in lines
    assert "empty     -" in lines
    assert "locked  sign in as bighead" in lines


def test_switches_are_pointed_to_not_listed() -> None:
    assert "hidden" not in summary(DESCRIBED)
    assert "curl http://127.0.0.1:2/basiq/switches" in summary(DESCRIBED)
