"""Listens to everything that bankweave says, and learns from the wire what it must not say."""

from __future__ import annotations

import base64
import binascii
import json
import logging
import re
import traceback
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

import httpx

from bankweave.adapter import AnyAdapter, Request, Response, Streamed
from bankweave.errors import BankweaveError
from bankweave.flow import Flow, Redirect
from bankweave.testing.driver import Driver
from bankweave.transport import make_transport

# What is secret by its name, wherever it stands: in a form, a query, JSON, an XML attribute or element.
SECRET_NAMES = frozenset(
    {
        "access_token",
        "client_secret",
        "code",
        "code_verifier",
        "mfa-response",
        "multipleAccessId",
        "redirectionId",
        "redirectionLink",
        "refresh_token",
        "sessionId",
        "sessionIdSignature",
        "state",
        "token",
    }
)
SECRET_HEADERS = ("authorization", "x-api-key")
_SESSION = re.compile(rb'<session\b[^>]*?\bid="([^"]+)"[^>]*?\bsignature="([^"]+)"')
_ACCESS = re.compile(rb"<multipleAccessId>([^<]+)</multipleAccessId>")
SHORTEST = 6  # characters: what is shorter is found everywhere by chance
SANDBOX_THREAD = "bankweave-sandbox"


@dataclass(repr=False)
class Ears:
    """What was heard: on the wire, in the log, in errors, in texts of values, and in the bytes of the store."""

    secrets: dict[str, str] = field(default_factory=dict)  # the value, and what it was called
    records: list[str] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    stored: bytearray = field(default_factory=bytearray)
    printed: StringIO = field(default_factory=StringIO)
    crash: str | None = None  # what the next reading stumbles over, as a bug in an adapter would

    def learn(self, name: str, value: object) -> None:
        """Remember a secret; of an authorization, what follows its scheme."""
        text = str(value).rpartition(" ")[2] if name == "authorization" else str(value)
        if len(text) >= SHORTEST:
            self.secrets.setdefault(text, name)

    def learn_url(self, url: str) -> None:
        self._learn_pairs(dict(parse_qsl(urlsplit(url).query)))

    def learn_exchange(self, request: httpx.Request, sent: bytes, got: bytes) -> None:
        for name in SECRET_HEADERS:
            if name in request.headers:
                self.learn(name, request.headers[name])
        self.learn_url(str(request.url))
        self._learn_body(sent)
        self._learn_body(got)

    def _learn_body(self, body: bytes) -> None:
        for match in _SESSION.finditer(body):
            self.learn("sessionId", match[1].decode())
            self.learn("sessionIdSignature", match[2].decode())
        for match in _ACCESS.finditer(body):
            self.learn("multipleAccessId", match[1].decode())
        try:
            self._learn_json(json.loads(body))
        except (ValueError, RecursionError):
            self._learn_pairs(dict(parse_qsl(body.decode(errors="replace"))))

    def _learn_json(self, value: Any) -> None:
        if isinstance(value, list):
            for one in value:
                self._learn_json(one)
        if isinstance(value, dict):
            self._learn_pairs(value)
            self._learn_json(list(value.values()))

    def _learn_pairs(self, pairs: Mapping[str, Any]) -> None:
        for name in SECRET_NAMES & pairs.keys():
            values = pairs[name] if isinstance(pairs[name], list) else [pairs[name]]
            for value in values:
                if isinstance(value, str):
                    self.learn(name, value)

    def see(self, *values: object) -> None:
        self.texts += [f"{value!r} {value}" for value in values]

    def error_texts(self) -> list[str]:
        """All that an error says, and what stands behind it; not the local variables of its frames."""
        return [text for error in self.errors for text in _told(error)]


def _told(error: BaseException) -> Iterator[str]:
    yield "".join(traceback.format_exception(error))
    behind: BaseException | None = error
    while behind is not None:
        yield f"{behind!r} {behind} {getattr(behind, '__notes__', '')} {getattr(behind, 'origin', '')}"
        behind = behind.__cause__ or behind.__context__


def spellings(value: str) -> set[str]:
    """How a value may be written down."""
    raw = value.encode()
    encoded = {base64.b64encode(raw).decode().rstrip("="), base64.urlsafe_b64encode(raw).decode().rstrip("=")}
    found = {value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1], raw.hex(), *encoded}
    with_decoded = found | _decoded(value)
    return {spelling for spelling in with_decoded if len(spelling) >= SHORTEST}


def _decoded(value: str) -> set[str]:
    """What a base64 text says, where it says something."""
    try:
        return {base64.b64decode(value, validate=True).decode("ascii")}
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return set()


def leaks(secrets: Mapping[str, str], text: str | bytes) -> list[str]:
    """The names of the secrets that stand in a text, however they are spelt."""
    found = []
    for value, name in secrets.items():
        for spelling in spellings(value):
            needle: str | bytes = spelling if isinstance(text, str) else spelling.encode()
            if needle in text:  # type: ignore[operator]  # both are of one type
                found.append(f"{name} ({len(value)} characters)")
                break
    return found


# Listening --------------------------------------------------------------------------------------------------------------


class LogEar(logging.Handler):
    """Keeps everything of every record, but those that the sandbox writes on its own thread."""

    def __init__(self, ears: Ears) -> None:
        super().__init__(logging.DEBUG)
        self._ears = ears

    def emit(self, record: logging.LogRecord) -> None:
        if record.threadName == SANDBOX_THREAD:
            return
        trace = "".join(traceback.format_exception(record.exc_info[1])) if record.exc_info else ""
        self._ears.records.append(f"{record.name} {record.getMessage()} {vars(record)!r} {trace}")


@contextmanager
def listening(ears: Ears) -> Iterator[None]:
    """Hear every logger at its most talkative, and what is printed."""
    root, ear = logging.getLogger(), LogEar(ears)
    level = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    try:
        with redirect_stdout(ears.printed), redirect_stderr(ears.printed):
            yield
    finally:
        root.removeHandler(ear)
        root.setLevel(level)


class TappedTransport(httpx.AsyncBaseTransport):
    """The ordinary transport, overheard."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears
        self._inner = make_transport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        body = await answer.aread()
        await answer.aclose()
        self._ears.learn_exchange(request, request.read(), body)
        headers = {k: v for k, v in answer.headers.items() if k.lower() not in {"content-encoding", "content-length"}}
        return httpx.Response(answer.status_code, headers=headers, stream=httpx.ByteStream(body))

    async def aclose(self) -> None:
        await self._inner.aclose()


@dataclass(frozen=True, kw_only=True)
class HeardDriver(Driver):
    """A driver whose steps are overheard; what its errors, reports and files say is kept."""

    ears: Ears

    def _do(self, method: str, *args: Any, **kwargs: Any) -> Any:
        with listening(self.ears):
            try:
                found = super()._do(method, *args, **kwargs)
            except BankweaveError as error:
                self.ears.errors.append(error)
                raise
            finally:
                self._look_into_store()
        self._keep(found)
        return found

    def _keep(self, found: Any) -> None:
        self.ears.see(found)
        if isinstance(found, Flow) and isinstance(found.interaction, Redirect):
            self.ears.learn_url(found.interaction.url)
        for failure in getattr(found, "failures", ()):
            self.ears.errors += [failure.error] if failure.error else []

    def _look_into_store(self) -> None:
        for file in self.store.parent.glob("*.db*"):
            self.ears.stored += _read(file)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:  # a -wal or -shm that was just tidied away
        return b""


# Looking at what an adapter is handed ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TappedHttp:
    inner: Any
    ears: Ears

    async def send(self, request: Request) -> Response:
        answer: Response = await self.inner.send(request)
        self.ears.see(request, answer)
        return answer

    def stream(self, request: Request) -> Any:
        self.ears.see(request)
        opened: AsyncIterator[Streamed] = self.inner.stream(request)
        return opened

    def socket(self, url: str, *, operation: str, subprotocol: str) -> Any:
        return self.inner.socket(url, operation=operation, subprotocol=subprotocol)


def spying(adapter: type[AnyAdapter], ears: Ears) -> type[AnyAdapter]:
    """The same adapter; what it is handed and what it hands back is written down."""

    class Spy(adapter):  # type: ignore[valid-type, misc]  # which one is the test's choice
        async def begin(self, ctx: Any, intent: Any) -> Any:
            step = await super().begin(_tapped(ctx, ears), intent)
            ears.see(ctx, intent, step, self)
            return step

        async def resume(self, ctx: Any, state: Any, event: Any) -> Any:
            step = await super().resume(_tapped(ctx, ears), state, event)
            ears.see(ctx, state, event, step)
            return step

        async def open(self, ctx: Any, grant: Any) -> Any:
            ears.see(ctx, grant)
            if ears.crash is not None:
                raise ValueError(ears.crash)
            return await super().open(_tapped(ctx, ears), grant)

        async def pull(self, ctx: Any, grant: Any, stream: Any, *, cursor: Any, since: Any) -> Any:
            async for page in super().pull(_tapped(ctx, ears), grant, stream, cursor=cursor, since=since):
                yield page

    Spy.__name__ = adapter.__name__
    return Spy


def _tapped(ctx: Any, ears: Ears) -> Any:
    return replace(ctx, http=TappedHttp(ctx.http, ears))
