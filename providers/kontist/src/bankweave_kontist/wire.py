"""Kontist's shapes that topics share, and those of a sync.

Only what is used is declared, unknown fields are ignored, and no error ever carries what was read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, NotRequired, TypeVar, cast

import msgspec
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

# before Python 3.12 pydantic reads only this TypedDict
from typing_extensions import TypedDict

from bankweave_kontist.berlin import read_instant

_EXACT = 2**53  # what a JSON number carries exactly
_CENTURY = 100 * 366 * 86_400

Lean = ConfigDict(hide_input_in_errors=True, allow_inf_nan=False)
D = TypeVar("D")


def _whole_seconds(value: Any) -> int | None:
    """`expires_in` is a hint: as a number, a numeric string or missing; anything else means that nobody knows."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = int(float(value))
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds <= _CENTURY else None


Cents = Annotated[int, Field(strict=True, ge=-_EXACT, le=_EXACT)]
# Not read here: a call back into Python for each would cost as much as all the rest of a row.
Day = Annotated[
    Annotated[str, Field(max_length=40)] | Annotated[int, Field(strict=True)], Field(union_mode="left_to_right")
]
Instant = Annotated[datetime, BeforeValidator(lambda value: read_instant(value) if isinstance(value, str) else value)]
Key = Annotated[str, Field(min_length=1, max_length=200)]
# A challenge's id becomes a part of an address.
PathId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
Seconds = Annotated[int | None, BeforeValidator(_whole_seconds)]


class Extensions(BaseModel):
    """`status` is the logical HTTP status, `type` a problem URI; `code` is what GraphQL servers of this make add."""

    model_config = Lean
    status: int | None = None
    type: str | None = None
    code: str | None = None


def _extensions_or_none(value: Any, read: ValidatorFunctionWrapHandler) -> Extensions | None:
    try:
        return cast("Extensions | None", read(value))
    except ValidationError:
        return None


class GraphQLError(BaseModel):
    """One error. Only its message is certain, and strange extensions must not hide an expired token."""

    model_config = Lean
    message: object = None
    path: object = None
    extensions: Annotated[Extensions | None, WrapValidator(_extensions_or_none)] = None


class Errors(BaseModel):
    """The errors of a GraphQL answer, whatever its data are like."""

    model_config = Lean
    errors: list[GraphQLError] | None = None
    data: Any = None

    @property
    def has_result(self) -> bool:
        """Whether there is something beside the errors, or an error is about a field of it."""
        beside = isinstance(self.data, dict) and any(value is not None for value in self.data.values())
        return beside or any(isinstance(error.path, list) and len(error.path) > 1 for error in self.errors or ())


class Envelope(BaseModel, Generic[D]):
    """A GraphQL answer."""

    model_config = Lean
    data: D | None = None
    errors: list[Any] | None = None


class WireAccount(BaseModel):
    model_config = Lean
    public_id: Annotated[Key, Field(alias="publicId")]
    iban: str
    bic: str
    name: str | None = None
    balance: Cents
    available_balance: Annotated[Cents, Field(alias="availableBalance")]


class WireUser(BaseModel):
    model_config = Lean
    first_name: Annotated[str | None, Field(alias="firstName")] = None
    last_name: Annotated[str | None, Field(alias="lastName")] = None
    account: Annotated[WireAccount | None, Field(alias="mainAccount")]


class AccountData(BaseModel):
    model_config = Lean
    viewer: WireUser | None


class WireFee(TypedDict):
    status: str
    unitAmount: Cents | None


class WireTransaction(TypedDict):
    """A row of section 6.4. `originalAmount` is a GraphQL Float, in what unit is undocumented."""

    __pydantic_config__ = Lean  # type: ignore[misc]

    id: Key
    amount: Cents
    type: str
    bookingDate: Day
    valutaDate: Day | None
    name: str | None
    iban: str | None
    purpose: str | None
    e2eId: str | None
    mandateNumber: str | None
    category: str | None
    categoryCode: str | None
    merchantCategoryCode: str | None
    originalAmount: Annotated[int | float, Field(ge=-_EXACT, le=_EXACT)] | None
    foreignCurrency: str | None
    paymentMethod: NotRequired[str]
    fees: NotRequired[list[WireFee]]


class Edge(TypedDict):
    node: WireTransaction


class PageInfo(TypedDict):
    hasNextPage: bool
    endCursor: str | None


class Connection(TypedDict):
    edges: list[Edge]
    pageInfo: PageInfo


class WirePage(BaseModel):
    model_config = Lean
    public_id: Annotated[Key, Field(alias="publicId")]
    transactions: Connection


class PageUser(BaseModel):
    model_config = Lean
    account: Annotated[WirePage | None, Field(alias="mainAccount")]


class PageData(BaseModel):
    model_config = Lean
    viewer: PageUser | None


# The same page with its rows as they were sent: cut out of it, not read. pydantic cannot leave a part unread.


class RawEdge(msgspec.Struct):
    node: msgspec.Raw


class RawConnection(msgspec.Struct):
    edges: list[RawEdge]


class RawPage(msgspec.Struct):
    transactions: RawConnection


class RawUser(msgspec.Struct, rename="camel"):
    main_account: RawPage


class RawData(msgspec.Struct):
    viewer: RawUser


class RawAnswer(msgspec.Struct):
    data: RawData


ERRORS = TypeAdapter(Errors)
ACCOUNT = TypeAdapter(Envelope[AccountData])
PAGE = TypeAdapter(Envelope[PageData])
RECORDS = msgspec.json.Decoder(RawAnswer)
