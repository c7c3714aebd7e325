"""The connectors behind the world's banks (providers/basiq.md, sections 3.2 and 8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bankweave_sandbox.world import Bank

Authorization = Literal["user", "other", "user-mfa", "user-mfa-intermittent"]


@dataclass(frozen=True, slots=True)
class Connector:
    id: str
    bank: Bank
    method: Literal["web", "openbanking"] = "web"
    authorization: Authorization = "user"
    colour: str = "#1f66f4"

    @property
    def asks_mfa(self) -> bool:
        return self.authorization in {"user-mfa", "user-mfa-intermittent"}


def connector_of(bank: Bank) -> Connector:
    """Describe how Basiq reaches a bank.

    MFA at AU00002 and AU00003 is documented (section 8). That HooliGov is reached by open banking is ours: the documents
    name no method for it, and one bank has to speak in real instants.
    """
    institution = bank.provider_ids[0]
    match institution:
        case "AU00002":
            return Connector(institution, bank, authorization="user-mfa", colour="#2f9e44")
        case "AU00003":
            return Connector(institution, bank, authorization="user-mfa-intermittent", colour="#e8590c")
        case "AU00004":
            return Connector(institution, bank, method="openbanking", authorization="other", colour="#5f3dc4")
    return Connector(institution, bank)


def logo_path(connector: Connector, shape: Literal["square", "full"]) -> str:
    """Say where an institution's logo is served."""
    return f"/logos/{connector.id}-{shape}.svg"
