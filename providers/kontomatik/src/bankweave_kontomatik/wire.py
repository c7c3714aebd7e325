"""Kontomatik's shapes, as they are on the wire. Unknown fields are ignored, missing ones are None."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    with_config,
)
from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

from bankweave.errors import MalformedAnswer

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Text = str | None


class Wire(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        populate_by_name=True,
        coerce_numbers_to_str=True,
        hide_input_in_errors=True,
    )


M = TypeVar("M", bound=Wire)


def read_model(model: type[M], found: object) -> M:
    """Validate a part of an answer, without letting any of it into the error."""
    try:
        return model.model_validate(found)
    except ValidationError:
        raise MalformedAnswer(
            f"Kontomatik's answer lacks what belongs to a {model.__name__[4:].lower()}; nothing was used"
        ) from None


# Sign-in (JSON) -------------------------------------------------------------------------------------------------------


class WireRedirection(Wire):
    redirection_id: Word
    redirection_link: Word = Field(repr=False)


class WireParams(Wire):
    """What comes with a status. Which of these come with which status is mostly undocumented (section 14, items 3, 4)."""

    session_id: Text = None
    session_id_signature: Text = Field(default=None, repr=False)
    multiple_access_id: Text = Field(default=None, repr=False)
    target: Text = None
    official_name: Text = None
    exception: Text = None


def _object_or_empty(value: Any) -> Any:
    return value if isinstance(value, dict | WireParams) else {}


class WireStatus(Wire):
    status: Word
    params: Annotated[WireParams, BeforeValidator(_object_or_empty)] = WireParams()


class WireException(Wire):
    name: Word


class WireRefusal(Wire):
    """The error body of the JSON endpoints, which is a convention (section 14, item 5)."""

    exception: WireException


# Replies (XML) --------------------------------------------------------------------------------------------------------


class WireSession(Wire):
    id: Word
    signature: Word = Field(repr=False)


class WireCommand(Wire):
    """The head of a command. Only `state` decides; the status of the reply stays `200 OK` when it fails (section 4.2)."""

    id: Word
    state: Word
    target: Text = None
    institution: Text = None
    exception: Text = None


class WireCredential(Wire):
    """What a person has to type at a bank, or what is arranged beforehand (section 10)."""

    kind: Word
    name: Text = None
    supported: Text = None
    asterisked: Text = None
    description: Text = None
    choices: tuple[Text, ...] = ()


class WireTarget(Wire):
    """One way to reach a bank. Several targets of one bank share its `institution` (section 2)."""

    name: Word
    country: Text = None
    institution: Text = None
    official_name: Text = None
    official_url: Text = None
    login_name: Text = None
    beta: Text = None
    psd2: Text = None
    account_types: tuple[Word, ...] = ()
    commands: tuple[Word, ...] = ()
    credentials: tuple[WireCredential, ...] = ()


class WireOwner(Wire):
    name: Text = None
    kind: Text = None
    address: Text = None
    phone: Text = None
    email: Text = None
    birth_date: Text = None


class WireAccount(Wire):
    """An account of any kind without its transactions. `owner` is the older, comma-joined text (section 5)."""

    kind: Literal["account", "creditCard", "deposit", "loan"]
    partial: bool
    name: Text = None
    friendly_name: Text = None
    iban: Text = None
    number: Text = None
    card_id: Text = None
    currency_balance: Text = None
    currency_funds_available: Text = None
    currency_name: Text = None
    limit: Text = None
    owner: Text = None
    owners: tuple[WireOwner, ...] = ()


@with_config(ConfigDict(hide_input_in_errors=True))
class WireTransaction(TypedDict, total=False):
    """One row, as far as it is used."""

    transactionOn: str | None
    bookedOn: str | None
    currencyAmount: str | None
    currencyBalance: str | None
    title: str | None
    party: str | None
    partyIban: str | None
    kind: str | None
    status: str | None
    labels: list[str | None]


TRANSACTION: TypeAdapter[WireTransaction] = TypeAdapter(WireTransaction)
