"""What was stored by an earlier release is still understood."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from bankweave_basiq.states import GRANTS, STATES

STORED = sorted((Path(__file__).parent / "states").glob("*.json"))


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_stored_state_is_read_and_written_back_the_same(path: Path) -> None:
    shape: TypeAdapter[Any] = GRANTS if path.stem.startswith("grant") else STATES
    stored = path.read_bytes().strip()
    assert shape.dump_json(shape.validate_json(stored), indent=2) == stored


def test_every_state_has_a_stored_example() -> None:
    kinds = {STATES.validate_json(path.read_bytes()).kind for path in STORED if not path.stem.startswith("grant")}
    assert kinds == {"awaiting_consent", "awaiting_jobs", "refreshing_jobs", "awaiting_answer"}


def test_state_of_a_later_release_is_refused_and_not_misread() -> None:
    with pytest.raises(ValidationError) as caught:
        STATES.validate_json('{"version":2,"kind":"awaiting_consent","user_id":"user-1"}')
    assert "user-1" not in str(caught.value)
