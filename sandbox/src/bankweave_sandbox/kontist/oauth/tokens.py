"""Access and refresh tokens: HS256 JWTs with the claims of Kontist's samples (providers/kontist.md section 2.3)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontist.switches import Switches

_REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token stands for: whose data, for which client, how far, and whether it is confirmed."""

    user_id: str
    client_id: str
    scopes: tuple[str, ...]
    kid: str | None = None  # the credential that confirmed it (`cnf.kid`); None: not confirmed

    @property
    def scope(self) -> str:
        return " ".join(self.scopes)

    @property
    def is_confirmed(self) -> bool:
        return self.kid is not None

    @property
    def is_offline(self) -> bool:
        return "offline" in self.scopes

    def confirmed_by(self, kid: str) -> Grant:
        return replace(self, kid=kid)


class TokenMint:
    """Issues and reads tokens. Its key dies with the world, so that a reset ends every session."""

    def __init__(self, clock: Clock, switches: Switches, removed_devices: AbstractSet[str] = frozenset()) -> None:
        """Make a mint; it watches the set of `removed_devices`, which may grow."""
        self._clock = clock
        self._switches = switches
        self._key = OctKey.import_key(secrets.token_bytes(32))
        self._removed_devices = removed_devices
        self._spent: set[str] = set()  # refresh tokens that were rotated away

    def access(self, grant: Grant) -> str:
        return self._sign(_claims(grant, grant.scope), self._switches.access_seconds)

    def refresh(self, grant: Grant) -> str:
        claims = _claims(grant, f"{_REFRESH} {grant.scope}".strip())
        if self._switches.refresh_rotation:
            # The documented claims would repeat within one second, and a spent token must not spend its successor.
            claims["jti"] = secrets.token_hex(8)
        return self._sign(claims, self._switches.refresh_seconds)

    def read_access(self, token: str) -> Grant | None:
        claims = self._verify(token)
        return None if claims is None or _is_refresh(claims) else _grant(claims)

    def expiry(self, token: str) -> datetime | None:
        """Tell when a token that is good ends."""
        claims = self._verify(token)
        return datetime.fromtimestamp(claims["exp"], UTC) if claims else None

    def read_refresh(self, token: str) -> Grant | None:
        claims = self._verify(token)
        return _grant(claims) if claims and _is_refresh(claims) and token not in self._spent else None

    def spend(self, refresh_token: str) -> None:
        self._spent.add(refresh_token)

    def _sign(self, claims: dict[str, Any], seconds: int) -> str:
        issued = int(self._clock.now().timestamp())
        header = {"alg": "HS256", "typ": "JWT"}
        return jwt.encode(header, {**claims, "iat": issued, "exp": issued + seconds}, self._key, algorithms=["HS256"])

    def _verify(self, token: str) -> Mapping[str, Any] | None:
        try:
            claims = jwt.decode(token, self._key, algorithms=["HS256"]).claims
        except (JoseError, ValueError):  # joserfc raises a plain ValueError for text that is no JWT at all
            return None
        is_over = claims["exp"] <= self._clock.now().timestamp() or self._is_ended(claims)
        return None if is_over else claims

    def _is_ended(self, claims: Mapping[str, Any]) -> bool:
        kid = claims.get("cnf", {}).get("kid")
        return self._switches.deleted_device_ends_tokens and kid in self._removed_devices


def _claims(grant: Grant, scope: str) -> dict[str, Any]:
    claims: dict[str, Any] = {"sub": grant.user_id, "scope": scope, "client_id": grant.client_id}
    return claims | ({"cnf": {"kid": grant.kid}} if grant.kid else {})


def _is_refresh(claims: Mapping[str, Any]) -> bool:
    return _REFRESH in claims["scope"].split()[:1]


def _grant(claims: Mapping[str, Any]) -> Grant:
    scopes = tuple(s for s in claims["scope"].split() if s != _REFRESH)
    return Grant(claims["sub"], claims["client_id"], scopes, claims.get("cnf", {}).get("kid"))
