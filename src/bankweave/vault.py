"""Encryption of everything secret at rest: AES-256-GCM under a ring of keys.

A sealed secret is `magic, version, key id, nonce, ciphertext`. The identity of its record is authenticated with it, so that
a ciphertext copied to another record does not open there. The newest key seals; every key of the ring opens.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import secrets
import stat
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from bankweave.errors import ConfigurationError, VaultError, WrongVaultKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["KEYS_SETTING", "KeyRing", "Vault", "generate_key"]

KEYS_SETTING = "BANKWEAVE_VAULT_KEYS"

_MAGIC = b"bwv\x01"  # the last byte is the format's version
_KEY_SIZE = 32
_KEY_ID_SIZE = 8
_NONCE_SIZE = 12
_HEADER_SIZE = len(_MAGIC) + _KEY_ID_SIZE
_HOW_TO_MAKE_ONE = 'python -c "from bankweave.vault import generate_key; print(generate_key())"'

_log = logging.getLogger("bankweave.vault")


def generate_key() -> str:
    """Make a new random key, written the way settings and key files hold it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_SIZE)).decode()


@dataclass(frozen=True, slots=True, repr=False)
class _Key:
    id: bytes
    cipher: AESGCM


class KeyRing:
    """Keys, newest first. The newest seals, all of them open."""

    __slots__ = ("_keys",)

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        if not keys:
            raise ConfigurationError(f"the vault has no key; make one: {_HOW_TO_MAKE_ONE}")
        self._keys = tuple(_key(secret) for secret in dict.fromkeys(keys))

    @classmethod
    def from_text(cls, text: str) -> KeyRing:
        """Read keys separated by commas or line ends, newest first."""
        words = text.replace(",", " ").split()
        return cls(tuple(_decode_key(word, position) for position, word in enumerate(words, start=1)))

    @property
    def newest(self) -> _Key:
        return self._keys[0]

    def find(self, key_id: bytes) -> _Key | None:
        return next((key for key in self._keys if key.id == key_id), None)

    def __repr__(self) -> str:
        return "KeyRing()"


class Vault:
    """Seals and opens secrets. `created` tells whether this vault has just made its key file."""

    __slots__ = ("_created", "_ring")

    def __init__(self, ring: KeyRing, *, created: bool = False) -> None:
        self._ring = ring
        self._created = created

    @classmethod
    def from_keys(cls, text: str) -> Vault:
        """Use keys written as text: separated by commas, newest first."""
        return cls(KeyRing.from_text(text))

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> Vault:
        """Use the keys in a file, and make the file with a new key when there is none. Processes that race agree."""
        file = Path(path)
        created = not file.exists() and _create_key_file(file)
        return cls(KeyRing.from_text(_read_key_file(file)), created=created)

    @property
    def created(self) -> bool:
        return self._created

    def seal(self, plain: bytes, *, record: str) -> bytes:
        """Encrypt a secret for one record, e.g. `"grant/<connection id>"`."""
        key = self._ring.newest
        header = _MAGIC + key.id
        nonce = secrets.token_bytes(_NONCE_SIZE)
        return header + nonce + key.cipher.encrypt(nonce, plain, header + record.encode())

    def open(self, sealed: bytes, *, record: str) -> bytes:
        """Decrypt what was sealed for this record. Raises `WrongVaultKey` or `VaultError`."""
        from cryptography.exceptions import InvalidTag

        header, nonce = sealed[:_HEADER_SIZE], sealed[_HEADER_SIZE : _HEADER_SIZE + _NONCE_SIZE]
        key = self._key_of(header, nonce)
        try:
            return key.cipher.decrypt(nonce, sealed[_HEADER_SIZE + _NONCE_SIZE :], header + record.encode())
        except InvalidTag:
            raise VaultError(
                "a stored secret was altered or belongs to another record; restore the database or connect again"
            ) from None

    def reseal(self, sealed: bytes, record: str) -> bytes:
        """Bring a secret under the newest key; one that is there already comes back as it is."""
        plain = self.open(sealed, record=record)
        current = sealed[len(_MAGIC) : _HEADER_SIZE] == self._ring.newest.id
        return sealed if current else self.seal(plain, record=record)

    def _key_of(self, header: bytes, nonce: bytes) -> _Key:
        if not header.startswith(_MAGIC) or len(nonce) < _NONCE_SIZE:
            raise VaultError("a stored secret is not in a format that this bankweave wrote; restore the database")
        key = self._ring.find(header[len(_MAGIC) :])
        if key is None:
            raise WrongVaultKey(
                "a stored secret is encrypted under a key that is not in the key ring;"
                f" add the earlier key at the end of {KEYS_SETTING} (comma-separated), or of the key file"
            )
        return key

    def __repr__(self) -> str:
        return "Vault()"


def _key(secret: bytes) -> _Key:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    # A hash of 32 random bytes gives nothing away; `person` keeps it apart from any other use of a hash of the key.
    key_id = hashlib.blake2b(secret, digest_size=_KEY_ID_SIZE, person=b"bankweave key id").digest()
    return _Key(key_id, AESGCM(secret))


def _decode_key(word: str, position: int) -> bytes:
    try:
        # `altchars` and padding of our own: b64decode alone would skip foreign characters in silence
        secret = base64.b64decode(word.rstrip("=") + "=", altchars=b"-_", validate=True)
    except ValueError:
        secret = b""
    if len(secret) != _KEY_SIZE:
        raise ConfigurationError(
            f"vault key {position} is not 32 bytes in base64url ({KEYS_SETTING} or the key file);"
            f" make one: {_HOW_TO_MAKE_ONE}"
        )
    return secret


def _create_key_file(file: Path) -> bool:
    """Write a new key file; say whether it is ours (False: another process was first)."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        return _publish(draft, file)
    except OSError as error:
        raise VaultError(
            f"the key file {file} cannot be made ({error.strerror}); make its directory writable, or set {KEYS_SETTING}"
        ) from None
    finally:
        draft.unlink(missing_ok=True)


def _publish(draft: Path, file: Path) -> bool:
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
        out.write(generate_key() + "\n")
        out.flush()
        os.fsync(out.fileno())
    try:
        # A link appears whole or not at all and never replaces a file, so nobody can read half a key or lose one.
        os.link(draft, file)
    except FileExistsError:
        return False
    _log.warning("key_file_created", extra={"operation": "create_key_file"})
    return True


def _read_key_file(file: Path) -> str:
    try:
        with file.open(encoding="ascii") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            text = opened.read()
    except UnicodeDecodeError:
        raise ConfigurationError(f"the key file {file} is not text; make a key: {_HOW_TO_MAKE_ONE}") from None
    except OSError as error:
        raise VaultError(f"the key file {file} cannot be read ({error.strerror})") from None
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise VaultError(f"the key file {file} can be read by others; run: chmod 600 {file}")
    return text
