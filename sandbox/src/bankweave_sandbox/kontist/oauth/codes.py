"""Authorization codes: 40 hex characters, good for one exchange and for a short time (providers/kontist.md section 2.1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontist.oauth.tokens import Grant
from bankweave_sandbox.kontist.switches import Switches


@dataclass(frozen=True, slots=True)
class IssuedCode:
    grant: Grant
    redirect_uri: str
    code_challenge: str | None
    expires_at: datetime

    def is_proved_by(self, verifier: str | None) -> bool:
        """Check PKCE. Verifiers shorter than RFC 7636 allows pass: Kontist's own samples are (section 2.1)."""
        if self.code_challenge is None:
            return verifier is None
        return verifier is not None and hmac.compare_digest(s256(verifier), self.code_challenge)


class Codes:
    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._issued: dict[str, IssuedCode] = {}

    def issue(self, grant: Grant, redirect_uri: str, code_challenge: str | None) -> str:
        code = secrets.token_hex(20)
        expires_at = self._clock.now() + timedelta(seconds=self._switches.code_seconds)
        self._issued[code] = IssuedCode(grant, redirect_uri, code_challenge, expires_at)
        return code

    def redeem(self, code: str) -> IssuedCode | None:
        """Take the code out: a second attempt finds nothing, even if this one fails for another reason."""
        issued = self._issued.pop(code, None)
        return issued if issued and issued.expires_at > self._clock.now() else None


def s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode("ascii", "replace")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
