"""The shapes of Basiq's answers, as far as they are used. Unknown fields are ignored, unknown words kept.

Reality omits much that the specification calls required, and sends "" for what is absent (providers/basiq.md sections 5.1
and 9.10), so nearly everything may be missing here.
"""

from __future__ import annotations

from typing import Annotated, Any, Generic, Required, TypeVar

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, with_config
from typing_extensions import TypedDict

T = TypeVar("T")


class Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


def only_one(value: Any) -> Any:
    """A step's result is a list of one in older answers, the thing itself in newer ones (section 4.3)."""
    if isinstance(value, list):
        return value[0] if value else None
    return value


def _none_if_empty(value: Any) -> Any:
    return None if value == "" else value


def _tuple_if_text(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Text = Annotated[str | None, BeforeValidator(_none_if_empty)]
"""A text that Basiq leaves out, sends as null or sends as "" when there is none."""


class WireLinks(Wire):
    self: Text = None
    source: Text = None
    next: Text = None
    response: Text = None
    connection: Text = None
    consent_policy: Text = Field(default=None, alias="consentPolicy")
    square: Text = None
    public: Text = None


class Linked(Wire):
    """What says where it is found. An example of the documents has null here (section 4.2)."""

    links: WireLinks | None = None

    @property
    def own_link(self) -> str | None:
        return self.links.self if self.links else None


class WireToken(Wire):
    access_token: str = Field(min_length=1, repr=False)
    expires_in: int = Field(gt=0)


class WireUser(Wire):
    id: str = Field(min_length=1)


# Errors ----------------------------------------------------------------------------------------------------------------


class WireErrorSource(Wire):
    parameter: str | None = None
    pointer: str | None = None


class WireError(Wire):
    code: str = ""
    source: WireErrorSource | None = None


class WireErrors(Wire):
    correlation_id: Text = Field(default=None, alias="correlationId")
    data: tuple[WireError, ...] = Field(min_length=1)


# Jobs ------------------------------------------------------------------------------------------------------------------


class WireResult(Wire):
    """A link, a failure or a question of the bank, told apart by what is in it: failures have no `type` (section 4.3)."""

    url: Text = None
    code: Text = None
    detail: Text = None
    details: Text = None  # what one schema of the specification calls it
    method: Text = None
    description: Text = None
    input: Annotated[tuple[str, ...] | None, BeforeValidator(_tuple_if_text)] = None
    expiry_ms: float | None = Field(default=None, alias="expiryMs", allow_inf_nan=False)
    links: WireLinks | None = None


class WireStep(Wire):
    title: str
    status: str
    result: Annotated[WireResult | None, BeforeValidator(only_one)] = None


class WireJob(Linked):
    id: str = Field(min_length=1)
    created: Text = None
    steps: tuple[WireStep, ...] = ()


class WireAccepted(Wire):
    """The answer to what starts a job."""

    id: str = Field(min_length=1)


# Connections, connectors and consents -----------------------------------------------------------------------------------


class WireReference(Wire):
    id: Text = None


class WireConnection(Linked):
    id: str = Field(min_length=1)
    method: Text = None
    status: Text = None  # only for tokens of the server's scope (section 1)
    expiry_date: Text = Field(default=None, alias="expiryDate")
    institution: WireReference | None = None


class WireLogo(Wire):
    links: WireLinks | None = None


class WireBank(Wire):
    name: Text = None
    short_name: Text = Field(default=None, alias="shortName")
    country: Text = None
    logo: WireLogo | None = None


class WireConnector(Wire):
    id: str = Field(min_length=1)
    method: Text = None
    institution: WireBank | None = None


class WirePermission(Wire):
    scope: Text = None
    consented: bool | None = None


class WireWording(Wire):
    title: Text = None


class WirePurpose(Wire):
    primary: WireWording | None = None


class WireConsentData(Wire):
    permissions: tuple[WirePermission, ...] | None = None


class WireConsent(Linked):
    id: str = Field(min_length=1)
    status: Text = None
    created: Text = None
    updated: Text = None
    expiry_date: Text = Field(default=None, alias="expiryDate")
    purpose: WirePurpose | None = None
    data: WireConsentData | None = None


# Accounts --------------------------------------------------------------------------------------------------------------


class WireAccountClass(Wire):
    type: Text = None
    product: Text = None


def _none_unless_object(value: Any) -> Any:
    # One client's model has a list here and the specification a bare word; neither is what arrives (section 5.1).
    return value if isinstance(value, dict) else None


class WireAccount(Linked):
    id: str = Field(min_length=1)
    currency: Text = None
    name: Text = None
    account_no: Text = Field(default=None, alias="accountNo")
    masked_number: Text = Field(default=None, alias="maskedNumber")
    account_holder: Text = Field(default=None, alias="accountHolder")
    account_ownership: Text = Field(default=None, alias="accountOwnership")
    is_owned: bool | None = Field(default=None, alias="isOwned")
    balance: Text = None
    available_funds: Text = Field(default=None, alias="availableFunds")
    credit_limit: Text = Field(default=None, alias="creditLimit")
    account_class: Annotated[WireAccountClass | None, BeforeValidator(_none_unless_object)] = Field(
        default=None, alias="class"
    )
    status: Text = None
    connection: Text = None
    last_updated: Text = Field(default=None, alias="lastUpdated")


class WireAddress(Wire):
    formatted: Text = Field(default=None, alias="formattedAddress")
    line_1: Text = Field(default=None, alias="addressLine1")
    line_2: Text = Field(default=None, alias="addressLine2")
    line_3: Text = Field(default=None, alias="addressLine3")
    postcode: Text = None
    city: Text = None
    state: Text = None
    country: Text = None


class WireOrganisation(Wire):
    """The business that a bank's customer is or acts for (section 5.3)."""

    business_name: Text = Field(default=None, alias="businessName")
    legal_name: Text = Field(default=None, alias="legalName")
    short_name: Text = Field(default=None, alias="shortName")


class WireIdentity(Linked):
    """What a bank says about a person. The ids really end in capitals (section 5.3)."""

    id: str = Field(min_length=1)
    connection: Text = Field(default=None, alias="connectionID")
    full_name: Text = Field(default=None, alias="fullName")
    first_name: Text = Field(default=None, alias="firstName")
    last_name: Text = Field(default=None, alias="lastName")
    birth_date: Text = Field(default=None, alias="DOB")
    phones: tuple[str, ...] | None = Field(default=None, alias="phoneNumbers")
    emails: tuple[str, ...] | None = Field(default=None, alias="emailAddresses")
    addresses: tuple[WireAddress, ...] | None = Field(default=None, alias="physicalAddresses")
    organisation: Annotated[WireOrganisation | None, BeforeValidator(_none_if_empty)] = None


class WireAuthLink(Linked):
    expires_at: Text = Field(default=None, alias="expiresAt")


class WireList(Linked, Generic[T]):
    """The usual envelope. `count`, `size` and `totalCount` contradict each other and are not read (section 5.2)."""

    data: tuple[T, ...]


# Transactions: bulk, so typed dictionaries of what is used and no more ------------------------------------------------------


_BULK = ConfigDict(hide_input_in_errors=True)


@with_config(_BULK)
class WireMerchant(TypedDict, total=False):
    businessName: str | None


@with_config(_BULK)
class WireCodeTitle(TypedDict, total=False):
    code: str | int | None  # a text; an example of the specification has a number (section 5.2)
    title: str | None


WireAnzsic = TypedDict(
    "WireAnzsic",
    {
        "group": WireCodeTitle | None,
        "class": WireCodeTitle | None,
        "subclass": WireCodeTitle | None,
    },
    total=False,
)
WireAnzsic.__pydantic_config__ = _BULK  # type: ignore[attr-defined]  # pydantic's own way for this form


@with_config(_BULK)
class WireCategory(TypedDict, total=False):
    mcc: WireCodeTitle | None
    anzsic: WireAnzsic | None


@with_config(_BULK)
class WireEnrich(TypedDict, total=False):
    merchant: WireMerchant | None
    category: WireCategory | None
    tags: list[str] | None


@with_config(_BULK)
class WireBpay(TypedDict, total=False):
    billerName: str | None


@with_config(_BULK)
class WirePaymentDetails(TypedDict, total=False):
    bpay: WireBpay | None


@with_config(_BULK)
class WireSubClass(TypedDict, total=False):
    title: str | None


# The functional form, because `class` is no name in Python. Amounts are texts and nothing else: a JSON number would have
# been a float on the way.
WireTransaction = TypedDict(
    "WireTransaction",
    {
        "id": Required[str],
        "status": Required[str],
        "amount": Required[str],
        "account": Required[str],
        "description": str | None,
        "reference": str | None,
        "currency": str | None,
        "balance": str | None,
        "direction": str | None,
        "class": str | None,
        "subClass": WireSubClass | None,
        "transactionDate": str | None,
        "postDate": str | None,
        "enrich": WireEnrich | None,
        "paymentDetails": WirePaymentDetails | None,
    },
    total=False,
)
WireTransaction.__pydantic_config__ = _BULK  # type: ignore[attr-defined]  # pydantic's own way for this form


class WireTransactionLinks(TypedDict, total=False):
    self: str | None
    next: str | None


@with_config(_BULK)
class WireTransactions(TypedDict, total=False):
    data: Required[list[WireTransaction]]
    links: WireTransactionLinks | None


class WireRecords(msgspec.Struct):
    """The same page with its rows as they were sent: cut out of it, not read. pydantic cannot leave a part unread."""

    data: list[msgspec.Raw]


TOKEN = TypeAdapter(WireToken)
USER = TypeAdapter(WireUser)
ERRORS = TypeAdapter(WireErrors)
JOB = TypeAdapter(WireJob)
JOBS = TypeAdapter(WireList[WireJob])
ACCEPTED = TypeAdapter(WireAccepted)
CONNECTIONS = TypeAdapter(WireList[WireConnection])
CONNECTORS = TypeAdapter(WireList[WireConnector])
CONSENTS = TypeAdapter(WireList[WireConsent])
ACCOUNT = TypeAdapter(WireAccount)
ACCOUNTS = TypeAdapter(WireList[WireAccount])
IDENTITIES = TypeAdapter(WireList[WireIdentity])
AUTH_LINK = TypeAdapter(WireAuthLink)
TRANSACTIONS = TypeAdapter(WireTransactions)
RECORDS = msgspec.json.Decoder(WireRecords)
