"""What the client's records are made of: Kontomatik's fields under Python names, frozen.

Unknown fields are ignored. No error ever carries what was read.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel

from bankweave.errors import MalformedAnswer
from bankweave_kontomatik import mapping


class Record(BaseModel):
    """A record of Kontomatik's."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
        defer_build=True,
    )


def _text(value: Any) -> Any:
    """One line of text, since the same text comes wrapped in more than one way (section 5); None where there is none."""
    return mapping.one_line(value) if isinstance(value, str) else None


def _amount(value: Any) -> Any:
    return mapping.read_optional_amount(value) if isinstance(value, str) else value


def _surely(value: Any) -> Any:
    return mapping.read_amount(value) if isinstance(value, str) else value


def _day(value: Any) -> Any:
    return mapping.read_date(value) if isinstance(value, str) else value


def _perhaps_day(value: Any) -> Any:
    return mapping.read_birth_date(value) if isinstance(value, str) else value


def _instant(value: Any) -> Any:
    """A moment in UTC, with the microseconds that aggregated data have (section 9)."""
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        raise MalformedAnswer("Kontomatik's answer has a moment that is none; nothing of it was used") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Text = Annotated[str | None, BeforeValidator(_text)]
Amount = Annotated[Decimal | None, BeforeValidator(_amount)]
SureAmount = Annotated[Decimal, BeforeValidator(_surely)]
Day = Annotated[date | None, BeforeValidator(_day)]
PerhapsDay = Annotated[date | None, BeforeValidator(_perhaps_day)]
Instant = Annotated[datetime | None, BeforeValidator(_instant)]
