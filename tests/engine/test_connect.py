"""Connect flows: what may come back, when, twice, or from somebody else. Every step runs in a bankweave made anew."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from banks import CALLBACK, KEY, OWNER, callback_of, connected, weave
from clocks import StillClock

from bankweave import AsyncBankweave, BankweaveError, Config, FlowStatus, Redirect
from bankweave.adapter import Context
from bankweave.errors import (
    ConfigurationError,
    FlowBusy,
    FlowExpired,
    FlowOver,
    NotAsking,
    ProviderUnavailable,
    UnknownAdapter,
    UnknownFlow,
    VaultError,
    WrongVaultKey,
)
from bankweave.flow import (
    TRANSITIONS,
    Answer,
    Ask,
    Callback,
    Challenge,
    Connect,
    Connected,
    Due,
    Event,
    Refresh,
    Renew,
    Step,
    Wait,
)
from bankweave.testing import EchoAdapter, EchoBank
from bankweave.testing.echo import EchoState

pytestmark = pytest.mark.anyio


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


async def test_a_person_who_comes_back_is_connected(store: Path) -> None:
    bank = EchoBank()
    async with weave(store, bank) as one:
        flow = await one.connect("echo", owner=OWNER, redirect_uri=CALLBACK)
    assert flow.asks
    assert isinstance(flow.interaction, Redirect)

    async with weave(store, bank) as other:
        flow = await other.resume(callback_of(flow))
        (connection,) = await other.connections(owner=OWNER)

    assert flow.status is FlowStatus.CONNECTED
    assert connection.id == flow.connection_id
    assert connection.institution_name == "Echo Bank"


async def test_a_code_is_asked_for_and_answered_in_another_process(store: Path) -> None:
    bank = EchoBank(code="4711")
    async with weave(store, bank) as one:
        flow = await connected(one)
    assert isinstance(flow.interaction, Challenge)

    async with weave(store, bank) as other:
        assert (await other.answer(flow.id, "4711")).status is FlowStatus.CONNECTED


async def test_a_wrong_code_says_how_many_attempts_are_left(store: Path) -> None:
    async with weave(store, EchoBank(code="4711")) as bank:
        flow = await bank.answer((await connected(bank)).id, {"code": "1"})

    assert isinstance(flow.interaction, Challenge)
    assert flow.interaction.attempts_left == 2


async def test_too_many_wrong_codes_end_the_flow(store: Path) -> None:
    async with weave(store, EchoBank(code="4711")) as bank:
        flow = await connected(bank)
        for wrong in ("1", "2", "3"):
            flow = await bank.answer(flow.id, wrong)

    assert flow.status is FlowStatus.FAILED
    assert flow.failure is not None
    assert flow.failure.code == "wrong_answer"


async def test_a_person_who_refuses_ends_the_flow(store: Path) -> None:
    async with weave(store, EchoBank()) as bank:
        flow = await bank.connect("echo", owner=OWNER, redirect_uri=CALLBACK)
        flow = await bank.resume(callback_of(flow, error="access_denied"))
        assert await bank.connections() == ()

    assert flow.failure is not None
    assert flow.failure.code == "user_refused"


async def test_a_second_callback_reports_where_the_flow_stands(store: Path) -> None:
    echo = EchoBank()
    async with weave(store, echo) as bank:
        flow = await bank.connect("echo", owner=OWNER, redirect_uri=CALLBACK)
        url = callback_of(flow)
        await bank.resume(url)
        again = await bank.resume(url)

    assert again.status is FlowStatus.CONNECTED
    assert echo.calls.count("resume at_the_bank") == 1


async def test_two_callbacks_at_once_reach_the_provider_once(store: Path) -> None:
    echo = EchoBank()
    async with weave(store, echo) as one, weave(store, echo) as other:
        flow = await one.connect("echo", owner=OWNER, redirect_uri=CALLBACK)
        busy = []

        async def deliver(bank: object) -> None:
            try:
                await bank.resume(callback_of(flow))  # type: ignore[attr-defined]  # either of the two
            except FlowBusy as error:
                busy.append(error)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(deliver, one)
            tasks.start_soon(deliver, other)

    assert echo.calls.count("resume at_the_bank") == 1


@pytest.mark.parametrize(
    "url",
    [
        f"{CALLBACK}?state=unknown",
        f"{CALLBACK}?other=x",
        CALLBACK,
        "",
        f"{CALLBACK}?state=a&state=a",
        f"{CALLBACK}?state={'x' * 100_000}",
    ],
)
async def test_a_callback_that_no_flow_waits_for_is_refused(store: Path, url: str) -> None:
    async with weave(store, EchoBank()) as bank:
        with pytest.raises(UnknownFlow):
            await bank.resume(url)


async def test_a_callback_key_in_another_parameter_is_refused(store: Path) -> None:
    async with weave(store, EchoBank()) as bank:
        flow = await bank.connect("echo", owner=OWNER, redirect_uri=CALLBACK)
        with pytest.raises(UnknownFlow):
            await bank.resume(callback_of(flow).replace("state=", "redirectionId="))


async def test_a_callback_of_another_owner_is_refused_and_changes_nothing(store: Path) -> None:
    async with weave(store, EchoBank()) as bank:
        flow = await bank.connect("echo", owner=OWNER, redirect_uri=CALLBACK)
        with pytest.raises(UnknownFlow, match="another owner"):
            await bank.resume(callback_of(flow), owner="mallory")

        assert (await bank.flow(flow.id)).asks


async def test_a_link_that_is_used_too_late_is_refused(store: Path) -> None:
    clock = StillClock()
    async with weave(store, EchoBank(), clock) as bank:
        flow = await bank.connect("echo", owner=OWNER, redirect_uri=CALLBACK)
        await clock.sleep(3601)
        with pytest.raises(FlowExpired, match="begin a new flow"):
            await bank.resume(callback_of(flow))

        assert (await bank.flow(flow.id)).status is FlowStatus.EXPIRED


async def test_a_question_without_a_deadline_of_the_provider_does_not_stay_open_for_ever(store: Path) -> None:
    clock = StillClock()
    async with weave(store, EchoBank(code="4711"), clock) as bank:
        flow = await connected(bank)
        await clock.sleep(25 * 3600)
        with pytest.raises(FlowExpired):
            await bank.answer(flow.id, "4711")


async def test_an_answer_to_a_flow_that_waits_for_a_redirect_is_refused(store: Path) -> None:
    async with weave(store, EchoBank()) as bank:
        flow = await bank.connect("echo", owner=OWNER, redirect_uri=CALLBACK)
        with pytest.raises(NotAsking, match="redirect"):
            await bank.answer(flow.id, {})


async def test_an_answer_to_a_flow_that_has_ended_is_refused(store: Path) -> None:
    async with weave(store, EchoBank()) as bank:
        flow = await connected(bank)
        with pytest.raises(FlowOver) as caught:
            await bank.answer(flow.id, {})

    assert caught.value.flow is not None
    assert caught.value.flow.status is FlowStatus.CONNECTED


@pytest.mark.parametrize("answer", ["", " \t"])
async def test_an_empty_answer_is_not_sent_and_costs_no_try(store: Path, answer: str) -> None:
    bank = EchoBank(accounts={"giro": []}, code="1234")
    async with weave(store, bank) as one:
        flow = await connected(one)
        bank.calls.clear()
        with pytest.raises(NotAsking, match="code is empty"):
            await one.answer(flow.id, answer)
        assert bank.calls == []
        assert (await one.answer(flow.id, "1234")).over


@pytest.mark.parametrize("answers", [{}, {"pin": "1"}, {"code": "1", "pin": "2"}, ("1", "2"), ()])
async def test_an_answer_to_other_fields_is_refused_and_names_the_right_ones(store: Path, answers: object) -> None:
    async with weave(store, EchoBank(code="4711")) as bank:
        flow = await connected(bank)
        with pytest.raises(NotAsking, match=r"code|1 fields"):
            await bank.answer(flow.id, answers)  # type: ignore[arg-type]  # wrong on purpose

        assert (await bank.flow(flow.id)).asks


async def test_a_cancelled_flow_takes_no_callback(store: Path) -> None:
    echo = EchoBank()
    async with weave(store, echo) as bank:
        flow = await bank.connect("echo", owner=OWNER, redirect_uri=CALLBACK)
        url = callback_of(flow)
        assert (await bank.cancel(flow.id)).status is FlowStatus.CANCELLED
        assert (await bank.cancel(flow.id)).status is FlowStatus.CANCELLED
        with pytest.raises(FlowOver):
            await bank.resume(url)

    assert "resume at_the_bank" not in echo.calls


async def test_waiting_looks_as_often_as_the_provider_allows(store: Path) -> None:
    clock = StillClock()
    async with weave(store, EchoBank(polls=3), clock) as bank:
        flow = await connected(bank)
        assert flow.waits

        flow = await bank.wait(flow.id)

    assert flow.status is FlowStatus.CONNECTED
    assert clock.slept == [2.0, 2.0, 2.0]


async def test_an_approval_on_another_device_is_waited_for(store: Path) -> None:
    echo = EchoBank(approved=False)

    class Phone(StillClock):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds)
            echo.approved = len(self.slept) == 3

    clock = Phone()
    async with weave(store, echo, clock) as bank:
        flow = await bank.wait((await connected(bank)).id)

    assert flow.status is FlowStatus.CONNECTED
    assert clock.slept == [3.0, 3.0, 3.0]


async def test_waiting_gives_up_when_its_time_is_over(store: Path) -> None:
    async with weave(store, EchoBank(polls=100)) as bank:
        flow = await connected(bank)

        assert (await bank.wait(flow.id, seconds=10)).waits


async def test_waiting_beside_another_process_that_is_looking_is_no_error(store: Path) -> None:
    goes_on, looking = anyio.Event(), anyio.Event()

    class Slow(EchoAdapter):
        async def resume(self, ctx: Context, state: EchoState, event: Event) -> Step:
            if isinstance(event, Due):
                looking.set()
                await goes_on.wait()
            return await super().resume(ctx, state, event)

    bank = EchoBank(polls=1)
    adapter, config = (
        type("Slow", (Slow,), {"bank": bank, "info": bank.adapter().info}),
        Config(store=store, vault_keys=KEY),
    )
    async with (
        AsyncBankweave(config=config, adapters=[adapter], clock=StillClock()) as one,
        AsyncBankweave(config=config, adapters=[adapter], clock=StillClock()) as other,
        anyio.create_task_group() as tasks,
    ):
        flow = await connected(one)
        tasks.start_soon(one.wait, flow.id)
        await looking.wait()
        seen = await other.wait(flow.id, seconds=10)
        goes_on.set()

    assert seen.waits
    assert bank.calls.count("resume fetching") == 1


async def test_a_provider_that_is_down_leaves_the_flow_as_it_was(store: Path) -> None:
    class Down(list[str]):
        def append(self, call: str) -> None:
            raise ProviderUnavailable(f"down at {call}")

    echo = EchoBank(code="4711")
    async with weave(store, echo) as bank:
        flow = await connected(bank)
        echo.calls = Down()
        with pytest.raises(ProviderUnavailable):
            await bank.answer(flow.id, "4711")
        echo.calls = []

        assert (await bank.answer(flow.id, "4711")).status is FlowStatus.CONNECTED


async def test_renewing_keeps_the_connection_and_its_old_access_until_it_is_done(store: Path) -> None:
    async with weave(store, EchoBank()) as bank:
        first = await connected(bank)
        renewal = await bank.renew(first.connection_id, redirect_uri=CALLBACK)
        assert (await bank.sync()).failures == ()

        done = await bank.resume(callback_of(renewal))

        assert done.status is FlowStatus.CONNECTED
        assert [one.id for one in await bank.connections()] == [first.connection_id]


async def test_a_wrong_key_says_which_setting_is_missing(store: Path) -> None:
    from bankweave.vault import generate_key

    echo = EchoBank()
    async with weave(store, echo) as bank:
        flow = await bank.connect("echo", owner=OWNER, redirect_uri=CALLBACK)

    other = Config(store=store, vault_keys=generate_key())
    async with AsyncBankweave(config=other, adapters=[echo.adapter()]) as bank:
        with pytest.raises(WrongVaultKey, match="BANKWEAVE_VAULT_KEYS"):
            await bank.resume(callback_of(flow))


async def test_a_flow_s_secrets_do_not_open_in_another_flow(store: Path) -> None:
    from sqlalchemy import create_engine, text

    async with weave(store, EchoBank()) as bank:
        one = await bank.connect("echo", owner=OWNER, redirect_uri=CALLBACK)
        other = await bank.connect("echo", owner="mallory", redirect_uri=CALLBACK)
        engine = create_engine(f"sqlite:///{store}")
        with engine.begin() as db:
            sealed = db.execute(text("select sealed from flows where id = :id"), {"id": one.id}).scalar()
            db.execute(text("update flows set sealed = :s where id = :id"), {"s": sealed, "id": other.id})
        engine.dispose()

        with pytest.raises(VaultError):
            await bank.flow(other.id)


async def test_an_unknown_adapter_is_named_with_what_is_installed(store: Path) -> None:
    async with weave(store, EchoBank()) as bank:
        with pytest.raises(UnknownAdapter, match=r"nobank.*echo"):
            await bank.connect("nobank", owner=OWNER)


async def test_a_missing_setting_is_named(store: Path) -> None:
    async with weave(store, EchoBank()) as bank:
        with pytest.raises(ConfigurationError, match=r"client_id.*adapters\.kontist"):
            await bank.connect("kontist", owner=OWNER, redirect_uri=CALLBACK)


async def test_an_unknown_flow_is_said_to_be_unknown(store: Path) -> None:
    async with weave(store, EchoBank()) as bank:
        for call in (bank.flow, bank.answer, bank.cancel, bank.wait):
            with pytest.raises(UnknownFlow):
                await call("nothing")


async def test_the_public_view_is_json_and_shows_what_is_asked(store: Path) -> None:
    async with weave(store, EchoBank(code="4711")) as bank:
        flow = await connected(bank)

    shown = flow.public()
    assert shown["status"] == "asking"
    assert shown["connection_id"] == flow.connection_id
    assert shown["interaction"]["fields"][0]["label"] == "Code"
    assert "4711" not in str(shown)


async def test_a_closed_bankweave_says_how_to_open_it(store: Path) -> None:
    bank = weave(store, EchoBank())
    with pytest.raises(BankweaveError, match="async with"):
        await bank.connections()


def test_an_ended_flow_leads_nowhere() -> None:
    ends = {
        FlowStatus.CONNECTED,
        FlowStatus.DONE,
        FlowStatus.FAILED,
        FlowStatus.EXPIRED,
        FlowStatus.CANCELLED,
    }
    assert {status for status, after in TRANSITIONS.items() if not after} == ends


@pytest.mark.parametrize(
    "value",
    [
        Connect(redirect_uri=None, options={"password": "SECRET"}),
        Renew(grant="SECRET", redirect_uri=None, options={"password": "SECRET"}),
        Refresh(grant="SECRET", since=None),
        Ask(state="SECRET", interaction=Redirect(url="https://bank.example/?token=SECRET"), correlation="SECRET"),
        Wait(state="SECRET", poll_at=StillClock().now()),
        Connected(grant="SECRET"),
        Callback({"code": "SECRET"}),
        Answer({"code": "SECRET"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_adapter_and_core_hand_each_other_shows_no_secret(value: object) -> None:
    assert "SECRET" not in repr(value)
