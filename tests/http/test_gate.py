"""The gate: what leaves, what comes back, and what is tried again."""

from __future__ import annotations

import gzip
import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, timedelta

import anyio
import httpx
import pytest
from clocks import StillClock

from bankweave.adapter import Limits, Request, Response
from bankweave.errors import (
    ConfigurationError,
    MalformedAnswer,
    OriginRefused,
    OutcomeUnknown,
    ProviderUnavailable,
)
from bankweave.http import LONGEST_PAUSE, TRIES, Gate, check_origin
from bankweave.quota import Throttle

pytestmark = pytest.mark.anyio

BANK = "https://api.bank.example"


class Line:
    """A transport that answers from a list and remembers what it carried."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.carried: list[httpx.Request] = []
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.carried.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def gate(line: Line, clock: StillClock | None = None, limits: Limits | None = None) -> Gate:
    clock = clock or StillClock()
    throttle = Throttle(limits or Limits(), clock)
    return Gate("bank", (BANK,), transport=line.transport, clock=clock, throttle=throttle)


def get(url: str = f"{BANK}/accounts", *, repeatable: bool = True, **more: object) -> Request:
    return Request(method="GET", url=url, operation="list_accounts", repeatable=repeatable, **more)  # type: ignore[arg-type]  # tests name fields


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/accounts",
        "https://api.bank.example.evil.example/",
        "https://api.bank.example@evil.example/",
        "https://api.bank.example:8443/",
        "http://api.bank.example/",
        "//evil.example/x",
        "https://api.bank.example./",
        "file:///etc/passwd",
        "https://xn--pi-bank-jva.example/",
        "https://2130706433/",
        "https://[::1]/",
    ],
)
async def test_nothing_is_sent_to_a_foreign_host(url: str) -> None:
    line = Line(httpx.Response(200))

    with pytest.raises(OriginRefused, match="base_url"):
        await gate(line).send(get(url, headers={"Authorization": "Bearer secret"}))

    assert line.carried == []


async def test_an_address_with_credentials_in_it_is_refused() -> None:
    line = Line(httpx.Response(200))

    with pytest.raises(OriginRefused):
        await gate(line).send(get("https://user:pass@api.bank.example/"))

    assert line.carried == []


async def test_a_redirect_is_an_answer_and_not_followed() -> None:
    line = Line(httpx.Response(302, headers={"Location": "https://evil.example/"}))

    response = await gate(line).send(get(headers={"X-Api-Key": "secret"}))

    assert response.status == 302
    assert len(line.carried) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_repeatable_request_is_repeated_when_the_provider_fails(status: int) -> None:
    clock = StillClock()
    line = Line(httpx.Response(status), httpx.Response(200, text="[]"))

    response = await gate(line, clock).send(get())

    assert response.body == b"[]"
    assert len(clock.slept) == 1


async def test_a_request_that_must_not_be_repeated_is_not() -> None:
    line = Line(httpx.Response(503))

    response = await gate(line).send(get(repeatable=False))

    assert response.status == 503
    assert len(line.carried) == 1


async def test_the_last_answer_is_handed_out_when_the_tries_are_used_up() -> None:
    line = Line(*(httpx.Response(503) for _ in range(TRIES)))

    assert (await gate(line).send(get())).status == 503
    assert len(line.carried) == TRIES


async def test_retry_after_is_kept_to() -> None:
    clock = StillClock()
    line = Line(httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(200))

    await gate(line, clock).send(get())

    assert clock.slept == [7.0]


async def test_a_long_retry_after_is_handed_to_the_caller() -> None:
    clock = StillClock()
    line = Line(httpx.Response(429, headers={"Retry-After": "3600"}))

    response = await gate(line, clock).send(get())

    assert response.status == 429
    assert response.retry_at == clock.instant + timedelta(hours=1)
    assert clock.slept == []


@pytest.mark.parametrize("header", ["-5", "soon", "", "99999999999999999999"])
async def test_a_senseless_retry_after_does_no_harm(header: str) -> None:
    line = Line(httpx.Response(429, headers={"Retry-After": header}), httpx.Response(200))

    response = await gate(line).send(get())

    assert response.status in {200, 429}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Fri, 31 Dec 9999 23:59:59 -1200", LONGEST_PAUSE.total_seconds()),
        ("Mon, 01 Jan 0001 00:00:00 +1200", 0.0),
        ("Sun, 22 Nov 2026 12:00:30 +0200", 30.0),
        ("99999999999999999999", LONGEST_PAUSE.total_seconds()),
    ],
)
async def test_a_retry_after_is_an_instant_in_utc_within_reason(header: str, seconds: float) -> None:
    clock = StillClock()
    line = Line(httpx.Response(429, headers={"Retry-After": header}))

    response = await gate(line, clock).send(get(repeatable=False))

    assert response.retry_at == clock.instant + timedelta(seconds=seconds)
    assert response.retry_at.tzinfo is UTC


async def test_a_retry_after_date_is_understood() -> None:
    clock = StillClock()
    line = Line(httpx.Response(503, headers={"Retry-After": "Sun, 22 Nov 2026 10:00:05 GMT"}), httpx.Response(200))

    await gate(line, clock).send(get())

    assert clock.slept == [5.0]


async def test_no_answer_to_a_repeatable_request_is_a_provider_that_is_unavailable() -> None:
    line = Line(*(httpx.ReadTimeout("late") for _ in range(TRIES)))

    with pytest.raises(ProviderUnavailable, match="list_accounts") as caught:
        await gate(line).send(get())

    assert caught.value.adapter == "bank"
    assert len(line.carried) == TRIES


async def test_a_lost_answer_to_what_must_not_be_repeated_says_so() -> None:
    line = Line(httpx.ReadError("reset"))

    with pytest.raises(OutcomeUnknown, match="look whether it took effect"):
        await gate(line).send(get(repeatable=False))

    assert len(line.carried) == 1


async def test_a_refused_connection_is_known_to_have_had_no_effect() -> None:
    line = Line(httpx.ConnectError("refused"))

    with pytest.raises(ProviderUnavailable):
        await gate(line).send(get(repeatable=False))


async def test_a_body_beyond_the_limit_is_refused() -> None:
    line = Line(httpx.Response(200, content=b"x" * 101))

    with pytest.raises(MalformedAnswer, match="larger than allowed"):
        await gate(line).send(get(limit=100))


async def test_a_gzip_bomb_is_stopped_at_the_limit_of_decoded_data() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    line = Line(httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=_Raw(bomb)))

    with pytest.raises(MalformedAnswer, match="larger than allowed"):
        await gate(line).send(get(limit=1_000_000))


async def test_a_gzip_body_is_decoded() -> None:
    line = Line(httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=_Raw(gzip.compress(b"[1]"))))

    assert (await gate(line).send(get())).body == b"[1]"


@pytest.mark.parametrize(
    ("body", "encoding", "complaint"),
    [
        (gzip.compress(b"[1, 2, 3]")[:-9], "gzip", "cut short"),
        (b"not gzip at all", "gzip", "not decodable"),
        (b"[]", "br", "not asked for"),
    ],
    ids=["cut short", "not decodable", "not asked for"],  # not the bytes: gzip writes the time into them
)
async def test_a_body_that_cannot_be_decoded_is_not_used(body: bytes, encoding: str, complaint: str) -> None:
    line = Line(httpx.Response(200, headers={"Content-Encoding": encoding}, stream=_Raw(body)))

    with pytest.raises(MalformedAnswer, match=complaint):
        await gate(line).send(get())


async def test_an_unreadable_answer_to_what_must_not_be_repeated_leaves_its_outcome_open() -> None:
    line = Line(httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=_Raw(b"not gzip at all")))

    with pytest.raises(OutcomeUnknown):
        await gate(line).send(get(repeatable=False))


async def test_a_stream_hands_out_the_body_in_pieces_and_keeps_the_limit() -> None:
    line = Line(httpx.Response(200, stream=_Raw(b"x" * 60, b"y" * 60)))

    received: list[bytes] = []
    with pytest.raises(MalformedAnswer):
        await _receive(gate(line), received)

    assert received == [b"x" * 60]


async def _receive(sender: Gate, received: list[bytes]) -> None:
    async with sender.stream(get(limit=100)) as answer:
        assert answer.head.status == 200
        async for piece in answer.chunks():
            received.append(piece)  # noqa: PERF401 - what came before the error has to be seen


async def test_the_minute_s_allowance_is_kept() -> None:
    clock = StillClock()
    line = Line(*(httpx.Response(200) for _ in range(4)))
    one_gate = gate(line, clock, Limits(per_minute=2))

    for _ in range(4):
        await one_gate.send(get())

    assert sum(clock.slept) == pytest.approx(60.0)


async def test_waiting_for_one_s_turn_is_not_the_provider_s_time() -> None:
    clock, answers = StillClock(), list[Response]()
    throttle = Throttle(Limits(concurrency=1), clock)
    sender = Gate("bank", (BANK,), transport=Line(httpx.Response(200)).transport, clock=clock, throttle=throttle)

    async def send() -> None:
        answers.append(await sender.send(get(repeatable=False, timeout=0.01)))

    async with anyio.create_task_group() as tasks, throttle:
        tasks.start_soon(send)
        await anyio.sleep(0.03)

    assert [answer.status for answer in answers] == [200]


async def test_a_provider_that_does_not_answer_in_time_is_given_up() -> None:
    class Silent(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002
            await anyio.sleep_forever()
            raise AssertionError("it slept for ever")

    clock = StillClock()
    sender = Gate("bank", (BANK,), transport=Silent(), clock=clock, throttle=Throttle(Limits(), clock))

    with pytest.raises(ProviderUnavailable):
        await sender.send(get(timeout=0.01))
    with pytest.raises(OutcomeUnknown):
        await sender.send(get(timeout=0.01, repeatable=False))


@pytest.mark.parametrize("value", ["Bearer SECRET\u00e4", "Bearer SECRET\n"])
async def test_a_header_that_cannot_be_sent_is_told_without_its_value(value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"list_accounts.*settings of the bank adapter") as caught:
        await gate(Line(httpx.Response(200))).send(get(headers={"Authorization": value}))

    assert "SECRET" not in str(caught.value)


async def test_no_url_header_or_body_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    line = Line(httpx.Response(200, text="SECRET-BODY"), httpx.ReadError("https://api.bank.example/?code=SECRET-CODE"))
    sender = gate(line)

    await sender.send(get(f"{BANK}/cb?code=SECRET-CODE", headers={"Authorization": "Bearer SECRET-TOKEN"}))
    with pytest.raises(OutcomeUnknown) as caught:
        await sender.send(get(repeatable=False))

    logged = "".join(str(record.__dict__) for record in caplog.records)
    assert "SECRET" not in logged + str(caught.value) + repr(caught.value)


@pytest.mark.parametrize("make", [get, lambda: Response(status=200, body=b"SECRET", headers={"x": "SECRET"})])
def test_requests_and_responses_show_no_secret(make: Callable[[], object]) -> None:
    assert "SECRET" not in repr(make())
    assert "SECRET" not in repr(get(headers={"Authorization": "SECRET"}).form({"code": "SECRET"}).bearer("SECRET"))


@pytest.mark.parametrize(
    "url", ["http://api.bank.example", "http://10.0.0.1", "ftp://x", "http://localhost.evil.example"]
)
def test_plain_http_is_refused_but_for_this_machine(url: str) -> None:
    with pytest.raises(ConfigurationError, match="https"):
        check_origin("base_url", url)


@pytest.mark.parametrize(
    "url", ["https://api.bank.example", "http://127.0.0.1:8000", "http://localhost:1", "http://[::1]:2"]
)
def test_https_and_this_machine_are_allowed(url: str) -> None:
    check_origin("base_url", url)


class _Raw(httpx.AsyncByteStream):
    def __init__(self, *pieces: bytes) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece
