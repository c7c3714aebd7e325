from __future__ import annotations

import pytest
from pydantic import ValidationError

from bankweave_basiq import Basiq, BasiqSettings


def make(**settings: str) -> BasiqSettings:
    return BasiqSettings.model_validate({"api_key": "a2V5OnNlY3JldA==", **settings})


def test_production_is_the_default_and_requests_go_to_the_api_only() -> None:
    assert Basiq(make()).origins == ("https://au-api.basiq.io",)
    assert make().consent_url == "https://consent.basiq.io/home"


def test_key_is_shown_nowhere() -> None:
    assert "a2V5" not in f"{make()!r} {make()} {make().model_dump_json()}"


@pytest.mark.parametrize("key", ["", "Basic a2V5", "a2V5\n", "kéy"])
def test_key_that_was_not_issued_like_that_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ValidationError) as caught:
        make(api_key=key)
    assert "exactly as Basiq issued it" in str(caught.value)
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "au-api.basiq.io",
        "ftp://au-api.basiq.io",
        "https://me@au-api.basiq.io",
        "https://au-api.basiq.io/v3",
        "https://x?y",
    ],
)
def test_base_url_must_be_an_origin(address: str) -> None:
    with pytest.raises(ValidationError, match="base_url"):
        make(base_url=address)


def test_slash_at_the_end_of_an_address_does_no_harm() -> None:
    assert make(base_url="http://127.0.0.1:8080/").base_url == "http://127.0.0.1:8080"


@pytest.mark.parametrize("zone", ["Sydney", "", "../etc/passwd", "Australia"])
def test_zone_must_be_known(zone: str) -> None:
    with pytest.raises(ValidationError, match="zone"):
        make(zone=zone)


def test_misspelt_setting_is_an_error() -> None:
    with pytest.raises(ValidationError, match="apikey"):
        make(apikey="x")
