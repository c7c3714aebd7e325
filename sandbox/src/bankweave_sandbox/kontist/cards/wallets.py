"""Cards in the wallets of phones: Google's tokens and push provisioning (providers/kontist.md section 8).

The payloads come from the card scheme and are opaque to Kontist's clients; here they are random, of the right encoding.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bankweave_sandbox.kontist.cards.card import Card
from bankweave_sandbox.kontist.problems import Problem


def add_google_token(card: Card, wallet_id: str, token_ref_id: str) -> dict[str, str]:
    """Note a token; noting it again changes nothing."""
    if not wallet_id or not token_ref_id:
        raise Problem(400, "walletId and tokenRefId are needed")
    if (wallet_id, token_ref_id) not in card.google_tokens:
        card.google_tokens.append((wallet_id, token_ref_id))
    return render_token(wallet_id, token_ref_id)


def delete_google_token(card: Card, wallet_id: str, token_ref_id: str) -> dict[str, str]:
    if (wallet_id, token_ref_id) not in card.google_tokens:
        raise Problem(404, "The card has no such token")
    card.google_tokens.remove((wallet_id, token_ref_id))
    return render_token(wallet_id, token_ref_id)


def render_token(wallet_id: str, token_ref_id: str) -> dict[str, str]:
    return {"walletId": wallet_id, "tokenRefId": token_ref_id}


def check_wallet(card: Card, ios: Mapping[str, Any] | None, android: Mapping[str, Any] | None) -> None:
    """Refuse what no wallet could be provisioned with: exactly one of the two, with all of its values."""
    card.require("ACTIVE")
    wallets = [wallet for wallet in (ios, android) if wallet is not None]
    needed = ("certificates", "nonce", "nonceSignature") if ios is not None else ("deviceId", "walletAccountId")
    if len(wallets) != 1 or not all(wallets[0].get(name) for name in needed):
        raise Problem(400, "either ios or android is needed, with all of its values")


def provision(card: Card, ios: Mapping[str, Any] | None) -> dict[str, str]:
    """Give a wallet what it needs; Apple's is taken to be added with that."""
    if ios is None:
        return {"walletPayload": _opaque(256)}
    card.is_in_apple_pay = True
    ephemeral = ec.generate_private_key(ec.SECP256R1()).public_key()
    point = ephemeral.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return {
        "activationData": _opaque(64),
        "encryptedPassData": _opaque(256),
        "ephemeralPublicKey": base64.b64encode(point).decode(),
    }


def _opaque(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()
