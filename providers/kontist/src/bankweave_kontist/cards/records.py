"""Cards as Kontist knows them (section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from bankweave_kontist.records import Euros, Record
from bankweave_kontist.wire import Key


def _whole(value: Any) -> Any:
    """Cents and counts are GraphQL floats here; they must be whole all the same."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class GooglePayToken(Record):
    """A card's place in a Google wallet."""

    wallet_id: str
    token_ref_id: str


class KontistCard(Record):
    """A card. `type` and `status` are Kontist's words."""

    id: Key
    status: str
    type: str
    holder: str | None = Field(default=None, repr=False)
    formatted_expiration_date: str | None = None  # "12/22"
    masked_pan: str | None = None
    pin_set: bool
    added_to_apple_pay: bool
    new_card_ordered: bool
    google_pay_tokens: tuple[GooglePayToken, ...] = ()


class Limit(Record):
    """What may be spent in a period, in euros, and how often."""

    max_amount: Annotated[Euros, BeforeValidator(_whole), Field(alias="maxAmountCents")]
    max_transactions: Annotated[int, BeforeValidator(_whole)]


class Limits(Record):
    daily: Limit
    monthly: Limit


class SpendingLimits(Record):
    """The limits of a card: at cash machines, and for purchases."""

    atm: Limits
    purchase: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitChange:
    """A limit that is to be; what is None stays as it is."""

    max_amount: Decimal | None = None  # euros
    max_transactions: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsChange:
    daily: LimitChange | None = None
    monthly: LimitChange | None = None


class CardHolder(Record):
    """The names that a card may bear, in the form JOHN/LENNON, and the one that is chosen."""

    name: Annotated[str | None, Field(alias="cardHolderRepresentation", repr=False)] = None
    choices: Annotated[tuple[str, ...], Field(alias="cardHolderRepresentations", repr=False)] = ()
    has_pending_fraud_case: Annotated[bool | None, Field(alias="hasPendingCardFraudCase")] = None


class FraudCase(Record):
    """A stopped payment that the person has said something about. `resolution` is Kontist's word, e.g. WHITELISTED."""

    id: str
    resolution: str
    whitelisted_until: str | None = None  # as Kontist writes it: its form is undocumented


class PinKey(Record):
    """The public RSA key under which PINs are encrypted, as a JWK. Its `alg` (RS256) is misleading and is not read."""

    kid: str
    kty: str
    n: str
    e: str


class Provisioned(Record):
    """What a phone's wallet needs to take up the card; which fields are filled depends on the wallet."""

    activation_data: str | None = Field(default=None, repr=False)
    encrypted_pass_data: str | None = Field(default=None, repr=False)
    ephemeral_public_key: str | None = Field(default=None, repr=False)
    wallet_payload: str | None = Field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PinConfirmation:
    """A new PIN that waits for the code of an SMS."""

    id: str = field(repr=False)
    card: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDetails:
    """Number, expiry and check digits of a virtual card. Under which names is undocumented: `fields` is what came."""

    fields: Mapping[str, Any] = field(repr=False)
