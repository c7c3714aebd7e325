"""What a provider's dialect is to the rest of the sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from bankweave_sandbox.world import World


class Dialect(Protocol):
    """One provider's servers. Built anew with every world: a reset throws the old one away, state and all."""

    def __init__(self, world: World) -> None: ...

    @property
    def name(self) -> str: ...

    @property
    def app(self) -> ASGIApp:
        """What is served at the dialect's own origin; links are built from the request's own base URL."""
        ...

    @property
    def controls(self) -> Sequence[BaseRoute]:
        """What the control origin serves under /<name>/."""
        ...

    def describe(self, url: str) -> dict[str, Any]:
        """What a client needs to use this dialect at `url`.

        Keys: `url`; `credentials` (client ids, keys); `people` (username, password, code, answers, institution of each
        person who can sign in); `settings` (the settings of the bankweave adapter, as they would stand in its TOML
        table); `scenarios` (name -> what happens and how to bring it about); `switches` (name -> value and meaning).
        """
        ...


@runtime_checkable
class Closable(Protocol):
    """A dialect that has tasks, timers or sockets of its own beside the requests that it answers."""

    async def close(self) -> None:
        """End what is under way, and begin nothing more on this event loop; the state stays.

        Called when a reset throws the dialect away and when the serving ends. A sandbox that is started again serves
        the same dialect on another loop.
        """
        ...
