"""The gate's WebSockets: where they may lead, what is agreed, and how they end."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import httpx
import pytest
from aiohttp import WSMsgType, web
from clocks import StillClock

from bankweave import socket as socket_module
from bankweave.adapter import Limits, Socket
from bankweave.errors import MalformedAnswer, OriginRefused, ProviderUnavailable
from bankweave.http import Gate, check_origin
from bankweave.quota import Throttle
from bankweave.socket import MESSAGE_LIMIT

pytestmark = pytest.mark.anyio

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
PROTOCOL = "graphql-transport-ws"


def gate(*origins: str, limits: Limits | None = None) -> Gate:
    clock = StillClock()
    transport = httpx.MockTransport(lambda _request: httpx.Response(200))
    return Gate("bank", origins, transport=transport, clock=clock, throttle=Throttle(limits or Limits(), clock))


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """Serve a handler on this machine; gives the origin."""
    server = web.Server(handler, access_log=None)
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def speaking(talk: Callable[[web.WebSocketResponse], Awaitable[None]], *protocols: str) -> Handler:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        peer = web.WebSocketResponse(protocols=protocols or (PROTOCOL,), timeout=1)
        await peer.prepare(request)
        await talk(peer)
        return peer

    return handle


async def echo(peer: web.WebSocketResponse) -> None:
    async for message in peer:
        await peer.send_str(f"you said {message.data}")


@asynccontextmanager
async def opened(origin: str, through: Gate | None = None) -> AsyncIterator[Socket]:
    url = origin.replace("http", "ws", 1) + "/?token=SECRET"
    async with (through or gate(origin)).socket(url, operation="watch", subprotocol=PROTOCOL) as line:
        yield line


async def hear(handler: Handler) -> str:
    """What the first message is that a socket of this server gives."""
    async with serving(handler) as origin, opened(origin) as line:
        return await line.receive()


async def test_messages_go_both_ways() -> None:
    async with serving(speaking(echo)) as origin, opened(origin) as line:
        await line.send("hello")
        assert await line.receive() == "you said hello"


@pytest.mark.parametrize(
    "url",
    [
        "wss://evil.example/api/graphql",
        "wss://api.bank.example.evil.example/",
        "wss://api.bank.example@evil.example/",
        "wss://user:pass@api.bank.example/",
        "wss://api.bank.example:8443/",
        "ws://api.bank.example/",
        "https://api.bank.example/",
        "//api.bank.example/",
        "wss://[::1]/",
    ],
)
async def test_no_socket_is_opened_to_a_foreign_host(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bankweave.http.dial", lambda *_args, **_more: pytest.fail("it was dialled"))

    with pytest.raises(OriginRefused, match="base_url"):
        async with gate("https://api.bank.example").socket(url, operation="watch", subprotocol=PROTOCOL):
            pytest.fail("it was opened")


async def test_an_open_line_leads_to_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bankweave.http.dial", lambda *_args, **_more: pytest.fail("it was dialled"))

    with pytest.raises(OriginRefused, match="open line"):
        async with gate("http://api.bank.example").socket(
            "ws://api.bank.example/", operation="watch", subprotocol=PROTOCOL
        ):
            pytest.fail("it was opened")


@pytest.mark.parametrize("declared", ["wss://live.bank.example", "https://live.bank.example"])
async def test_a_declared_origin_may_be_that_of_sockets_alone(declared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dialled: list[str] = []

    @asynccontextmanager
    async def dial(url: str, **_more: object) -> AsyncIterator[None]:
        dialled.append(url)
        yield

    monkeypatch.setattr("bankweave.http.dial", dial)
    url = "wss://live.bank.example/api/graphql"
    async with gate(declared).socket(url, operation="watch", subprotocol=PROTOCOL):
        assert dialled == [url]


def test_a_socket_origin_is_checked_like_any_other() -> None:
    check_origin("the address", "wss://live.bank.example")
    check_origin("the address", "ws://127.0.0.1:8000")
    with pytest.raises(Exception, match="https://"):
        check_origin("the address", "ws://live.bank.example")


async def test_a_name_that_resolves_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(_self: object, host: str, port: int = 0, family: object = 0) -> list[dict[str, object]]:
        return [{"hostname": host, "host": "10.0.0.7", "port": port, "family": family, "proto": 0, "flags": 0}]

    monkeypatch.setattr("aiohttp.resolver.ThreadedResolver.resolve", resolve)

    with pytest.raises(OriginRefused, match="private"):
        async with gate("https://api.bank.example").socket(
            "wss://api.bank.example/", operation="watch", subprotocol=PROTOCOL
        ):
            pytest.fail("it was opened")


async def test_a_redirect_is_not_followed() -> None:
    visited: list[str] = []

    async def redirect(request: web.BaseRequest) -> web.StreamResponse:
        visited.append(request.path)
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    with pytest.raises(ProviderUnavailable) as caught:
        await hear(redirect)

    assert (caught.value.code, visited) == ("302", ["/"])
    assert all("SECRET" not in text for text in everything(caught.value))


async def test_a_refused_handshake_tells_its_status_and_no_address() -> None:
    async def refuse(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=403, text="SECRET")

    with pytest.raises(ProviderUnavailable) as caught:
        await hear(refuse)

    assert caught.value.code == "403"
    assert all("SECRET" not in text for text in everything(caught.value))


def everything(error: BaseException | None) -> list[str]:
    """All that an error says, and what stands behind it."""
    texts = []
    while error is not None:
        texts += [repr(error), str(error), repr(error.args), repr(vars(error))]
        error = error.__cause__ or error.__context__
    return texts


async def test_a_server_that_is_not_there_is_unavailable_and_its_address_is_not_said() -> None:
    async with serving(speaking(echo)) as origin:
        pass

    with pytest.raises(ProviderUnavailable) as caught:
        async with opened(origin):
            pytest.fail("it was opened")

    assert all("SECRET" not in text for text in everything(caught.value))


async def test_a_server_that_does_not_agree_to_the_sub_protocol_is_refused() -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        await hear(speaking(echo, "graphql-ws"))

    assert caught.value.code == "subprotocol"


async def test_opening_takes_no_longer_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_request: web.BaseRequest) -> web.StreamResponse:
        await anyio.sleep_forever()
        raise AssertionError

    monkeypatch.setattr(socket_module, "OPEN_TIMEOUT", 0.05)
    with pytest.raises(ProviderUnavailable):
        await hear(never)


async def test_neither_cookies_nor_the_environment_reach_the_handshake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    seen: list[dict[str, str]] = []

    async def look(request: web.BaseRequest) -> web.StreamResponse:
        seen.append({name.lower(): value for name, value in request.headers.items()})
        return await speaking(lambda peer: peer.send_str("here"))(request)

    assert await hear(look) == "here"
    assert seen[0].keys().isdisjoint({"cookie", "authorization", "proxy-authorization", "origin"})
    assert seen[0]["user-agent"].startswith("bankweave/")


@pytest.mark.parametrize("code", [1000, 1001, 4401, 4403])
async def test_a_close_tells_its_code(code: int) -> None:
    async def hang_up(peer: web.WebSocketResponse) -> None:
        await peer.close(code=code)

    with pytest.raises(ProviderUnavailable) as caught:
        await hear(speaking(hang_up))

    assert caught.value.code == str(code)


async def test_a_connection_that_breaks_is_not_a_normal_closure() -> None:
    async def break_off(peer: web.WebSocketResponse) -> None:
        assert peer._req is not None
        assert peer._req.transport is not None
        peer._req.transport.abort()

    with pytest.raises(ProviderUnavailable) as caught:
        await hear(speaking(break_off))

    assert caught.value.code == "1006"
    assert all("SECRET" not in text for text in everything(caught.value))


async def test_a_closed_socket_stays_closed() -> None:
    async def hang_up(peer: web.WebSocketResponse) -> None:
        await peer.close(code=4401)

    async with serving(speaking(hang_up)) as origin, opened(origin) as line:
        codes = []
        for attempt in (line.receive, line.receive, lambda: line.send("anybody?")):
            with pytest.raises(ProviderUnavailable) as caught:
                await attempt()
            codes.append(caught.value.code)

    assert codes == ["4401"] * 3


async def test_a_message_that_is_too_large_is_not_read() -> None:
    with pytest.raises(MalformedAnswer, match="too large"):
        await hear(speaking(lambda peer: peer.send_str("x" * (MESSAGE_LIMIT + 1))))


async def test_a_binary_message_is_malformed() -> None:
    with pytest.raises(MalformedAnswer, match="no text"):
        await hear(speaking(lambda peer: peer.send_bytes(b"\x00")))


async def test_leaving_closes_normally_and_at_once() -> None:
    farewell: list[int | None] = []

    async def listen(peer: web.WebSocketResponse) -> None:
        async for message in peer:
            assert message.type is WSMsgType.TEXT
        farewell.append(peer.close_code)

    async with serving(speaking(listen)) as origin, anyio.create_task_group() as tasks:

        async def watch() -> None:
            async with opened(origin) as line:
                await line.send("listening")
                tasks.cancel_scope.cancel()
                await line.receive()

        tasks.start_soon(watch)

    assert farewell == [1000]


async def test_an_open_socket_takes_nobodys_turn() -> None:
    async with serving(speaking(echo)) as origin:
        narrow = gate(origin, limits=Limits(concurrency=1))
        with anyio.fail_after(5):
            async with opened(origin, narrow), opened(origin, narrow) as second:
                await second.send("hello")
                assert await second.receive() == "you said hello"


async def test_no_address_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    await hear(speaking(lambda peer: peer.send_str("here")))

    ours = [record for record in caplog.records if record.name.startswith("bankweave")]
    assert [record.getMessage() for record in ours] == ["socket_opened"]
    assert all("SECRET" not in str(vars(record)) for record in caplog.records)
