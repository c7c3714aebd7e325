"""The transport: whatever a server says, nothing but errors of httpx comes out of it."""

from __future__ import annotations

from contextlib import aclosing

import anyio
import anyio.abc
import httpx
import pytest

from bankweave.engine.beside import running_beside
from bankweave.transport import make_transport

pytestmark = pytest.mark.anyio

HEAD = b"HTTP/1.1 200 OK\r\n"


async def _ask(*pieces: bytes) -> bytes:
    """What a client reads of a server that answers with these pieces and hangs up."""

    async def answer(stream: anyio.abc.SocketStream) -> None:
        async with stream:
            await stream.receive()
            for piece in pieces:
                await stream.send(piece)
                await anyio.sleep(0.01)  # so that they arrive one by one

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)  # noqa: S610 - not Django's
    async with listener, running_beside(lambda: listener.serve(answer)):
        return await _read(f"http://127.0.0.1:{port}")


async def _read(origin: str) -> bytes:
    transport = make_transport()
    try:
        request = httpx.Request("GET", f"{origin}/callback?code=SECRET")
        async with aclosing(await transport.handle_async_request(request)) as answer:
            return await answer.aread()
    finally:
        await transport.aclose()


@pytest.mark.parametrize(
    "pieces",
    [
        [b"SSH-2.0-OpenSSH_9.2\r\n"],
        [b"<html>no head at all</html>"],
        [HEAD + b"X: " + b"x" * 100_000 + b"\r\n\r\n"],
        [HEAD + b"X-SECRET\x00: 1\r\n\r\n"],
        [HEAD + b"Content-Length: -5\r\n\r\n"],
        [HEAD + b"Content-Length: 50\r\n\r\n", b"short"],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n"],
        [],
    ],
    ids=["another protocol", "no head", "long", "bad name", "bad length", "cut", "bad chunk", "hung up"],
)
async def test_what_is_not_http_is_an_error_of_httpx_that_names_no_address(pieces: list[bytes]) -> None:
    with pytest.raises(httpx.TransportError) as caught:
        await _ask(*pieces)

    assert "SECRET" not in str(caught.value)


async def test_an_answer_comes_through_as_it_was_sent() -> None:
    assert await _ask(HEAD + b"Content-Length: 2\r\n\r\n", b"[]") == b"[]"
