"""Delivers messages to endpoints over HTTP, each by itself beside the requests that are being answered."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit
from weakref import WeakMethod

from bankweave_sandbox.basiq.notifications.postbox import Postbox
from bankweave_sandbox.basiq.notifications.records import Message
from bankweave_sandbox.basiq.notifications.signing import make_secret, sign

_NOT_LOOPBACK = "not sent: the sandbox delivers to loopback addresses only (switch deliver_anywhere)"
_SHOWN = 200  # characters of an endpoint's answer


class Courier:
    """Runs on the servers' event loop; without one (a test that moves the world by hand) it waits for the next call."""

    def __init__(self, postbox: Postbox, next_happening: Callable[[], datetime | None]) -> None:
        self._postbox = postbox
        self._next_happening = next_happening
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._stopped_on: asyncio.AbstractEventLoop | None = None  # a sandbox that starts again has another loop

    def go(self, wake: Callable[[], None]) -> None:
        """Set out with what is due, and have `wake` called when the next thing is, should nobody ask before."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if loop is self._stopped_on:  # a request that a reset or the end overtook
            return
        for message in self._postbox.due():
            if message.id not in self._under_way:
                self._under_way[message.id] = loop.create_task(self._deliver(message, wake))
        self._set_timer(loop, wake)

    async def idle(self) -> None:
        """Wait until everything that is due has been tried."""
        while self._under_way:
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)  # or broken off

    async def stop(self) -> None:
        """Break off what is under way and wake nobody any more, on this event loop."""
        self._stopped_on = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deliveries = list(self._under_way.values())
        for delivery in deliveries:
            delivery.cancel()
        await asyncio.gather(*deliveries, return_exceptions=True)
        self._under_way.clear()  # one that was broken off before it began could not do it

    def _set_timer(self, loop: asyncio.AbstractEventLoop, wake: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        following = self._next_happening()
        if not self._postbox.webhooks or following is None:
            return
        seconds = max(0.02, (following - self._postbox.now()).total_seconds())
        # A reset throws the dialect away: a timer must not keep it alive.
        self._timer = loop.call_later(seconds, _call, WeakMethod(wake))

    async def _deliver(self, message: Message, wake: Callable[[], None]) -> None:
        try:
            await self._attempt(message)
        finally:
            del self._under_way[message.id]
        wake()

    async def _attempt(self, message: Message) -> None:
        webhook = self._postbox.webhooks.get(message.webhook_id)
        if webhook is None:  # it was deleted a moment ago
            return
        body = self._postbox.body(message)
        # While a secret is being changed, both the old one and the new one sign (section 6.3).
        is_changing = self._postbox.switches.signatures == "two"
        other = make_secret(prefixed=True, padded=True) if is_changing else None
        headers = sign(webhook.secret, message.id, self._postbox.now(), body, also_with=other)
        status, response = await self._send(webhook.url, headers, body)
        self._postbox.record(message, status, response)

    async def _send(self, url: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        """Post a body; answers the status, 0 when there was none, and what was said."""
        import httpx

        is_local = is_loopback(url)
        if not is_local and not self._postbox.switches.deliver_anywhere:
            return 0, _NOT_LOOPBACK
        seconds = self._postbox.switches.delivery_seconds
        # An endpoint on this machine has a certificate of its own making, if any.
        async with httpx.AsyncClient(timeout=seconds, verify=not is_local, trust_env=False) as client:
            try:
                answer = await client.post(url, headers={"content-type": "application/json", **headers}, content=body)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                return 0, type(error).__name__
        return answer.status_code, answer.text[:_SHOWN]


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _call(wake: WeakMethod[Callable[[], None]]) -> None:
    alive = wake()
    if alive is not None:
        alive()
