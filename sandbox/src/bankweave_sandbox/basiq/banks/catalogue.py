"""The connectors behind the world's banks (providers/basiq.md, sections 3.2 and 8)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from bankweave_sandbox.basiq.switches import Switches
from bankweave_sandbox.world import Bank

_BLUE = "#1f66f4"

Authorization = Literal["user", "other", "user-mfa", "user-mfa-intermittent"]


@dataclass(frozen=True, slots=True)
class Connector:
    id: str
    bank: Bank
    method: Literal["web", "openbanking"] = "web"
    authorization: Authorization = "user"
    colour: str = _BLUE

    @property
    def asks_mfa(self) -> bool:
        return self.authorization in {"user-mfa", "user-mfa-intermittent"}

    def excludes(self, other: Connector) -> bool:
        """Say whether both cannot be connected: web and open banking of one institution (section 3.1)."""
        return self.id == other.id and self.method != other.method


_COLOURS = {"AU00002": "#2f9e44", "AU00003": "#e8590c", "AU00004": "#5f3dc4"}
_AUTHORIZATIONS: dict[str, Authorization] = {"AU00002": "user-mfa", "AU00003": "user-mfa-intermittent"}


def connector_of(bank: Bank, by_open_banking: Collection[str]) -> Connector:
    """Describe how Basiq reaches a bank: over the web, unless its institution is among `by_open_banking`.

    MFA at AU00002 and AU00003 is documented (section 8); with open banking it is the bank's own affair.
    """
    institution = bank.provider_ids[0]
    colour = _COLOURS.get(institution, _BLUE)
    if institution in by_open_banking:
        return Connector(institution, bank, method="openbanking", authorization="other", colour=colour)
    return Connector(institution, bank, authorization=_AUTHORIZATIONS.get(institution, "user"), colour=colour)


def institution_path(institution: str, switches: Switches) -> str:
    """Say where the links of other things lead to for an institution (section 3.2)."""
    return f"/{switches.institution_links}/{institution}"


def institution_reference(institution: str, base: str, switches: Switches) -> dict[str, object]:
    """Name an institution inside other things; the link begins with `base`."""
    links = {"self": base + institution_path(institution, switches)}
    return {"type": "institution", "id": institution, "links": links}


def logo_path(connector: Connector, shape: Literal["square", "full"]) -> str:
    """Say where an institution's logo is served."""
    return f"/logos/{connector.id}-{shape}.svg"
