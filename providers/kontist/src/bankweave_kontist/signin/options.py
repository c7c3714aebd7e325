"""What a sign-in may be told, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from bankweave.errors import ConfigurationError
from bankweave_kontist.settings import KontistSettings

DeviceName: TypeAlias = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
Factor: TypeAlias = Literal["page", "push", "device", "any", "bind", "none"]
"""The second factor: asked for by the sign-in page; a push; our bound device's signature; a bound device's or, without one,
a push; binding a device, which is one; or none at all."""


class SignInOptions(BaseModel):
    """Options of one sign-in or renewal. All are texts, as options are."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    username: Annotated[str, Field(min_length=1)] | None = Field(default=None, repr=False)
    password: Annotated[SecretStr, Field(min_length=1)] | None = None
    second_factor: Literal["push", "device", "none"] | None = None
    bind_device: DeviceName | None = None

    @property
    def wants_more_than_a_sign_in(self) -> bool:
        return self.second_factor in {"push", "device"} or self.bind_device is not None


class Plan(BaseModel):
    """What follows a sign-in."""

    model_config = ConfigDict(frozen=True)

    factor: Factor
    device: str | None = None  # the name of the device to be bound


def read_options(given: Mapping[str, str]) -> SignInOptions:
    """Read options. Raises `ConfigurationError`, which names those that cannot be used."""
    try:
        options = SignInOptions.model_validate(dict(given))
    except ValidationError as error:
        names = {str(problem["loc"][0]) for problem in error.errors(include_input=False, include_url=False)}
        raise _unusable(*names) from None
    if (options.username is None) != (options.password is None):
        raise _unusable("username", "password")
    if options.bind_device is not None and options.second_factor is not None:
        raise _unusable("second_factor", "bind_device")
    return options


def plan(settings: KontistSettings, options: SignInOptions) -> Plan:
    if options.bind_device is not None:
        return Plan(factor="bind", device=options.bind_device)
    if options.second_factor is not None:
        return Plan(factor=options.second_factor)
    has_page = options.username is None
    return Plan(factor="page" if has_page and not settings.skip_mfa else "any")


def _unusable(*names: str) -> ConfigurationError:
    return ConfigurationError(
        f"kontist cannot use these options, or not together: {', '.join(sorted(names))}. There are username and password,"
        " and second_factor ('push', 'device' or 'none') or bind_device (a name for the device)"
    )
