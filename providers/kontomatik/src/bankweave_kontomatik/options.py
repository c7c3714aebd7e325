"""What a sign-in is begun with: the intent first, then the settings, then what follows from the bank's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bankweave.errors import ConfigurationError
from bankweave.flow import Connect, Renew
from bankweave_kontomatik.grant import Grant
from bankweave_kontomatik.protocol import MockSignIn, SignIn
from bankweave_kontomatik.settings import AccessMode, Code, KontomatikSettings

_SUFFIX = re.compile(r"_([a-z]{2})$")
_LOCALES = frozenset({"br", "cz", "en", "es", "mx", "pl", "ru"})  # all that were ever seen (section 10)


# "Free text" (section 2); what cannot be seen, and what no form field takes, is kept out of it.
OwnerId = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^\S(?:[^\x00-\x1f\x7f]*\S)?$")]
Login = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]


class SignInOptions(BaseModel):
    """Options of one sign-in; each overrides the setting of its name."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    country: Code | None = None
    locale: Code | None = None
    access_mode: AccessMode | None = None
    owner_external_id: OwnerId | None = Field(default=None, repr=False)
    mock_login: Login | None = Field(default=None, repr=False)


def choose_sign_in(settings: KontomatikSettings, intent: Connect | Renew[Grant], options: SignInOptions) -> SignIn:
    """Choose everything but the owner's id."""
    if intent.redirect_uri is None:
        raise ConfigurationError("Kontomatik sends the person back by a redirect: pass redirect_uri")
    target = intent.institution or _former_target(intent)
    country = _choose_country(settings, options, target)
    return SignIn(
        redirect_uri=intent.redirect_uri,
        owner="",
        country=country,
        locale=options.locale or settings.locale or _locale_of(country),
        access_mode=options.access_mode or settings.access_mode,
        target=target if settings.preselect else None,
    )


def choose_mock_sign_in(
    settings: KontomatikSettings, intent: Connect | Renew[Grant], options: SignInOptions, login: str
) -> MockSignIn:
    """Choose what a mock session is asked for with, but the owner's id."""
    return MockSignIn(
        login=login,
        country=_choose_country(settings, options, intent.institution or _former_target(intent)),
        owner="",
        multiple_access=(options.access_mode or settings.access_mode) != "SINGLE",
    )


def _choose_country(settings: KontomatikSettings, options: SignInOptions, target: str | None) -> str:
    country = options.country or settings.country or _country_of(target)
    if country is None:
        raise ConfigurationError("Kontomatik has to know the country: set the setting or option country, e.g. 'pl'")
    return country


def read_options(given: Mapping[str, str]) -> SignInOptions:
    try:
        return SignInOptions.model_validate(dict(given))
    except ValidationError as error:
        names = ", ".join(sorted({str(problem["loc"][0]) for problem in error.errors(include_input=False)}))
        message = (
            f"Kontomatik cannot use these options: {names}. There are country ('pl'), locale ('pl'), "
            "access_mode ('SINGLE', 'MULTIPLE' or 'MIXED'), owner_external_id and, for tests, mock_login"
        )
        raise ConfigurationError(message) from None


def _former_target(intent: Connect | Renew[Grant]) -> str | None:
    return intent.grant.access.target if isinstance(intent, Renew) else None


def _country_of(target: str | None) -> str | None:
    # Banks outside Poland carry their country: FioApi_cz (section 2).
    if target is None:
        return None
    suffix = _SUFFIX.search(target)
    return suffix.group(1) if suffix else "pl"


def _locale_of(country: str) -> str:
    return country if country in _LOCALES else "en"
