"""PINs and card numbers on their way: an RSA key to encrypt PINs to, and JWEs both ways (providers/kontist.md section 8)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from bankweave_sandbox.kontist.cards.card import Card
from bankweave_sandbox.kontist.problems import Problem

_WRAPPINGS = ["RSA-OAEP", "RSA-OAEP-256"]
_ENCRYPTIONS = ["A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A192GCM", "A256GCM"]
_STEPS = {1, -1}


@cache
def _pin_key() -> RSAKey:
    """Make the key when it is first asked for: once in a process, as it takes a while."""
    return RSAKey.generate_key(2048)


def pin_key() -> dict[str, Any]:
    """Show the public key as Kontist does: `alg` names a signature algorithm, although it encrypts."""
    public = _pin_key().as_dict(private=False)
    return {
        "kid": _pin_key().thumbprint(),
        "kty": "RSA",
        "use": "enc",
        "alg": "RS256",
        "n": public["n"],
        "e": public["e"],
    }


def decrypt_pin(encrypted: str, key_id: str) -> str:
    """Read a PIN from a compact JWE: the digits themselves, or JSON with a `pin`; which one is undocumented."""
    if key_id != pin_key()["kid"]:
        raise Problem(400, "keyId is not the id of the pinKey")
    try:
        plain = jwe.decrypt_compact(encrypted, _pin_key(), algorithms=_WRAPPINGS + _ENCRYPTIONS).plaintext
    except (JoseError, ValueError):  # joserfc raises a plain ValueError for text that is no JWE at all
        raise Problem(400, "encryptedPin is not a JWE for the pinKey") from None
    return check_pin(_pin_in(plain or b""))


def check_pin(pin: str) -> str:
    """Refuse PINs as the bank underneath does: runs of digits, and fewer than three different ones."""
    if len(pin) != 4 or not pin.isascii() or not pin.isdigit():
        raise Problem(400, "The PIN must have four digits")
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    if len(steps) == 1 and steps <= _STEPS:
        raise Problem(400, "The PIN must not be a run of digits")
    if len(set(pin)) < 3:
        raise Problem(400, "The PIN must have three different digits")
    return pin


def string_of_jwk(jwk: Mapping[str, str]) -> str:
    """Spell a public key as the device signs it: sorted `name=value` pairs, joined by `&`.

    Kontist does not say what is signed. The bank underneath documents sorted pairs of the JWK; its page's separators
    were not readable, and these are the likely ones.
    """
    return "&".join(f"{name}={jwk[name]}" for name in sorted(jwk))


def encrypt_details(card: Card, jwk: Mapping[str, str], wanted: Mapping[str, str]) -> str:
    """Encrypt number, date and CVV for the caller's key. The names inside are undocumented."""
    if wanted["alg"] not in _WRAPPINGS or wanted["enc"] not in _ENCRYPTIONS:
        raise Problem(400, f"jwe must name one of {', '.join(_WRAPPINGS)} and one of {', '.join(_ENCRYPTIONS)}")
    details = {"cardholder": card.holder, "pan": card.pan, "cvv": card.cvv, "exp": card.formatted_expiration}
    header = {"alg": wanted["alg"], "enc": wanted["enc"]}
    try:
        key = RSAKey.import_key(dict(jwk))
        return jwe.encrypt_compact(header, json.dumps(details).encode(), key, algorithms=list(header.values()))
    except (JoseError, ValueError):
        raise Problem(400, "jwk is not an RSA key") from None


def _pin_in(plain: bytes) -> str:
    text = plain.decode("utf-8", "replace").strip()
    try:
        fields = json.loads(text)
    except ValueError:
        return text
    return str(fields.get("pin", "")) if isinstance(fields, dict) else text.strip('"')
