"""Signatures of devices, by the published vector and by what else a client might send."""

from __future__ import annotations

import pytest
from sandbox.tests.kontist.payers import Phone

from bankweave_sandbox.kontist.devices.signatures import is_signed_by, read_device_key

KEY = (
    "04a346c447bac867d15a0a0f555eece87b416ba6f917df1e39f1cba7515757b4da"
    "9eaf5f1604f7e47f1948af3b34ed2735aa565cfd97d5361e12b3b8603bdad73c"
)
OTP = "212212"
SIGNATURE = (
    "3045022100bdbebd8ba5e4ea23a4ab3d852cbf0968cbc7319c7c4388e0c54bf34e896d19d8"
    "02205880fca38bf5450bff73d41c675e1444b8e3c75dc8bf764d5c0e9282bd150ade"
)


def test_the_published_signature_verifies() -> None:
    assert is_signed_by(KEY, OTP, SIGNATURE)
    assert is_signed_by(KEY.upper(), OTP, SIGNATURE.upper())


@pytest.mark.parametrize("text", ["212213", "", " 212212"])
def test_it_verifies_for_no_other_text(text: str) -> None:
    assert not is_signed_by(KEY, text, SIGNATURE)


@pytest.mark.parametrize("signature", ["", "30", "zz", SIGNATURE[:-2], SIGNATURE + "00", "00" * 64])
def test_what_is_no_signature_is_refused(signature: str) -> None:
    assert not is_signed_by(KEY, OTP, signature)
    assert not is_signed_by(KEY, OTP, signature, accept_p1363=True)


@pytest.mark.parametrize("key", ["", KEY[2:], "02" + KEY[2:66], KEY[:-1] + "d", "05" + KEY[2:], KEY + "00"])
def test_only_an_uncompressed_point_on_the_curve_is_a_key(key: str) -> None:
    assert read_device_key(key) is None
    assert not is_signed_by(key, OTP, SIGNATURE)


def test_raw_signatures_need_the_switch() -> None:
    phone = Phone()
    raw = phone.sign_raw("äöü-text")
    assert not is_signed_by(phone.key, "äöü-text", raw)
    assert is_signed_by(phone.key, "äöü-text", raw, accept_p1363=True)
    assert is_signed_by(phone.key, "äöü-text", phone.sign("äöü-text"), accept_p1363=True)
