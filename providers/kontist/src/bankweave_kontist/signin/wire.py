"""Kontist's shapes of tokens, and of what keeps one from having them (sections 2.2 and 3)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter

from bankweave_kontist.wire import Lean, Seconds

# A token becomes a header: nothing in it may break out of one.
Bearer = Annotated[str, Field(min_length=1, max_length=16_384, pattern=r"^[\x21-\x7e]+$")]


class TokenAnswer(BaseModel):
    """The token endpoint's success (section 2.2)."""

    model_config = Lean
    access_token: Bearer
    token_type: Annotated[str, Field(pattern=r"^(?i:bearer)$")] | None = None
    expires_in: Seconds = None
    refresh_token: Bearer | None = None
    scope: str | None = None


class ConfirmedTokenAnswer(BaseModel):
    """What a verified challenge is exchanged for (section 3)."""

    model_config = Lean
    token: Bearer
    refresh_token: Bearer | None = None


class OAuthRefusal(BaseModel):
    """An answer of the token endpoint that may be an error; Kontist writes errors as objects elsewhere."""

    model_config = Lean
    error: str | dict[str, Any] | None = None


class ErrorType(BaseModel):
    model_config = Lean
    type: str


TOKEN = TypeAdapter(TokenAnswer)
CONFIRMED_TOKEN = TypeAdapter(ConfirmedTokenAnswer)
OAUTH_REFUSAL = TypeAdapter(OAuthRefusal)
ERROR_TYPE = TypeAdapter(ErrorType)
