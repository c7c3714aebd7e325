"""Pulls of the three adapters over answers that are there already: no network, no event loop, no store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from benchmarks.made import KONTOMATIK_COMMAND, OWNER
from pydantic import SecretStr

from bankweave.adapter import Page, Request, Response, Stream, Streamed
from bankweave.testing import FakeContext
from bankweave.testing.context import ScriptedHttp
from bankweave_basiq import Basiq, BasiqGrant, BasiqSettings
from bankweave_kontist import Kontist, KontistSettings
from bankweave_kontist.grant import Grant as KontistGrant
from bankweave_kontomatik import Kontomatik, KontomatikSettings
from bankweave_kontomatik.grant import Access
from bankweave_kontomatik.grant import Grant as KontomatikGrant

T = TypeVar("T")
PIECE = 64 * 1024


class InPieces(ScriptedHttp):
    """Hands an answer out as a network does."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._answer = Pieces(pieces)

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[Streamed]:  # noqa: ARG002 - there is one answer
        yield self._answer


class Pieces:
    head = Response(status=200)

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces

    async def chunks(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


def cut(body: bytes) -> Iterable[bytes]:
    return (body[start : start + PIECE] for start in range(0, len(body), PIECE))


def basiq(body: bytes) -> AsyncIterator[Page]:
    adapter = Basiq(BasiqSettings(api_key=SecretStr("key")))
    token, none = (
        Response(status=200, body=text) for text in (b'{"access_token":"t","expires_in":3600}', b'{"data":[]}')
    )
    ctx = FakeContext()
    ctx.http.answers = [token, Response(status=200, body=body), none]
    grant = BasiqGrant(user_id="user-1", connections=("con-1",))
    return adapter.pull(ctx, grant, Stream(id="acc-1", accounts=("acc-1",)), cursor=None, since=None)


def kontist(body: bytes) -> AsyncIterator[Page]:
    ctx = FakeContext()
    ctx.http.answers = [Response(status=200, body=body)]
    grant = KontistGrant(access_token="a", refresh_token="r", confirmed=True)  # noqa: S106 - no secret
    adapter = Kontist(KontistSettings(client_id="client"))
    return adapter.pull(ctx, grant, Stream(id="acc-1", accounts=("acc-1",)), cursor=None, since=None)


def kontomatik(pieces: Iterable[bytes]) -> AsyncIterator[Page]:
    ctx = FakeContext(owner=OWNER, http=InPieces(pieces))
    now = datetime(2026, 11, 21, tzinfo=UTC)
    access = Access(multiple_access_id=None, target=None, official_name=None, country=None, signed_in_at=now)
    grant = KontomatikGrant(command_id=KONTOMATIK_COMMAND, imported_at=now, since=date(2020, 1, 1), access=access)
    adapter = Kontomatik(KontomatikSettings.model_validate({"api_key": "key"}))
    return adapter.pull(ctx, grant, Stream(id="import", accounts=()), cursor=None, since=None)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run what never waits, without the cost of an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        value: T = done.value
        return value
    raise AssertionError("a scripted answer never lets anybody wait")
