"""What the client's records are made of: Kontist's fields under Python names and in Python's units, frozen.

Unknown fields are ignored, and unknown words of an enum are kept as they are: Kontist's enums grow (section 6.4). No error
ever carries what was read.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter
from pydantic.alias_generators import to_camel

from bankweave_kontist.berlin import berlin_day, read_instant
from bankweave_kontist.money import euros
from bankweave_kontist.wire import Cents, Envelope

R = TypeVar("R", bound=BaseModel)


def _instant(value: Any) -> Any:
    return read_instant(value) if isinstance(value, str | int) and not isinstance(value, bool) else value


def _day(value: Any) -> Any:
    return berlin_day(value) if isinstance(value, str | int) and not isinstance(value, bool) else value


def _euros(value: Any) -> Any:
    """Cents on the wire; a `Decimal` is euros already, so that records can be made in programs."""
    return value if isinstance(value, Decimal) else euros(_CENTS.validate_python(value))


_CENTS: TypeAdapter[int] = TypeAdapter(Cents)

Euros = Annotated[Decimal, BeforeValidator(_euros)]
"""An amount in euros; integer cents on the wire."""
Day = Annotated[date, BeforeValidator(_day)]
"""A day in Berlin; on the wire the instant of its midnight."""
Instant = Annotated[datetime, BeforeValidator(_instant)]
"""A moment, in UTC."""


class Record(BaseModel):
    """A record of Kontist's."""

    model_config = ConfigDict(
        frozen=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
        alias_generator=to_camel,
        populate_by_name=True,
        defer_build=True,
    )


class Viewing(BaseModel, Generic[R]):
    """`viewer` is null for a token that Kontist does not take for a user's."""

    model_config = ConfigDict(hide_input_in_errors=True, allow_inf_nan=False)
    viewer: R | None


class MainAccount(BaseModel, Generic[R]):
    """`mainAccount` is null for a user without an account."""

    model_config = ConfigDict(hide_input_in_errors=True, allow_inf_nan=False)
    main_account: Annotated[R | None, Field(alias="mainAccount")]


@cache
def shape_of(data: type[R]) -> TypeAdapter[Envelope[R]]:
    """The shape of an answer with such data, built when it is first needed."""
    return TypeAdapter(Envelope[data])  # type: ignore[valid-type]  # mypy takes no variable for a type


@cache
def viewer_shape(viewer: type[R]) -> TypeAdapter[Envelope[Viewing[R]]]:
    return TypeAdapter(Envelope[Viewing[viewer]])  # type: ignore[valid-type]  # as above


@cache
def account_shape(account: type[R]) -> TypeAdapter[Envelope[Viewing[MainAccount[R]]]]:
    return TypeAdapter(Envelope[Viewing[MainAccount[account]]])  # type: ignore[valid-type]  # as above
