"""vcrpy as this project uses it: recordings are scrubbed when they are written, and replayed to the letter."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
from vcr import VCR  # type: ignore[import-untyped]  # vcrpy has no types
from vcr.errors import CannotOverwriteExistingCassetteException  # type: ignore[import-untyped]

from .layout import ScrubbedYaml
from .scrubbing import DEVICE_SIGNATURE, PUBLIC_KEY, Scrubber

OURS = "bankweave/"  # how our user agent begins; a browser in the same process is not recorded
RANDOM_FIELDS = frozenset({"code_verifier"})  # made anew by every flow, so that no recording can know it
# Made with a key that every replay makes anew: that there is one, and that it looks like one, is all that can be compared.
RANDOM_FORMS = {
    "a public key": re.compile(rf"{PUBLIC_KEY}|fake-public-key-\d+"),
    "a signature": re.compile(rf"{DEVICE_SIGNATURE}|fake-device-signature-\d+"),
}
CREDENTIALS = ("authorization", "x-api-key", "basiq-version")


@contextmanager
def recording(path: Path, scrubber: Scrubber) -> Iterator[None]:
    """Record what goes over httpx's own transports; the file is written, scrubbed, when all went well."""
    context = _vcr(scrubber).use_cassette(str(path), record_mode="all", record_on_exception=False)
    try:
        with context:
            yield
    finally:
        _unpatch(context)


def _unpatch(context: Any) -> None:
    """Take back vcrpy's patches where saving failed: it leaves them, and would record every test that follows."""
    patches = context._CassetteContextDecorator__finish  # private: vcrpy has no other way to it
    if patches is not None:
        patches.close()


@contextmanager
def replaying(path: Path) -> Iterator[Replay]:
    """Answer from a cassette; fails unless exactly its requests are made, in their order."""
    with _vcr(Scrubber({})).use_cassette(str(path), record_mode="none", allow_playback_repeats=False) as cassette:
        replay = Replay()
        try:
            yield replay
        finally:
            assert not replay.unexpected, replay.unexpected[0]
        _check_order(replay.asked, [f"{request.method} {request.uri}" for request in cassette.requests])
        assert cassette.all_played


@dataclass
class Replay:
    """What was asked of a cassette. `transport` is for `AsyncBankweave(transport=...)`."""

    asked: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)

    def transport(self) -> httpx.AsyncBaseTransport:
        return _Watched(self)


class _Watched(httpx.AsyncHTTPTransport):
    """One of httpx's own, under which vcrpy sits; keeps what the core would report as the failure of one bank."""

    def __init__(self, replay: Replay) -> None:
        super().__init__(verify=no_trust(), trust_env=False)
        self._replay = replay

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._replay.asked.append(f"{request.method} {request.url}")
        try:
            return await super().handle_async_request(request)
        except CannotOverwriteExistingCassetteException as error:
            self._replay.unexpected.append(str(error))
            raise


def _check_order(asked: Sequence[str], recorded: Sequence[str]) -> None:
    for number, (one, other) in enumerate(zip_longest(asked, recorded), start=1):
        assert one == other, f"request {number} of {len(recorded)} was {one or 'never made'}; recorded is {other}"


def no_trust() -> ssl.SSLContext:
    """A TLS context that trusts nobody: a recording is made over plain loopback and replayed over nothing."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _vcr(scrubber: Scrubber) -> Any:
    vcr = VCR(
        serializer="scrubbed",
        match_on=("method", "uri", "content", "credentials"),
        before_record_request=_only_ours,
        # Bodies are scrubbed as text; the gate reads the raw stream, so the header that named the encoding must go too.
        decode_compressed_response=True,
    )
    vcr.register_serializer("scrubbed", ScrubbedYaml(scrubber))
    vcr.register_matcher("content", _has_same_content)
    vcr.register_matcher("credentials", _has_same_credentials)
    return vcr


def _only_ours(request: Any) -> Any:
    """Leave out what the browser and the test ask; a request that was loaded from a file has no user agent any more."""
    return request if str(request.headers.get("user-agent", OURS)).startswith(OURS) else None


def _has_same_content(asked: Any, recorded: Any) -> None:
    assert _content(asked) == _content(recorded), f"asked: {_content(asked)}, recorded: {_content(recorded)}"


def _content(request: Any) -> object:
    body = (request.body or b"").decode()
    content_type = request.headers.get("content-type", "")
    if body and content_type == "application/json":
        return _formed(json.loads(body))
    if content_type == "application/x-www-form-urlencoded":
        fields = parse_qsl(body, keep_blank_values=True, strict_parsing=bool(body))
        return sorted((name, "" if name in RANDOM_FIELDS else value) for name, value in fields)
    return body


def _formed(value: Any) -> Any:
    """Put the name of its form in place of what is made anew by every replay."""
    match value:
        case dict():
            return {key: _formed(inner) for key, inner in value.items()}
        case list():
            return [_formed(inner) for inner in value]
        case str():
            return next((name for name, form in RANDOM_FORMS.items() if form.fullmatch(value)), value)
        case _:
            return value


def _has_same_credentials(asked: Any, recorded: Any) -> None:
    differing = [name for name in CREDENTIALS if asked.headers.get(name) != recorded.headers.get(name)]
    assert not differing, f"other values of {', '.join(differing)}"
