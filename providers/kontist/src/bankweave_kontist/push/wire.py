"""Kontist's shape of a push (section 3)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, TypeAdapter

from bankweave_kontist.wire import Instant, Lean, PathId


class ChallengeAnswer(BaseModel):
    """A push challenge. `status` is PENDING, VERIFIED or DENIED; a word that comes later is no reason to fail."""

    model_config = Lean
    id: PathId
    status: str
    expires_at: Annotated[Instant, Field(alias="expiresAt")]


CHALLENGE = TypeAdapter(ChallengeAnswer)
CHALLENGES = TypeAdapter(list[ChallengeAnswer])
