"""What a flow works with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bankweave.adapter import Context
from bankweave_kontist.claims import read_claims
from bankweave_kontist.devices.signer import Signer, SignerOf
from bankweave_kontist.grant import Grant
from bankweave_kontist.settings import KontistSettings

if TYPE_CHECKING:
    from bankweave_kontist.session import Session


@dataclass(frozen=True, slots=True)
class Parts:
    """The settings, the context of one flow, and whose keys sign for devices."""

    settings: KontistSettings
    ctx: Context
    signer_of: SignerOf

    def now(self) -> datetime:
        return self.ctx.now()

    def signer(self, device: str) -> Signer:
        return self.signer_of(self.ctx, device)

    def session(self, grant: Grant | None) -> Session:
        """Speak under the tokens of a sign-in; without any, under those of the connection that exists."""
        if grant is None:
            from bankweave_kontist.session import Session

            return Session(self.settings, self.ctx, self.signer_of)
        from bankweave_kontist.signed_in import SignedIn

        return SignedIn(self.settings, self.ctx, self.signer_of, grant)

    async def subject(self, grant: Grant | None) -> str | None:
        """Tell Kontist's id of the user, where tokens tell it."""
        return read_claims(await self.ctx.access_token()).sub if grant is None else grant.subject
