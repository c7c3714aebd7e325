"""A WebSocket that is a script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import anyio

from bankweave.adapter import Socket
from bankweave.errors import BankweaveError, ProviderUnavailable

Message = str | BankweaveError | Callable[[list[str]], str]


@dataclass
class ScriptedSocket(Socket):
    """Says its messages in order and keeps what was sent to it. A message may be a function of all that was sent so far.

    An error is raised where it stands. After the last message the socket is closed with `code`; with None it falls silent.
    """

    messages: list[Message] = field(default_factory=list)
    code: str | None = "1006"
    sent: list[str] = field(default_factory=list)
    is_open: bool = False

    async def send(self, text: str) -> None:
        if not self.is_open:
            raise ProviderUnavailable("this socket is closed", code=self.code)
        self.sent.append(text)

    async def receive(self) -> str:
        if not self.messages:
            return await self._end()
        message = self.messages.pop(0)
        if isinstance(message, BankweaveError):
            raise message
        return message if isinstance(message, str) else message(self.sent)

    async def _end(self) -> str:
        if self.code is None:
            await anyio.sleep_forever()
        self.is_open = False
        raise ProviderUnavailable("this socket was closed by the provider", code=self.code)
