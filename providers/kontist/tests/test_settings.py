from __future__ import annotations

import pytest
from pydantic import ValidationError

from bankweave_kontist import Kontist, KontistSettings


def test_the_defaults_reach_the_real_kontist() -> None:
    assert Kontist(KontistSettings(client_id="c")).origins == ("https://api.kontist.com",)


def test_a_base_with_port_and_path_is_pinned_to_its_origin() -> None:
    assert KontistSettings(client_id="c", base_url="http://127.0.0.1:8101/kontist/").origin == "http://127.0.0.1:8101"


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": ""},
        {"client_id": "c", "client_secret": ""},
        {"client_id": "c", "scopes": ()},
        {"client_id": "c", "scopes": ("accounts transfers",)},
        {"client_id": "c", "base_url": "ftp://api.kontist.com"},
        {"client_id": "c", "base_url": "https://user:secret@api.kontist.com"},
        {"client_id": "c", "refresh_timeout": 0},
        {"client_id": "c", "clientid": "c"},
    ],
)
def test_a_wrong_setting_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        KontistSettings.model_validate(wrong)


def test_the_secret_is_not_printable() -> None:
    settings = KontistSettings.model_validate({"client_id": "c", "client_secret": "canary"})
    assert "canary" not in repr(settings)
    with pytest.raises(ValidationError) as error:
        KontistSettings.model_validate({"client_id": "", "client_secret": "canary"})
    assert "canary" not in str(error.value)
