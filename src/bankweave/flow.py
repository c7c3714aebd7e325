"""Flows as data: what a flow asks, what comes back, and which moves are legal. Pure; no clock, no network, no store.

An adapter answers every event with a `Step`; the engine folds it into a `FlowRecord`. Whatever must survive until the next
event is in the step's `state`, because that event may come days later, in another process, twice, or never.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, TypeAlias, TypeVar

from bankweave.errors import Failure
from bankweave.model import Consent, Institution
from bankweave.payment import Transfer, TransferKind, TransferOrder

S = TypeVar("S")
G = TypeVar("G")


# What the person must do now -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Send the person to `url`, in any browser. The address may carry a token: show it, never log it."""

    url: str = field(repr=False)
    expires_at: datetime | None = None


class ChallengeKind(StrEnum):
    OTP = "otp"
    QUESTIONS = "questions"
    APP_APPROVAL = "app_approval"  # nothing to type: the person confirms on another device
    DEVICE_SIGNATURE = "device_signature"
    SELECTION = "selection"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing to type or choose. Answers are given by `name`."""

    name: str
    label: str
    secret: bool = True
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """A question of the bank. `fields` is empty for an approval on another device."""

    kind: ChallengeKind
    message: str
    fields: tuple[Field, ...] = ()
    expires_at: datetime | None = None
    attempts_left: int | None = None  # None: the provider does not tell


Interaction: TypeAlias = Redirect | Challenge


# What comes back ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Callback:
    """The person came back: the query parameters of the URL they came back to. What they claim is not yet believed."""

    params: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person typed, by field name; empty for an approval on another device."""

    values: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Due:
    """Nothing came back, but it is time to look."""


Event: TypeAlias = Callback | Answer | Due


# What an adapter decides ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """Begin a first connection. `redirect_uri` is where the person shall come back to."""

    redirect_uri: str | None
    institution: str | None = None
    options: Mapping[str, str] = field(default_factory=dict, repr=False)  # the provider's own, e.g. {"locale": "cz"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Renew(Generic[G]):
    """Begin a new consent for a connection that exists; the old grant goes on working until this one is done."""

    grant: G = field(repr=False)
    redirect_uri: str | None
    institution: str | None = None
    options: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh(Generic[G]):
    """Have the provider fetch fresh data from the bank, before a pull. Only for adapters whose info says so."""

    grant: G = field(repr=False)
    since: date | None  # read from this day on; None: all there is
    user_present: bool = False  # the person is waiting: what is kept back for them may be used


Intent: TypeAlias = Connect | Renew[Any] | Refresh[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """Have the bank take down transfers of one account; with several, all are confirmed at once."""

    account: str  # its provider id
    orders: tuple[TransferOrder, ...] = field(repr=False)
    options: Mapping[str, str] = field(default_factory=dict, repr=False)  # the provider's own, e.g. how to confirm


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTransfer:
    """Have the bank cancel a transfer that it has not executed, or stop a standing order."""

    account: str  # its provider id
    transfer: str  # its provider id
    kind: TransferKind
    options: Mapping[str, str] = field(default_factory=dict, repr=False)


PaymentIntent: TypeAlias = Pay | CancelTransfer


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Generic[S]):
    """The person is needed. `poll_at`: look by then whether it happened, even if nothing comes back.

    Without `expires_at` the core gives the person a day.
    """

    state: S = field(repr=False)
    interaction: Interaction
    correlation: str | None = field(default=None, repr=False)  # the unguessable key that the callback will carry
    poll_at: datetime | None = None
    expires_at: datetime | None = None
    country: str | None = None  # ISO 3166-1 alpha-2: whose banks the person may choose from, where that is narrowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(Generic[S]):
    """The provider is working; look again at `poll_at`."""

    state: S = field(repr=False)
    poll_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected(Generic[G]):
    """Done. For a refresh: the data are there to be pulled, under this grant."""

    grant: G = field(repr=False)
    consent: Consent | None = None  # None: unchanged, or not known
    institution: Institution | None = None
    subject: str | None = None  # what the provider's events call the person; None: unchanged, or they call them nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A payment flow is through: these transfers stand now as the provider says."""

    transfers: tuple[Transfer, ...] = field(repr=False)


class Reason(StrEnum):
    """Why a flow failed, by what can be done about it."""

    USER_REFUSED = "user_refused"  # begin again if they change their mind
    WRONG_ANSWER = "wrong_answer"  # begin again; the provider allows no second try
    EXPIRED = "expired"  # begin again
    USER_ACTION = "user_action"  # something to be done at the bank itself first
    UNAVAILABLE = "unavailable"  # begin again later
    REFUSED = "refused"  # the provider will not; `provider_code` says why

    @property
    def needs_user(self) -> bool:
        """Whether the person can mend it."""
        return self not in {Reason.UNAVAILABLE, Reason.REFUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The flow has ended without a connection. The old grant of a renewal goes on working."""

    reason: Reason
    message: str
    provider_code: str | None = None
    retry_at: datetime | None = None
    institution: Institution | None = None  # where it failed, if the provider tells


Step: TypeAlias = Ask[Any] | Wait[Any] | Connected[Any] | Done | Failed


# Where a flow stands --------------------------------------------------------------------------------------------------


class FlowStatus(StrEnum):
    STARTED = "started"
    ASKING = "asking"
    WAITING = "waiting"
    CONNECTED = "connected"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Purpose(StrEnum):
    CONNECT = "connect"
    RENEW = "renew"
    REFRESH = "refresh"
    PAY = "pay"


_ENDS = frozenset({FlowStatus.CONNECTED, FlowStatus.DONE, FlowStatus.FAILED, FlowStatus.EXPIRED, FlowStatus.CANCELLED})

# Every legal move. The picture in docs/architecture.md is drawn from this table.
TRANSITIONS: Mapping[FlowStatus, frozenset[FlowStatus]] = {
    FlowStatus.STARTED: frozenset({FlowStatus.ASKING, FlowStatus.WAITING}) | _ENDS,
    FlowStatus.ASKING: frozenset({FlowStatus.ASKING, FlowStatus.WAITING}) | _ENDS,
    FlowStatus.WAITING: frozenset({FlowStatus.ASKING, FlowStatus.WAITING}) | _ENDS,
    FlowStatus.CONNECTED: frozenset(),
    FlowStatus.DONE: frozenset(),
    FlowStatus.FAILED: frozenset(),
    FlowStatus.EXPIRED: frozenset(),
    FlowStatus.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRecord:
    """A flow as it is stored. Everything that a stranger could use is inside `sealed`."""

    id: str
    adapter: str
    owner: str
    connection_id: str
    purpose: Purpose
    status: FlowStatus
    created_at: datetime
    updated_at: datetime
    version: int = 0  # grows with every write; a write against an older version is refused
    lease_until: datetime | None = None  # until then one process works on it alone
    correlation: str | None = None  # SHA-256 of the callback's key: finds the flow, forges no callback
    poll_at: datetime | None = None
    expires_at: datetime | None = None
    failure: Failure | None = None
    sealed: bytes = field(default=b"", repr=False)  # the adapter's state and the interaction, encrypted
    institution_id: str | None = None  # the bank that was asked for, or that the person chose
    country: str | None = None  # ISO 3166-1 alpha-2, of the bank or of the banks that were offered


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A flow as a program sees it: a snapshot; ask the `Bankweave` for a newer one."""

    id: str
    adapter: str
    owner: str
    connection_id: str
    purpose: Purpose
    status: FlowStatus
    created_at: datetime
    interaction: Interaction | None = None
    poll_at: datetime | None = None
    expires_at: datetime | None = None
    failure: Failure | None = None
    institution_id: str | None = None
    country: str | None = None
    transfers: tuple[Transfer, ...] = field(default=(), repr=False)  # what a payment flow has brought about

    @property
    def asks(self) -> bool:
        """Whether the person is needed: see `interaction`."""
        return self.status is FlowStatus.ASKING

    @property
    def waits(self) -> bool:
        """Whether the provider is at work: `Bankweave.wait` or the next sync goes on with it."""
        return self.status is FlowStatus.WAITING

    @property
    def over(self) -> bool:
        return self.status in _ENDS

    def public(self) -> dict[str, Any]:
        """What a page may show to the flow's own person, ready for JSON."""
        return {
            "id": self.id,
            "adapter": self.adapter,
            "connection_id": self.connection_id,
            "purpose": self.purpose.value,
            "status": self.status.value,
            "expires_at": self.expires_at and self.expires_at.isoformat(),
            "interaction": self.interaction and _public_interaction(self.interaction),
            "failure": self.failure and _public_failure(self.failure),
            "transfers": [_public_transfer(transfer) for transfer in self.transfers],
        }


def _public_failure(failure: Failure) -> dict[str, Any]:
    return {"kind": failure.kind, "reason": failure.code, "message": failure.message}


def _public_transfer(transfer: Transfer) -> dict[str, Any]:
    return {
        "id": transfer.id,
        "status": transfer.status.value,
        "amount": str(transfer.amount),
        "currency": transfer.currency,
        "end_to_end_id": transfer.end_to_end_id,
    }


def _public_interaction(interaction: Interaction) -> dict[str, Any]:
    match interaction:
        case Redirect():
            return {"kind": "redirect", "url": interaction.url}
        case Challenge():
            return {
                "kind": interaction.kind.value,
                "message": interaction.message,
                "attempts_left": interaction.attempts_left,
                "fields": [
                    {"name": f.name, "label": f.label, "secret": f.secret, "options": list(f.options)}
                    for f in interaction.fields
                ],
            }
