"""Device keys and signatures: ECDSA on P-256 with SHA-256 (providers/kontist.md section 4.1)."""

from __future__ import annotations

import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

_UNCOMPRESSED_POINT = re.compile(r"04[0-9a-f]{128}", re.IGNORECASE)
_P1363_BYTES = 64


def read_device_key(key: str) -> ec.EllipticCurvePublicKey | None:
    """Read the hex of an uncompressed point on P-256; None when it is none."""
    if not _UNCOMPRESSED_POINT.fullmatch(key):
        return None
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(key))
    except ValueError:  # not on the curve
        return None


def is_signed_by(key: str, text: str, signature: str, *, accept_p1363: bool = False) -> bool:
    """Tell whether `signature`, the hex of a DER sequence, is the key's over the UTF-8 bytes of `text`."""
    public_key = read_device_key(key)
    raw = _from_hex(signature)
    if public_key is None or raw is None:
        return False
    if accept_p1363 and len(raw) == _P1363_BYTES:
        raw = _as_der(raw)
    try:
        public_key.verify(raw, text.encode(), ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _from_hex(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


def _as_der(raw: bytes) -> bytes:
    half = _P1363_BYTES // 2
    return encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
