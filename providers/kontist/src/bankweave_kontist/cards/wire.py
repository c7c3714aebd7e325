"""The shapes of answers about cards (section 8)."""

from __future__ import annotations

from typing import Annotated

from pydantic import AliasChoices, Field

from bankweave_kontist.cards.records import (
    FraudCase,
    GooglePayToken,
    KontistCard,
    PinKey,
    Provisioned,
    SpendingLimits,
)
from bankweave_kontist.records import Record
from bankweave_kontist.wire import Key


class CardsOfAccount(Record):
    public_id: Key
    cards: list[KontistCard]


class CardOfAccount(Record):
    card: KontistCard | None


class _Settings(Record):
    limits: Annotated[SpendingLimits | None, Field(alias="cardSpendingLimits")] = None


class _WithSettings(Record):
    settings: _Settings


class LimitsOfCard(Record):
    card: _WithSettings | None


class LimitsUpdated(Record):
    settings: Annotated[_Settings, Field(alias="updateCardSettings")]


class _WithPinKey(Record):
    pin_key: PinKey


class PinKeyOfCard(Record):
    card: _WithPinKey | None


_CHANGED = (
    "createCard",
    "activateCard",
    "changeCardStatus",
    "replaceCard",
    "reorderCard",
    "changeCardPINEncrypted",
)


class CardChanged(Record):
    card: Annotated[KontistCard, Field(validation_alias=AliasChoices(*_CHANGED))]


class HolderSet(Record):
    name: Annotated[str, Field(alias="setCardHolderRepresentation")]


class _Request(Record):
    confirmation_id: Key


class PinAsked(Record):
    request: Annotated[
        _Request, Field(validation_alias=AliasChoices("changeCardPIN", "changeCardPINWithChangeRequest"))
    ]


class _Confirmed(Record):
    status: str


class PinConfirmed(Record):
    confirmed: Annotated[_Confirmed, Field(alias="confirmChangeCardPIN")]


class TokenChanged(Record):
    token: Annotated[
        GooglePayToken, Field(validation_alias=AliasChoices("addGooglePayCardToken", "deleteGooglePayCardToken"))
    ]


class FraudAnswered(Record):
    case: Annotated[FraudCase, Field(validation_alias=AliasChoices("whitelistCard", "confirmFraud"))]


class DetailsEncrypted(Record):
    encrypted: Annotated[str, Field(alias="virtualCardDetails", max_length=100_000, repr=False)]


class _ProvisioningAsked(Record):
    change_request_id: Key
    string_to_sign: Annotated[str, Field(min_length=1)]


class ProvisioningAsked(Record):
    request: Annotated[_ProvisioningAsked, Field(alias="requestCardPushProvisioning")]


class ProvisioningConfirmed(Record):
    provisioned: Annotated[Provisioned, Field(alias="confirmCardPushProvisioning")]
