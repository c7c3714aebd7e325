from __future__ import annotations

import pytest
from pydantic import ValidationError

from bankweave_kontomatik import PRODUCTION, KontomatikSettings

from . import payloads


def test_the_key_alone_is_enough_and_not_printable() -> None:
    settings = payloads.settings(api_key="very-secret-key")
    assert (settings.base_url, settings.access_mode, settings.country) == (PRODUCTION, "MIXED", None)
    assert "very-secret" not in repr(settings)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"api_key": ""},
        {"api_key": "k", "access_mode": "TWICE"},
        {"api_key": "k", "country": "Poland"},
        {"api_key": "k", "base_url": "api.kontomatik.com"},
        {"api_key": "k", "base_url": "https://api.example/?x=1"},
        {"api_key": "k", "history_days": 0},
        {"api_key": "very-secret-key", "colour": "red"},
    ],
)
def test_wrong_settings_are_refused_without_showing_the_key(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        KontomatikSettings.model_validate(wrong)
    assert "very-secret" not in str(caught.value)


def test_codes_are_kontomatiks_own_in_lower_case() -> None:
    assert payloads.settings(api_key="k", country="CZ", locale="CZ").locale == "cz"
