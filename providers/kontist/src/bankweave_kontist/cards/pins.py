"""Secrets of cards on their way: PINs out, card numbers in, each encrypted to an RSA key (section 8). No network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from pydantic import TypeAdapter
from pydantic_core import to_json

from bankweave.errors import InvalidOrder
from bankweave_kontist.refusals import decode, malformed

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

    from bankweave_kontist.cards.records import PinKey

WRAPPING = "RSA-OAEP"  # as in the vendor's sample of an encrypted PIN
ENCRYPTION = "A128CBC-HS256"
_KEY_BITS = 2048
_PIN = re.compile("[0-9]{4}")
_FEWEST_DIGITS = 3
_FIELDS: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])

PinForm = Literal["digits", "json"]


def check_pin(pin: str) -> str:
    """Refuse what the bank behind Kontist refuses: a run like 1234 or 4321, and fewer than three different digits.

    Raises `InvalidOrder`; nothing of the PIN is in it.
    """
    if _PIN.fullmatch(pin) is None:
        raise _invalid("has to have four digits")
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    if steps in ({1}, {-1}):
        raise _invalid("must not be a run of digits")
    if len(set(pin)) < _FEWEST_DIGITS:
        raise _invalid("has to have three different digits")
    return pin


def encrypt_pin(pin: str, key: PinKey, form: PinForm) -> str:
    """Encrypt a PIN for Kontist as a compact JWE. Raises `MalformedAnswer` when the key is none."""
    from joserfc import jwe
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey

    plain = check_pin(pin).encode() if form == "digits" else to_json({"pin": check_pin(pin)})
    header = {"alg": WRAPPING, "enc": ENCRYPTION, "kid": key.kid}
    try:
        public = RSAKey.import_key({"kty": key.kty, "n": key.n, "e": key.e})
        return jwe.encrypt_compact(header, plain, public, algorithms=[WRAPPING, ENCRYPTION])
    except (JoseError, ValueError):
        raise malformed("read_pin_key") from None


def make_key() -> RSAKey:
    """Make a key for one answer. It is never stored. Takes about a tenth of a second."""
    from joserfc.jwk import RSAKey

    return RSAKey.generate_key(_KEY_BITS)


def public_jwk(key: RSAKey) -> dict[str, str]:
    """Write the public half as Kontist takes it."""
    public = key.as_dict(private=False)
    return {"kty": "RSA", "n": str(public["n"]), "e": str(public["e"])}


def spell_jwk(jwk: Mapping[str, str]) -> str:
    """Spell a public key for its signature. What is signed is undocumented; upstream has the sorted pairs of the JWK."""
    return "&".join(f"{name}={jwk[name]}" for name in sorted(jwk))


def decrypt_details(encrypted: str, key: RSAKey, operation: str) -> dict[str, Any]:
    """Open a JWE that was made for `key`. Raises `MalformedAnswer`, which carries nothing of it."""
    from joserfc import jwe
    from joserfc.errors import JoseError

    try:
        plain = jwe.decrypt_compact(encrypted, key, algorithms=[WRAPPING, ENCRYPTION]).plaintext
    except (JoseError, ValueError):  # a text that is no JWE at all is a plain ValueError
        raise malformed(operation) from None
    return decode(_FIELDS, plain or b"", operation)


def _invalid(problem: str) -> InvalidOrder:
    return InvalidOrder(f"the PIN {problem}; nothing was sent", code="pin")
