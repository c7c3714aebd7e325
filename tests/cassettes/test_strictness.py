"""A replay that differs from the recording fails, and says in what."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import anyio
import httpx
import pytest

from bankweave.adapter import Limits, Request, Response
from bankweave.engine.report import Outcome, SyncReport
from bankweave.errors import OriginRefused
from bankweave.http import Gate
from bankweave.quota import Throttle
from bankweave.testing import StillClock
from bankweave.testing.driver import Driver

from .recordings import KONTIST, KONTIST_PUSH, Recording, follow, replayed
from .scrubbing import Scrubber
from .tape import recording, replaying

pytestmark = pytest.mark.usefixtures("no_network")

ORIGIN = "https://api.kontist.com"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def test_a_request_that_is_missing_fails(store: Path) -> None:
    with pytest.raises(AssertionError, match="request 7 of 8 was never made"):
        _replay(KONTIST_PUSH, store, Driver.connected, Driver.synced)


def test_a_request_too_many_fails(store: Path) -> None:
    with pytest.raises(AssertionError, match="all been played back"):
        _replay(KONTIST_PUSH, store, follow, Driver.synced)


def test_other_credentials_fail(store: Path) -> None:
    with pytest.raises(AssertionError, match="another-secret"):
        _replay(KONTIST, store, follow, client_secret="another-secret")


def test_a_sync_that_hides_a_difference_in_its_report_fails_nevertheless(store: Path) -> None:
    reports: list[SyncReport] = []

    def sync_too_early(drive: Driver) -> None:  # and so with another token than was recorded
        reports.append(drive.synced())

    with pytest.raises(AssertionError, match="already been played back"):
        _replay(KONTIST, store, Driver.connected, Driver.synced, sync_too_early)
    assert [one.outcome for one in reports[0].connections] == [Outcome.FAILED]


def _replay(wanted: Recording, store: Path, *steps: Callable[[Driver], object], **settings: str) -> None:
    with replayed(wanted, store, "async", **settings) as drive:
        for step in steps:
            step(drive)


def test_requests_in_another_order_fail(tmp_path: Path) -> None:
    cassette = tmp_path / "two.yaml"
    first, second = _request(f"{ORIGIN}/first"), _request(f"{ORIGIN}/second")
    _record(cassette, {}, first, second)

    with pytest.raises(AssertionError, match="request 1 of 2"), replaying(cassette) as replay:
        _send(replay.transport(), second, first)


def test_the_same_json_in_other_words_is_the_same(tmp_path: Path) -> None:
    cassette = tmp_path / "json.yaml"
    _record(cassette, {}, _request(ORIGIN, b'{"a":1,"b":[1.0]}'))

    with replaying(cassette) as replay:
        _send(replay.transport(), _request(ORIGIN, b'{ "b": [1.0], "a": 1 }'))


def test_other_json_fails(tmp_path: Path) -> None:
    cassette = tmp_path / "json.yaml"
    _record(cassette, {}, _request(ORIGIN, b'{"a":1}'))

    with pytest.raises(AssertionError, match=r"asked: \{'a': 2\}"), replaying(cassette) as replay:
        _send(replay.transport(), _request(ORIGIN, b'{"a":2}'))


def test_a_compressed_answer_is_stored_plain_and_replayed(tmp_path: Path) -> None:
    cassette = tmp_path / "compressed.yaml"
    body = '{"access_token":"Zm9vYmFy","text":"Żółć"}'.encode()
    answer = httpx.Response(
        200, headers={"content-encoding": "gzip", "content-type": "application/json"}, content=gzip.compress(body)
    )
    (recorded,) = _record(cassette, {ORIGIN: answer}, _request(ORIGIN))

    with replaying(cassette) as replay:
        (replayed_,) = _send(replay.transport(), _request(ORIGIN))

    assert recorded.body == body
    assert (
        replayed_.body == b'{\n "access_token": "fake-access-token-1",\n "text": "\xc5\xbb\xc3\xb3\xc5\x82\xc4\x87"\n}'
    )
    assert "gzip" not in cassette.read_text().partition("response:")[2]


def test_a_body_that_is_not_text_is_not_written(tmp_path: Path) -> None:
    cassette = tmp_path / "binary.yaml"
    with pytest.raises(ValueError, match="not text"):
        _record(cassette, {ORIGIN: httpx.Response(200, content=b"\xff\xfe\x00")}, _request(ORIGIN))
    assert not cassette.exists()


def test_a_recording_that_failed_is_not_written(tmp_path: Path) -> None:
    cassette = tmp_path / "failed.yaml"
    with pytest.raises(OriginRefused):
        _record(cassette, {}, _request(ORIGIN), _request("https://elsewhere.example"))
    assert not cassette.exists()


def _record(cassette: Path, answers: dict[str, httpx.Response], *requests: Request) -> list[Response]:
    with recording(cassette, Scrubber({})):
        return _send(_answering(answers), *requests)


def _answering(answers: dict[str, httpx.Response]) -> httpx.AsyncBaseTransport:
    """One of httpx's own transports, with answers of its own."""
    return httpx.MockTransport(lambda request: answers.get(str(request.url), httpx.Response(200, text="{}")))


def _request(url: str, body: bytes | None = None) -> Request:
    headers = {"Content-Type": "application/json"} if body else {}
    return Request(method="POST", url=url, operation="ask", repeatable=False, headers=headers, body=body)


def _send(transport: httpx.AsyncBaseTransport, *requests: Request) -> list[Response]:
    """Send through the gate, which reads the raw stream and decodes it by itself."""
    clock = StillClock()
    gate = Gate("kontist", (ORIGIN,), transport=transport, clock=clock, throttle=Throttle(Limits(), clock))

    async def send() -> list[Response]:
        return [await gate.send(request) for request in requests]

    return anyio.run(send)


def test_a_recording_that_cannot_be_saved_leaves_nothing_patched(tmp_path: Path) -> None:
    before = httpx.AsyncHTTPTransport.handle_async_request
    with pytest.raises(ValueError, match="null") as kept:  # its traceback keeps the recorder alive
        _record(tmp_path / "no" / "\0", {}, _request(ORIGIN))
    assert kept is not None
    assert httpx.AsyncHTTPTransport.handle_async_request is before


@pytest.mark.parametrize(("asked", "is_taken"), [(f"30{'0b' * 70}", True), (f"30{'0b' * 7}", False)])
def test_another_signature_is_taken_but_nothing_that_is_none(tmp_path: Path, asked: str, *, is_taken: bool) -> None:
    cassette = tmp_path / "signed.yaml"
    _record(cassette, {}, _request(ORIGIN, f'{{"signature": "30{"a1" * 70}"}}'.encode()))
    assert "fake-device-signature-1" in cassette.read_text()

    with nullcontext() if is_taken else pytest.raises(AssertionError, match="signature"), replaying(cassette) as replay:
        _send(replay.transport(), _request(ORIGIN, f'{{"signature": "{asked}"}}'.encode()))
