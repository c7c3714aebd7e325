"""What Basiq's own client gives: the provider's shapes under Python's names, with whatever else was sent kept beside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, JsonValue, model_validator
from pydantic.alias_generators import to_camel

T = TypeVar("T")
Json: TypeAlias = Mapping[str, JsonValue]
"""An object as Basiq sent it, names and all."""

_SHOWN = frozenset({"id", "status", "title", "method", "entity", "event_type"})


def _in_utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, dict | str) else value


Instant: TypeAlias = Annotated[datetime, AfterValidator(_in_utc)]
Texts: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
"""Texts, of which some examples of the specification have one bare (section 6.2)."""


class Record(BaseModel):
    """Something of Basiq's. Fields without a name here are in `model_extra`; "" and null are None (section 9.10).

    Shows no more than what it is: most of it is about a person.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, extra="allow", frozen=True, hide_input_in_errors=True, populate_by_name=True
    )

    @model_validator(mode="before")
    @classmethod
    def _absent(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: entry for name, entry in value.items() if entry is not None and entry != ""}

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        return [(name, value) for name, value in super().__repr_args__() if name in _SHOWN]


class Links(Record):
    """Where things are found. Never followed blindly: only the client's own requests leave."""


class Linked(Record):
    links: Links | None = None

    def link(self, name: str) -> str | None:
        """A link by Basiq's name for it, such as "self" or "next"; None where there is none."""
        found = (self.links.model_extra or {}).get(name) if self.links else None
        return found if isinstance(found, str) else None


class Reference(Linked):
    """Something that is only named."""

    id: str | None = None


class Listing(Linked, Generic[T]):
    """The usual envelope; an example of the specification has the one entry bare (section 6.2)."""

    data: Annotated[tuple[T, ...], BeforeValidator(_as_list)]
