"""Where flows wait: frozen, plain data that any later process can go on from."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bankweave_kontist.devices.bound import BoundDevice
from bankweave_kontist.grant import Grant
from bankweave_kontist.signin.options import Plan
from bankweave_kontist.transfers.confirmation import Confirmation


class _State(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class _SecondFactor(_State):
    """On the way to confirmed tokens, until `expires_at`."""

    grant: Grant | None = None  # of the sign-in; None for a connection that exists, which uses its own tokens
    scopes: tuple[str, ...]
    expires_at: datetime


class AwaitingRedirect(_State):
    """The person is at the sign-in page. `state` is also the flow's correlation."""

    kind: Literal["awaiting_redirect"] = "awaiting_redirect"
    state: str = Field(repr=False)
    redirect_uri: str
    verifier: str | None = Field(default=None, repr=False)  # PKCE; None where the client has a secret
    subject: str | None = None  # a renewal's user, where known: nobody else may sign in
    plan: Plan | None = None  # None: as the settings say; states of version 0.1 lack it


class AwaitingChallenge(_SecondFactor):
    """The person signed in, but Kontist could not send the push yet. Keeps the tokens: their code is used up."""

    kind: Literal["awaiting_challenge"] = "awaiting_challenge"


class AwaitingApproval(_SecondFactor):
    """The push was sent; the person is to confirm it in the app."""

    kind: Literal["awaiting_approval"] = "awaiting_approval"
    challenge: str
    poll_at: datetime


class AwaitingBindingRequest(_SecondFactor):
    """Kontist asks the person, on another bound device or by e-mail, whether a device may be bound at all."""

    kind: Literal["awaiting_binding_request"] = "awaiting_binding_request"
    name: str
    request: str
    poll_at: datetime


class CreatingDevice(_SecondFactor):
    """A device may be bound, but Kontist could not take it down yet."""

    kind: Literal["creating_device"] = "creating_device"
    name: str
    permitted: bool = False  # the request to bind it was confirmed


class AwaitingDeviceCode(_SecondFactor):
    """Kontist has sent a code by SMS, which the new device's key has to sign."""

    kind: Literal["awaiting_device_code"] = "awaiting_device_code"
    device: BoundDevice
    challenge: str


class ProvingDevice(_SecondFactor):
    """The device is bound; its key has to sign a challenge for confirmed tokens. Needs nobody, only Kontist."""

    kind: Literal["proving_device"] = "proving_device"
    device: BoundDevice
    or_push: bool = False  # the device was found, not asked for: where Kontist does not know it, a push serves as well


class AwaitingConfirmation(_State):
    """Kontist has taken down an order; nothing happens before it is confirmed, by code or by a device's signature."""

    kind: Literal["awaiting_confirmation"] = "awaiting_confirmation"
    account: str
    request: Confirmation


State: TypeAlias = (
    AwaitingRedirect
    | AwaitingChallenge
    | AwaitingApproval
    | AwaitingBindingRequest
    | CreatingDevice
    | AwaitingDeviceCode
    | ProvingDevice
    | AwaitingConfirmation
)
STATES: TypeAdapter[State] = TypeAdapter(Annotated[State, Field(discriminator="kind")])
