"""Codes that are sent to a person's mobile by SMS, and where a test or a demo reads them instead."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.world import Person

_DIGITS = 6  # `authorizationTokenLength: 6` of the old REST API (providers/kontist.md section 7.1)


@dataclass(frozen=True, slots=True)
class TextMessage:
    person: Person
    code: str = field(repr=False)
    purpose: str  # in plain words: "transfer of 12.00 EUR to Vermieter"
    sent_at: datetime

    def body(self) -> dict[str, str]:
        return {
            "person": self.person.username,
            "mobile": self.person.mobile,
            "code": self.code,
            "purpose": self.purpose,
            "sent_at": self.sent_at.isoformat(timespec="milliseconds"),
        }


class TextMessages:
    """Everything that was sent. The code is the person's own, else the switch's, unless codes are random."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._sent: list[TextMessage] = []

    def send(self, person: Person, purpose: str) -> str:
        """Send the person a code for `purpose`, and return it."""
        message = TextMessage(person, self._code(person), purpose, self._clock.now())
        self._sent.append(message)
        return message.code

    def newest_first(self) -> list[TextMessage]:
        return list(reversed(self._sent))

    def _code(self, person: Person) -> str:
        if self._switches.sms_random_codes:
            return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
        return person.code or self._switches.sms_code


class Inbox:
    """Everybody's text messages, over the control origin."""

    def __init__(self, messages: TextMessages) -> None:
        self._messages = messages

    def routes(self) -> list[Route]:
        return [Route("/sms", self.show, methods=["GET"])]

    async def show(self, _request: Request) -> Response:
        return JSONResponse([message.body() for message in self._messages.newest_first()])
