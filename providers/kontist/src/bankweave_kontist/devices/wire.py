"""Kontist's shapes of devices (section 4)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bankweave_kontist.records import Instant, Record
from bankweave_kontist.wire import PathId

_Lean = ConfigDict(hide_input_in_errors=True, frozen=True)


class CreatedDevice(BaseModel):
    """A device that waits for the signed code. Both ids are the same in every sample; nothing relies on it."""

    model_config = _Lean
    device_id: Annotated[PathId, Field(alias="deviceId")]
    challenge_id: Annotated[PathId, Field(alias="challengeId")]


class DeviceChallenge(BaseModel):
    model_config = _Lean
    id: PathId
    string_to_sign: Annotated[str, Field(alias="stringToSign", max_length=4_096)]


class Device(Record):
    """A device that is bound to the user."""

    id: str
    name: str


class DeviceList(Record):
    list_bound_devices: list[Device]


class DeviceDeleted(Record):
    delete_bound_device: bool


class RestrictedKey(Record):
    has_device_restricted_key: bool


class KeyAdded(Record):
    add_device_key: str


class BindingRequest(Record):
    """A request to bind a device, which the person confirms on another one or by e-mail."""

    id: Annotated[str, Field(min_length=1, max_length=200)]
    confirmed_at: Instant | None = None
    rejected_at: Instant | None = None


class BindingRequested(Record):
    create_device_binding_request: BindingRequest


class BindingRequestFound(Record):
    get_device_binding_request: BindingRequest | None


class BindingDecided(Record):
    update_device_binding_request: bool


CREATED_DEVICE = TypeAdapter(CreatedDevice)
DEVICE_CHALLENGE = TypeAdapter(DeviceChallenge)
