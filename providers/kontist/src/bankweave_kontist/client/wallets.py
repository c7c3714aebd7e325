"""Cards in phones' wallets (section 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bankweave.errors import ProviderRefused
from bankweave_kontist.cards.records import GooglePayToken, Provisioned
from bankweave_kontist.cards.wire import ProvisioningAsked, ProvisioningConfirmed, TokenChanged
from bankweave_kontist.devices.bound import bound_device, signed
from bankweave_kontist.queries import Query
from bankweave_kontist.queries import cards as queries
from bankweave_kontist.refusals import wrong_code
from bankweave_kontist.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class AppleWallet:
    """What an iPhone hands to an app that wants to put a card into its wallet."""

    certificates: Sequence[str] = field(repr=False)
    nonce: str = field(repr=False)
    nonce_signature: str = field(repr=False)

    def variables(self) -> dict[str, object]:
        fields = {"certificates": list(self.certificates), "nonce": self.nonce, "nonceSignature": self.nonce_signature}
        return {"ios": fields}


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleWallet:
    """What an Android phone hands to an app that wants to put a card into its wallet."""

    wallet_account_id: str = field(repr=False)
    phone_id: str = field(repr=False)  # Kontist's `deviceId` of the input; not a bound device

    def variables(self) -> dict[str, object]:
        return {"android": {"deviceId": self.phone_id, "walletAccountId": self.wallet_account_id}}


class Wallets:
    """Puts cards into phones' wallets, and notes which are in one."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def provision(self, card: str, wallet: AppleWallet | GoogleWallet) -> Provisioned:
        """Fetch what a wallet needs to take up a card; the bound device signs for it.

        Raises `InvalidOrder` (no_device) without a device, and `OutcomeUnknown` when the answer was lost: then do it again.
        """
        device = await bound_device(self._session)
        variables: dict[str, Any] = {"cardId": card, "deviceId": device.id, **wallet.variables()}
        asked = (await self._session.run(queries.REQUEST_PROVISIONING, ProvisioningAsked, **variables)).request
        payload: Mapping[str, str] = {
            "deviceId": device.id,
            "changeRequestId": asked.change_request_id,
            "signature": await signed(self._session, device, asked.string_to_sign),
        }
        query = queries.CONFIRM_PROVISIONING
        try:
            answer = await self._session.run(query, ProvisioningConfirmed, cardId=card, payload=payload)
        except ProviderRefused as refusal:
            raise wrong_code(refusal) from None
        return answer.provisioned

    async def add_google_pay(self, card: str, token: GooglePayToken) -> GooglePayToken:
        """Note that a card is in a Google wallet. Idempotent."""
        return await self._token(queries.ADD_GOOGLE_PAY, card, token)

    async def delete_google_pay(self, card: str, token: GooglePayToken) -> GooglePayToken:
        """Note that a card is no longer in a Google wallet."""
        return await self._token(queries.DELETE_GOOGLE_PAY, card, token)

    async def _token(self, query: Query, card: str, token: GooglePayToken) -> GooglePayToken:
        variables = {"id": card, "walletId": token.wallet_id, "tokenRefId": token.token_ref_id}
        return (await self._session.run(query, TokenChanged, repeatable=True, **variables)).token
