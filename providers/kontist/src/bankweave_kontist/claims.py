"""What a token says about itself. Kontist's tokens are JWTs, yet a client must live with opaque ones (section 2.3).

Nothing here is checked against a signature: the token came from Kontist itself, and what it says is used only as a hint.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from bankweave_kontist.wire import Seconds


class Claims(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, frozen=True)

    sub: str | None = None
    iat: Seconds = None
    exp: Seconds = None

    @property
    def lifetime(self) -> int | None:
        """The seconds from issue to expiry; their difference is right even where the two clocks differ."""
        if self.iat is None or self.exp is None or self.exp <= self.iat:
            return None
        return self.exp - self.iat


_CLAIMS = TypeAdapter(Claims)


def read_claims(token: str) -> Claims:
    """Read the claims of a JWT; of anything else, none."""
    parts = token.split(".")
    if len(parts) != len(("header", "payload", "signature")):
        return Claims()
    try:
        return _CLAIMS.validate_json(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, ValidationError):
        return Claims()
