"""One card: what it is, what stands on it, and which changes of its status there are (providers/kontist.md section 8).

Refusals' statuses are undocumented: 400 for what the card's status or the request does not allow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Literal, TypeAlias

from bankweave_sandbox.kontist.cards.limits import CardSettings
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.world import Person

CardStatus: TypeAlias = Literal["PROCESSING", "INACTIVE", "ACTIVE", "BLOCKED", "BLOCKED_BY_SOLARIS", "CLOSED"]
_PRINTED = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CODE_LENGTH = 6  # of the printed code, that many characters are asked for


@dataclass(slots=True)
class Card:
    id: str  # 32 hex digits
    person: Person
    type: str
    holder: str
    ordered_at: datetime
    expires_on: date  # a day of the month at whose end it expires
    status: CardStatus = "PROCESSING"
    pin: str | None = field(default=None, repr=False)
    settings: CardSettings = field(default_factory=CardSettings)
    google_tokens: list[tuple[str, str]] = field(default_factory=list)  # wallet, token reference
    is_in_apple_pay: bool = False
    successor: str | None = None  # the card that was ordered in its place
    predecessor: str | None = None

    @property
    def is_virtual(self) -> bool:
        return self.type.startswith("VIRTUAL_")

    @property
    def printed_code(self) -> str:
        """The code printed on the card, like 29AIAFQ3W8BC."""
        digest = sha256(f"code/{self.id}".encode()).digest()
        return "".join(_PRINTED[byte % len(_PRINTED)] for byte in digest[:12])

    @property
    def verification_token(self) -> str:
        """The beginning of the printed code, which activates the card."""
        return self.printed_code[:_CODE_LENGTH]

    @property
    def pan(self) -> str:
        """A number that nobody was given, with a right check digit."""
        digits = "".join(str(byte % 10) for byte in sha256(f"pan/{self.id}".encode()).digest()[:11])
        body = ("5555" if "MASTERCARD" in self.type else "4000") + digits
        return body + _check_digit(body)

    @property
    def cvv(self) -> str:
        return f"{int(sha256(f'cvv/{self.id}'.encode()).hexdigest(), 16) % 1000:03d}"

    @property
    def masked_pan(self) -> str:
        return f"{self.pan[:4]}********{self.pan[-4:]}"

    @property
    def formatted_expiration(self) -> str:
        return f"{self.expires_on:%m/%y}"

    def is_expired_on(self, day: date) -> bool:
        return (day.year, day.month) > (self.expires_on.year, self.expires_on.month)

    def activate(self, code: str | None) -> None:
        """Make it usable: with the beginning of the printed code, except a virtual card, which has none to read."""
        if self.status == "ACTIVE":
            return
        if self.status != "INACTIVE":
            raise Problem(400, f"A card that is {self.status} cannot be activated")
        if not self.is_virtual and code != self.verification_token:
            raise Problem(400, "Invalid verification token")
        self.status = "ACTIVE"

    def block(self) -> None:
        self._change("BLOCKED", {"ACTIVE"})

    def unblock(self) -> None:
        if self.status == "BLOCKED_BY_SOLARIS":
            raise Problem(403, "The bank has blocked the card")
        self._change("ACTIVE", {"BLOCKED"})

    def close(self) -> None:
        self.status = "CLOSED"

    def require(self, *allowed: CardStatus) -> None:
        if self.status not in allowed:
            raise Problem(400, f"This cannot be done with a card that is {self.status}")

    def _change(self, to: CardStatus, allowed: set[CardStatus]) -> None:
        """Change the status; a card that has it already is answered unchanged, as upstream."""
        if self.status == to:
            return
        self.require(*allowed)
        self.status = to


def _check_digit(body: str) -> str:
    """Compute the Luhn digit of a number without one."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body)))
    return str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)
