"""Device keys: what they sign, how it is written, and that the private half stays where it is."""

from __future__ import annotations

import pytest

from bankweave.testing import FakeContext
from bankweave_kontist.devices.signer import SoftwareSigner, is_signed_by, signature

pytestmark = pytest.mark.anyio

# published by the bank behind Kontist (section 4.1)
KEY = (
    "04a346c447bac867d15a0a0f555eece87b416ba6f917df1e39f1cba7515757b4da"
    "9eaf5f1604f7e47f1948af3b34ed2735aa565cfd97d5361e12b3b8603bdad73c"
)
SIGNATURE = (
    "3045022100bdbebd8ba5e4ea23a4ab3d852cbf0968cbc7319c7c4388e0c54bf34e896d19d8"
    "02205880fca38bf5450bff73d41c675e1444b8e3c75dc8bf764d5c0e9282bd150ade"
)


def test_the_published_signature_is_one_of_the_published_key() -> None:
    assert is_signed_by(KEY, "212212", SIGNATURE)
    assert is_signed_by(KEY, "212212", SIGNATURE.upper())
    assert not is_signed_by(KEY, "212213", SIGNATURE)
    assert not is_signed_by(KEY, "212212", SIGNATURE[:-2] + "00")
    assert not is_signed_by("04ff", "212212", SIGNATURE)


async def test_a_signature_is_that_of_the_public_key_under_the_text() -> None:
    signer = SoftwareSigner(FakeContext(), "Server")
    key = await signer.public_key()
    signed = await signature(signer, "212212")
    assert (len(key), key[:2]) == (130, "04")
    assert signed[:2] == "30"  # DER
    assert is_signed_by(key, "212212", signed)


async def test_the_key_of_a_device_is_the_same_in_every_process() -> None:
    ctx = FakeContext()
    first = SoftwareSigner(ctx, "Server")
    key, signed = await first.public_key(), await first.sign(b"x")
    later = SoftwareSigner(FakeContext(remembered=dict(ctx.remembered)), "Server")
    assert (await later.public_key(), await later.sign(b"x")) == (key, signed)


async def test_devices_have_keys_of_their_own() -> None:
    ctx = FakeContext()
    assert await SoftwareSigner(ctx, "Server").public_key() != await SoftwareSigner(ctx, "Laptop").public_key()


async def test_a_signer_shows_nothing_of_its_key() -> None:
    ctx = FakeContext()
    signer = SoftwareSigner(ctx, "Server")
    await signer.public_key()
    (kept,) = ctx.remembered.values()
    assert kept not in repr(signer)
    assert [name for name in dir(signer) if not name.startswith("_")] == ["public_key", "sign"]
