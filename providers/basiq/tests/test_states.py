"""What was stored by an earlier release is still understood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from bankweave_basiq.states import GRANTS, STATES

STATES_DIR = Path(__file__).parent / "states"
STORED = sorted(STATES_DIR.glob("*.json"))
EARLIER = sorted((STATES_DIR / "earlier").glob("*.json"))


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_stored_state_is_read_and_written_back_the_same(path: Path) -> None:
    shape: TypeAdapter[Any] = GRANTS if path.stem.startswith("grant") else STATES
    stored = path.read_bytes().strip()
    assert shape.dump_json(shape.validate_json(stored), indent=2) == stored


@pytest.mark.parametrize("path", EARLIER, ids=lambda path: path.stem)
def test_state_of_an_earlier_release_loses_nothing(path: Path) -> None:
    stored = json.loads(path.read_bytes())
    now = json.loads(STATES.dump_json(STATES.validate_python(stored)))
    assert _without_new(now, stored) == stored


def _without_new(now: Any, stored: Any) -> Any:
    return {key: _without_new(now[key], stored[key]) for key in stored} if isinstance(stored, dict) else now


def test_every_state_has_a_stored_example() -> None:
    kinds = {STATES.validate_json(path.read_bytes()).kind for path in STORED if not path.stem.startswith("grant")}
    assert kinds == {"awaiting_consent", "awaiting_auth_link", "awaiting_jobs", "refreshing_jobs", "awaiting_answer"}


def test_state_of_a_later_release_is_refused_and_not_misread() -> None:
    with pytest.raises(ValidationError) as caught:
        STATES.validate_json('{"version":2,"kind":"awaiting_consent","user_id":"user-1"}')
    assert "user-1" not in str(caught.value)
