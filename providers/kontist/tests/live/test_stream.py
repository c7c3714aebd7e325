"""The subscription: what is said, when it reconnects, and what it gives up on."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta

import pytest

from bankweave.adapter import Signal
from bankweave.errors import AccessRevoked, ConsentExpired, MalformedAnswer, ProviderRefused, ProviderUnavailable
from bankweave.testing import FakeContext
from bankweave.testing.socket import Message, ScriptedSocket
from bankweave_kontist import Kontist, KontistSettings
from bankweave_kontist.live.protocol import Delivered
from bankweave_kontist.live.stream import Established, Event, LiveStream
from bankweave_kontist.queries.live import NEW_TRANSACTION_SIGNAL

pytestmark = pytest.mark.anyio

ACK = '{"type":"connection_ack"}'
PONG = '{"type":"pong"}'


def told(transaction: str) -> str:
    payload = {"data": {"newTransaction": {"id": transaction}}}
    return json.dumps({"id": "live-1", "type": "next", "payload": payload})


def failed(status: int, message: str = "no") -> str:
    payload = [{"message": message, "extensions": {"status": status}}]
    return json.dumps({"id": "live-1", "type": "error", "payload": payload})


def standing(*messages: Message, code: str | None = "1006") -> ScriptedSocket:
    return ScriptedSocket([ACK, PONG, *messages], code=code)


def refusing(code: str) -> ScriptedSocket:
    return ScriptedSocket([], code=code)


def lost(code: str | None = None) -> ProviderUnavailable:
    return ProviderUnavailable("no connection", code=code)


async def events_of(
    settings: KontistSettings, ctx: FakeContext, count: int, between: Callable[[], None] = lambda: None
) -> list[Event]:
    events: list[Event] = []
    async with aclosing(LiveStream(settings, ctx, NEW_TRANSACTION_SIGNAL).events()) as stream:
        async for event in stream:
            events.append(event)
            between()
            if len(events) == count:
                return events
    return events


def said(socket: ScriptedSocket) -> list[str]:
    return [json.loads(text)["type"] for text in socket.sent]


async def test_it_introduces_itself_by_token_and_subscribes(settings: KontistSettings) -> None:
    ctx = FakeContext()
    socket = standing(told("t-1"))
    ctx.http.sockets = [socket]

    events = await events_of(settings, ctx, 2)

    assert events == [Established(), Delivered({"newTransaction": {"id": "t-1"}})]
    assert ctx.http.opened == [("wss://api.kontist.com/api/graphql", "graphql-transport-ws")]
    assert json.loads(socket.sent[0]) == {"type": "connection_init", "payload": {"Authorization": "Bearer access-1"}}
    subscribe = json.loads(socket.sent[1])
    assert subscribe["payload"].keys() == {"query"}
    assert "newTransaction" in subscribe["payload"]["query"]


async def test_closing_it_unsubscribes_and_closes_the_socket(settings: KontistSettings) -> None:
    ctx = FakeContext()
    socket = standing(code=None)
    ctx.http.sockets = [socket]

    await events_of(settings, ctx, 1)

    assert said(socket)[-1] == "complete"
    assert not socket.is_open


async def test_events_from_before_the_pong_come_after_the_connect(settings: KontistSettings) -> None:
    ctx = FakeContext()
    ctx.http.sockets = [ScriptedSocket([ACK, told("early"), PONG, told("late")])]

    events = await events_of(settings, ctx, 3)

    assert events[0] == Established()
    assert [event.data["newTransaction"]["id"] for event in events[1:] if isinstance(event, Delivered)] == [
        "early",
        "late",
    ]


async def test_pings_are_answered(settings: KontistSettings) -> None:
    ctx = FakeContext()
    socket = ScriptedSocket(['{"type":"ping"}', ACK, PONG, '{"type":"ping","payload":{}}', told("t-1")])
    ctx.http.sockets = [socket]

    await events_of(settings, ctx, 2)

    assert said(socket) == ["connection_init", "pong", "subscribe", "ping", "pong", "complete"]


@pytest.mark.parametrize("code", ["1000", "1001", "1006", "1011", "1012", "4408", "4500", "4504"])
async def test_a_lost_connection_is_opened_anew_under_the_same_token(code: str, settings: KontistSettings) -> None:
    ctx = FakeContext()
    ctx.http.sockets = [standing(code=code), standing(told("t-1"))]

    events = await events_of(settings, ctx, 3)

    assert [type(event) for event in events] == [Established, Established, Delivered]
    assert ctx.tokens[0] == "access-1"
    assert 0.5 <= ctx.slept[0] <= 1.0


@pytest.mark.parametrize("code", ["4401", "4403"])
async def test_an_expired_token_is_replaced_at_once(code: str, settings: KontistSettings) -> None:
    ctx = FakeContext()
    again = standing(told("t-1"))
    ctx.http.sockets = [standing(code=code), again]

    await events_of(settings, ctx, 3)

    assert "access-2" in again.sent[0]
    assert ctx.slept == [0.0]


async def test_an_unauthorized_subscription_takes_a_fresh_token(settings: KontistSettings) -> None:
    ctx = FakeContext()
    again = standing()
    ctx.http.sockets = [ScriptedSocket([ACK, failed(401)]), again]

    await events_of(settings, ctx, 1)

    assert "access-2" in again.sent[0]


async def test_a_fresh_token_that_is_not_taken_ends_it(settings: KontistSettings) -> None:
    ctx = FakeContext()
    ctx.http.sockets = [refusing("4401"), refusing("4401")]

    with pytest.raises(AccessRevoked):
        await events_of(settings, ctx, 1)


async def test_a_fresh_token_that_may_not_subscribe_ends_it(settings: KontistSettings) -> None:
    ctx = FakeContext()
    ctx.http.sockets = [refusing("4403"), refusing("4403")]

    with pytest.raises(ProviderRefused, match="scope") as caught:
        await events_of(settings, ctx, 1)

    assert caught.value.code == "4403"


async def test_access_that_cannot_be_renewed_ends_it(settings: KontistSettings) -> None:
    class Ended(FakeContext):
        async def access_token(self, rejected: str | None = None) -> str:
            if rejected:
                raise ConsentExpired("sign in again")
            return "access-1"

    ctx = Ended()
    ctx.http.sockets = [standing(code="4401")]

    with pytest.raises(ConsentExpired):
        await events_of(settings, ctx, 2)


@pytest.mark.parametrize("code", ["4400", "4406", "4409", "4429", "404", "403", "302", "subprotocol"])
async def test_what_will_be_the_same_the_next_time_ends_it(code: str, settings: KontistSettings) -> None:
    ctx = FakeContext()
    ctx.http.sockets = [refusing(code)]

    with pytest.raises(ProviderRefused) as caught:
        await events_of(settings, ctx, 1)

    assert caught.value.code == code


async def test_a_refused_subscription_ends_it(settings: KontistSettings) -> None:
    ctx = FakeContext()
    ctx.http.sockets = [ScriptedSocket([ACK, failed(403)])]

    with pytest.raises(ProviderRefused):
        await events_of(settings, ctx, 1)


@pytest.mark.parametrize(
    "message", ["no json", "[]", '{"type":"data"}', '{"type":"next","id":"other","payload":{}}', '{"type":"next"}']
)
async def test_what_is_not_of_the_protocol_ends_it(message: str, settings: KontistSettings) -> None:
    ctx = FakeContext()
    ctx.http.sockets = [standing(message)]

    with pytest.raises(MalformedAnswer):
        await events_of(settings, ctx, 2)


async def test_an_event_without_data_is_never_an_event(settings: KontistSettings) -> None:
    ctx = FakeContext()
    broken = {"data": {"newTransaction": None}, "errors": [{"message": "x", "extensions": {"status": 500}}]}
    ctx.http.sockets = [
        standing(json.dumps({"id": "live-1", "type": "next", "payload": broken})),
        standing(),
    ]

    assert await events_of(settings, ctx, 2) == [Established(), Established()]


async def test_a_subscription_that_the_server_completes_is_made_anew(settings: KontistSettings) -> None:
    ctx = FakeContext()
    ctx.http.sockets = [standing('{"type":"complete","id":"live-1"}'), standing()]

    assert await events_of(settings, ctx, 2) == [Established(), Established()]


async def test_a_server_that_does_not_know_pings_is_not_pinged_again(settings: KontistSettings) -> None:
    ctx = FakeContext()
    older = ScriptedSocket([ACK, told("t-1")])
    ctx.http.sockets = [ScriptedSocket([ACK], code="4400"), older]

    events = await events_of(settings, ctx, 2)

    assert [type(event) for event in events] == [Established, Delivered]
    assert "ping" not in said(older)


async def test_pauses_grow_while_the_server_is_down_and_end_with_a_minute(settings: KontistSettings) -> None:
    ctx = FakeContext()
    ctx.http.sockets = [*[lost() for _ in range(12)], standing()]

    await events_of(settings, ctx, 1)

    whole = [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]
    assert all(most / 2 <= pause <= most for pause, most in zip(ctx.slept, whole, strict=True))


async def test_a_server_that_hangs_up_at_once_is_not_hammered(settings: KontistSettings) -> None:
    ctx = FakeContext()
    ctx.http.sockets = [standing(code="4401"), standing(code="1000"), standing(code="1000"), standing()]
    ctx.tokens += ["access-3"]

    await events_of(settings, ctx, 4)

    assert ctx.slept[0] == 0.0
    assert ctx.slept[1] >= 1.0
    assert ctx.slept[2] >= 2.0


async def test_a_connection_that_stood_a_while_was_no_failure(settings: KontistSettings) -> None:
    ctx = FakeContext()
    ctx.http.sockets = [lost(), lost(), lost(), standing(code="1001"), standing()]

    def an_hour_passes() -> None:
        ctx.clock += timedelta(hours=1)

    await events_of(settings, ctx, 2, an_hour_passes)

    assert ctx.slept[2] >= 2.0
    assert ctx.slept[3] <= 1.0


async def test_a_server_that_says_when_is_not_asked_before(settings: KontistSettings) -> None:
    ctx = FakeContext()
    ctx.http.sockets = [ProviderUnavailable("later", retry_at=ctx.now() + timedelta(minutes=5)), standing()]

    await events_of(settings, ctx, 1)

    assert ctx.slept == [300.0]


@pytest.mark.parametrize("code", ["429", "503", "408", None])
async def test_a_handshake_that_may_work_later_is_tried_again(code: str | None, settings: KontistSettings) -> None:
    ctx = FakeContext()
    ctx.http.sockets = [lost(code), standing()]

    assert await events_of(settings, ctx, 1) == [Established()]


@pytest.mark.parametrize("said_before", [[], [ACK]])
async def test_a_server_that_says_nothing_is_left(
    said_before: list[Message], settings: KontistSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bankweave_kontist.live.stream.ANSWER_TIMEOUT", 0.01)
    ctx = FakeContext()
    silent = ScriptedSocket([*said_before], code=None)
    ctx.http.sockets = [silent, standing()]

    assert await events_of(settings, ctx, 1) == [Established()]
    assert not silent.is_open


async def test_no_token_is_in_an_error_or_a_log(settings: KontistSettings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    ctx = FakeContext(tokens=["SECRET-1", "SECRET-2"])
    ctx.http.sockets = [standing(code="1001"), refusing("4401"), refusing("4401")]
    stream = LiveStream(settings, ctx, NEW_TRANSACTION_SIGNAL)

    with pytest.raises(AccessRevoked) as caught:
        async for _ in stream.events():
            pass

    assert [record.getMessage() for record in caplog.records] == ["live_reconnecting"] * 2
    said_of_it = [str(vars(record)) for record in caplog.records] + [str(caught.value), repr(stream)]
    assert all("SECRET" not in text for text in said_of_it)


async def test_watching_signals_every_connect_and_every_event(kontist: Kontist) -> None:
    ctx = FakeContext()
    ctx.http.sockets = [standing(told("t-1"), code="1001"), standing()]
    signals = kontist.watch(ctx, None)  # type: ignore[arg-type]  # its token comes from the context

    assert [await anext(signals) for _ in range(3)] == [Signal()] * 3
    assert len(ctx.http.opened) == 2
    await signals.aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("base", "live", "expected"),
    [
        ("https://api.kontist.com", None, "wss://api.kontist.com/api/graphql"),
        ("http://127.0.0.1:8000/", None, "ws://127.0.0.1:8000/api/graphql"),
        ("https://api.kontist.com", "wss://live.kontist.com/", "wss://live.kontist.com/api/graphql"),
    ],
)
def test_events_come_from_where_everything_comes_from_unless_set(base: str, live: str | None, expected: str) -> None:
    settings = KontistSettings(client_id="client-1", base_url=base, subscription_url=live)
    assert settings.socket_url == expected
    assert Kontist(settings).origins[-1] == expected.removesuffix("/api/graphql").replace(
        "ws", "http", 0 if live else 1
    )


@pytest.mark.parametrize("url", ["https://x.example", "wss://u:p@x.example", "wss://x.example/?a=b", "x"])
def test_a_subscription_address_is_a_plain_one(url: str) -> None:
    with pytest.raises(ValueError, match="subscription_url"):
        KontistSettings(client_id="client-1", subscription_url=url)
