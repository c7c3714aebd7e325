"""Keys of bound devices: who signs, and what a signature looks like on Kontist's wire (section 4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

from bankweave.adapter import Context

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey

_GROUP_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of NIST P-256
_SCALAR_BYTES = 48  # 128 bits more than the order has, so that the remainder is even (FIPS 186-5, A.2.1)
_PURPOSE = b"bankweave-kontist device key 1"


class Signer(Protocol):
    """A key pair on P-256 whose private half stays where it is: in the vault, in a security module, on a phone."""

    async def public_key(self) -> str:
        """The public key as hex of the uncompressed point: 130 characters that begin with 04."""
        ...

    async def sign(self, message: bytes) -> bytes:
        """Sign the SHA-256 digest of a message by ECDSA. Returns DER; may wait for a person's finger."""
        ...


SignerOf: TypeAlias = Callable[[Context, str], Signer]
"""Finds the signer of a device by the device's name."""


class SoftwareSigner:
    """A key that is kept in the vault, under its device's name, for one owner. It is made when it is first needed.

    The same message gives the same signature (RFC 6979), where the installed OpenSSL can do that (3.2 and later): a bad
    source of randomness cannot give the key away.
    """

    def __init__(self, ctx: Context, device: str) -> None:
        self._ctx = ctx
        self._device = device

    def __repr__(self) -> str:
        return f"SoftwareSigner({self._device!r})"

    async def public_key(self) -> str:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        point = (await self._private_key()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return point.hex()

    async def sign(self, message: bytes) -> bytes:
        return (await self._private_key()).sign(message, _algorithm())

    async def _private_key(self) -> EllipticCurvePrivateKey:
        return _derived_key(await self._ctx.remember_once(self._name, self._new_seed))

    async def _new_seed(self) -> str:
        return self._ctx.secret()

    @property
    def _name(self) -> str:
        return f"device-key/{self._device}"


def _derived_key(seed: str) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    stretched = HKDF(SHA256(), _SCALAR_BYTES, salt=None, info=_PURPOSE).derive(seed.encode())
    return derive_private_key(int.from_bytes(stretched) % (_GROUP_ORDER - 1) + 1, SECP256R1())


def _algorithm() -> ECDSA:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        return ECDSA(SHA256(), deterministic_signing=True)
    except UnsupportedAlgorithm:
        return ECDSA(SHA256())


async def signature(signer: Signer, text: str) -> str:
    """Sign a text as Kontist wants it: its UTF-8 bytes, the signature as hex of the DER (section 4.1)."""
    return (await signer.sign(text.encode())).hex()


def is_signed_by(public_key: str, text: str, signed: str) -> bool:
    """Tell whether a signature is that of a public key under a text; all as they are on Kontist's wire."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signed), text.encode(), ECDSA(SHA256()))
    except (ValueError, InvalidSignature):
        return False
    return True
