"""The Python of the tutorial and of the how-to guides runs, and does what the text around it says."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import pytest
from documents import ANNA, CALLBACK, DOCS, Block, SignIn, blocks, run

from bankweave import AsyncBankweave, Bankweave, Card, CardStatus, Change, ChangeKind, Config, Flow, Redirect
from bankweave.errors import AccessRevoked, FlowExpired, OutcomeUnknown
from bankweave.model import ObservedTransaction, TransactionStatus
from bankweave.testing import EchoBank
from bankweave.vault import generate_key
from bankweave_sandbox import Sandbox

HOW_TO = DOCS / "how-to"


# The tutorial ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def learner(desk: Path, sandbox: Sandbox) -> Callable[[str], str]:
    """Follows the tutorial, with the ports that were free."""
    (settings,) = blocks(DOCS / "tutorial.md", "toml")

    def at_free_ports(text: str) -> str:
        ports = {"http://127.0.0.1:8901": sandbox.urls["kontist"], "http://127.0.0.1:8904": sandbox.urls["control"]}
        for written, free in ports.items():
            text = text.replace(written, free)
        return text

    (desk / "bankweave.toml").write_text(at_free_ports(settings.text))
    return at_free_ports


def test_the_tutorial_runs_from_end_to_end(
    learner: Callable[[str], str],
    signing_in: SignIn,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names: dict[str, Any] = {}
    printed = []
    for block in blocks(DOCS / "tutorial.md", "python"):
        if "input(" in block.text:
            signing_in(ANNA)
            paste = builtins.input
            monkeypatch.setattr(builtins, "input", lambda _question, paste=paste: paste(names["flow"].interaction.url))
        run([Block("python", learner(block.text), block.where)], names)
        printed.append(capsys.readouterr().out)

    begin, signed_in, again, synced, shown, nothing, _, dinner, tip, end = printed
    assert begin.startswith("asking True\nhttp")
    assert signed_in == "connected\n"
    assert again == "connected True\n"
    assert synced.startswith("Kontist synced Counts(added=16")
    assert "interim_booked" in shown
    assert len(shown.splitlines()) == 3 + 5
    assert nothing == "Counts(added=0, modified=0, removed=0)\n"
    assert dinner.split()[1:] == ["added", "new", "pending", "-23.50"]
    assert tip.splitlines()[0].split()[1:] == ["modified", "booked", "booked", "-26.00"]
    assert tip.splitlines()[1] == "True"
    assert end == "False []\n"


# How to -----------------------------------------------------------------------------------------------------------------


def row(amount: str, day: int, **more: Any) -> ObservedTransaction:
    return ObservedTransaction(
        status=TransactionStatus.BOOKED,
        amount=Decimal(amount),
        currency="EUR",
        booking_date=date(2026, 11, day),
        provider_id=f"tx-{day}",
        **more,
    )


@pytest.fixture
def echo() -> EchoBank:
    return EchoBank(accounts={"giro": [row("-4.20", 20), row("1000.00", 1)]})


@pytest.fixture
def bank(desk: Path, echo: EchoBank) -> Iterator[Bankweave]:
    config = Config(store=desk / "bank.db", vault_keys=generate_key())
    with Bankweave(config=config, adapters=[echo.adapter()]) as bank:
        yield bank


def callback_of(flow: Flow) -> str:
    assert isinstance(flow.interaction, Redirect)
    return f"{CALLBACK}?{flow.interaction.url.split('?')[1]}"


def connect(bank: Bankweave) -> Flow:
    flow = bank.connect("echo", owner="anna", redirect_uri=CALLBACK)
    return bank.resume(callback_of(flow))


def test_challenges_are_answered_as_the_page_says(
    bank: Bankweave, echo: EchoBank, capsys: pytest.CaptureFixture[str]
) -> None:
    echo.code = "1234"
    see, by_order, by_name, wrong, parked = blocks(HOW_TO / "challenges.md", "python")

    for answer in (by_order, by_name):
        flow = bank.connect("echo", owner="anna", redirect_uri=CALLBACK)
        names = run([see, answer], {"bank": bank, "callback": callback_of(flow)})
        assert names["flow"].over
        assert names["flow"].failure is None
    flow = bank.connect("echo", owner="anna", redirect_uri=CALLBACK)
    run([see, wrong], {"bank": bank, "callback": callback_of(flow)})

    assert "otp Type the code that you got\ncode Code True ()" in capsys.readouterr().out
    assert parked.text.count("bank.sync") == 2


def test_a_parked_sync_goes_on_as_the_page_says(desk: Path) -> None:
    echo = EchoBank(accounts={"giro": [row("-4.20", 20)]}, refreshes=True)
    *_, parked = blocks(HOW_TO / "challenges.md", "python")
    with Bankweave(config=Config(store=desk / "bank.db"), adapters=[echo.adapter()]) as bank:
        connect(bank)
        bank.sync()
        echo.code = "1234"
        names = run([parked], {"bank": bank, "ask_person": lambda challenge: ["1234"] if challenge.fields else []})

    assert [one.outcome for one in names["report"].connections] == ["synced"]
    assert names["flow"].status == "connected"


def test_the_report_is_read_as_the_page_says(bank: Bankweave, capsys: pytest.CaptureFixture[str]) -> None:
    connect(bank)
    told: list[object] = []
    names: dict[str, Any] = {
        "bank": bank,
        "CALLBACK": CALLBACK,
        "datetime": datetime,
        "UTC": UTC,
        "timedelta": timedelta,
    }
    names |= {"show": lambda *what: told.append(what), "remind": lambda *what: told.append(what)}
    run(blocks(HOW_TO / "sync.md", "python"), names)

    printed = capsys.readouterr().out
    assert "Echo Bank synced 2 0 0" in printed
    assert "opened" in printed
    assert told == []  # the consent lasts 90 days


def test_changes_are_followed_as_the_page_says(bank: Bankweave, echo: EchoBank) -> None:
    connect(bank)
    bank.sync()
    follow, copy = blocks(HOW_TO / "changes.md", "python")
    received: list[object] = []
    saved = [0]
    names = {"bank": bank, "load_cursor": lambda: saved[-1], "hand_on": received.append, "save_cursor": saved.append}

    run([follow, follow], dict(names))
    echo.accounts["giro"].pop()
    bank.sync(full=True)
    run([copy], {"bank": bank, "ChangeKind": ChangeKind})

    assert len(received) == 2
    assert saved == [0, 1, 2]


# Pay, and watch -----------------------------------------------------------------------------------------------------------

IBAN = "DE89370400440532013000"


@pytest.fixture
def payer() -> EchoBank:
    inactive = Card(id="card-1", account_provider_id="giro", status=CardStatus.INACTIVE)
    active = Card(id="card-2", account_provider_id="giro", status=CardStatus.ACTIVE)
    return EchoBank(accounts={"giro": [row("-4.20", 20)]}, pays=True, cards=[inactive, active])


@pytest.fixture
def paying(desk: Path, payer: EchoBank) -> Iterator[Bankweave]:
    config = Config(store=desk / "bank.db", vault_keys=generate_key())
    with Bankweave(config=config, adapters=[payer.adapter()]) as bank:
        connect(bank)
        bank.sync()
        payer.code = "4711"
        yield bank


@pytest.fixture
def payment_names(paying: Bankweave) -> dict[str, Any]:
    """What the pieces of the page take for granted."""
    (account,) = paying.accounts()
    return {
        "bank": paying,
        "account": account,
        "iban": IBAN,
        "code": "4711",
        "typed": "0000",
        "code_in_the_letter": "29AIAF",
        "ask_person": lambda challenge: ["4711"] if challenge.fields else [],
        "payroll": [("Anna Blum", IBAN, Decimal(2500)), ("Ben Sommer", IBAN, Decimal(2700))],
    }


def test_a_transfer_is_made_as_the_page_says(
    payment_names: dict[str, Any], payer: EchoBank, capsys: pytest.CaptureFixture[str]
) -> None:
    can, order, confirm, letters, later, many, wrong, *_ = blocks(HOW_TO / "transfers.md", "python")
    run([can, order, confirm], payment_names)
    done = payer.transfers[:]
    run([letters, later, many], payment_names)
    batch = payer.transfers[1:]
    run([wrong], payment_names)

    assert "echo" in payment_names["payers"]
    assert [(one.creditor_name, one.amount) for one in done] == [("Anna Blum", Decimal("12.50"))]
    assert [one.amount for one in batch] == [2500, 2700]
    assert payer.transfers == [*done, *batch]  # the wrong code has moved nothing
    printed = capsys.readouterr().out
    assert printed.startswith("otp Type the code that you got\naccepted 12.50 EUR ")
    assert "creditor_name\nMueller + Soehne\nstanding_order\n" in printed
    assert "wrong_answer the code was wrong" in printed


def test_a_lost_answer_is_looked_up_as_the_page_says(
    payment_names: dict[str, Any], payer: EchoBank, capsys: pytest.CaptureFixture[str]
) -> None:
    _, order, _, _, _, _, _, lost, *_ = blocks(HOW_TO / "transfers.md", "python")
    payer.pay_failure = OutcomeUnknown("the answer was lost")
    run([order, lost], payment_names)

    assert capsys.readouterr().out.splitlines()[1:] == ["accepted 12.50 Anna Blum"]
    assert len(payer.transfers) == 1


def test_standing_orders_and_cards_are_changed_as_the_page_says(
    payment_names: dict[str, Any], paying: Bankweave, payer: EchoBank
) -> None:
    _, order, _, _, later, _, _, _, cancel, cards, _ = blocks(HOW_TO / "transfers.md", "python")
    run([order, later], payment_names)
    paying.confirm(paying.transfer(payment_names["account"].id, payment_names["rent"]).id, "4711")
    run([cancel, cards], payment_names)

    assert [one.status for one in payer.transfers] == ["cancelled"]
    assert [one.status for one in payer.cards] == ["active", "blocked"]


def test_the_client_of_the_page_exists() -> None:
    *_, own = blocks(HOW_TO / "transfers.md", "python")
    asked: list[object] = []
    bank = SimpleNamespace(client=lambda connection_id, kind: asked.append((connection_id, kind.twin_of.__name__)))
    run([own], {"bank": bank, "connection": SimpleNamespace(id="c1")})

    assert asked == [("c1", "AsyncKontistClient")]


def test_changes_are_watched_as_the_page_says(desk: Path, payer: EchoBank) -> None:
    in_async, _, _ = blocks(HOW_TO / "watch.md", "python")
    received: list[Change] = []

    def hand_on(change: Change) -> None:
        received.append(change)
        payer.signal(AccessRevoked("the person took it back"))

    names = run([in_async], {"load_cursor": lambda: 0, "save_cursor": lambda _: None, "hand_on": hand_on})

    async def watch() -> None:
        config = Config(store=desk / "bank.db", vault_keys=generate_key())
        async with AsyncBankweave(config=config, adapters=[payer.adapter()]) as bank:
            flow = await bank.connect("echo", owner="anna", redirect_uri=CALLBACK)
            await bank.resume(callback_of(flow))
            await names["follow"](bank)

    with pytest.raises(AccessRevoked):
        anyio.run(watch)

    assert [one.transaction.amount for one in received] == [Decimal("-4.20")]
    assert payer.watchers == []


def test_changes_are_watched_without_an_event_loop_as_the_page_says(paying: Bankweave, payer: EchoBank) -> None:
    payer.code = None
    payer.accounts["giro"].insert(0, row("-7.00", 21))  # since the last sync: found by the one that begins the watch
    _, in_sync, _ = blocks(HOW_TO / "watch.md", "python")
    received: list[Change] = []
    saved = [0]

    def save(cursor: int) -> None:
        saved.append(cursor)
        if len(saved) == 3:
            raise SeenEnough

    names = {"bank": paying, "load_cursor": lambda: 0, "save_cursor": save, "hand_on": received.append}
    with pytest.raises(SeenEnough):
        run([in_sync], names)

    assert [one.transaction.amount for one in received] == [Decimal("-4.20"), Decimal("-7.00")]
    assert saved == [0, 1, 2]
    assert payer.watchers == []


def test_a_watch_that_cannot_begin_says_why(paying: Bankweave, capsys: pytest.CaptureFixture[str]) -> None:
    *_, errors = blocks(HOW_TO / "watch.md", "python")

    run([errors], {"bank": paying, "connection_id": "nobody's"})

    assert capsys.readouterr().out == "there is no connection to watch; list them with connections()\n"


class SeenEnough(Exception):
    """The reader stops."""


def test_configuration_in_code_opens_a_store(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(blocks(HOW_TO / "configure.md", "python"), {})

    empty, key = capsys.readouterr().out.splitlines()
    assert empty == "()"
    assert len(key) == 44
    assert (desk / "bank.db.key").stat().st_mode & 0o077 == 0


def test_a_ring_of_keys_rotates_as_the_page_says(desk: Path, echo: EchoBank) -> None:
    old, new = generate_key(), generate_key()
    with Bankweave(config=Config(store=desk / "bank.db", vault_keys=old), adapters=[echo.adapter()]) as bank:
        begun = bank.connect("echo", owner="anna", redirect_uri=CALLBACK)
    with Bankweave(config=Config(store=desk / "bank.db", vault_keys=f"{new},{old}"), adapters=[echo.adapter()]) as bank:
        bank.resume(callback_of(begun))
    with Bankweave(config=Config(store=desk / "bank.db", vault_keys=new), adapters=[echo.adapter()]) as bank:
        assert bank.sync().counts.added == 2


def test_settings_of_the_page_are_read(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, *_ = blocks(HOW_TO / "configure.md", "toml")
    (desk / "bankweave.toml").write_text(file.text.replace("keyring:bankweave/kontist", "file:secret"))
    (desk / "secret").write_text("s3cret\n")
    monkeypatch.setenv("BASIQ_KEY", "a-key")
    monkeypatch.setenv("BANKWEAVE_STORE", "elsewhere.db")
    monkeypatch.setenv("BANKWEAVE_ADAPTERS__KONTIST__CLIENT_ID", "mine")

    config = Config.load()

    assert config.store == Path("elsewhere.db")
    assert config.adapters["kontist"] == {"client_id": "mine", "client_secret": "s3cret"}
    assert config.adapters["basiq"] == {"api_key": "a-key"}


def test_the_sandbox_fixtures_of_the_page_work(desk: Path, sandbox: Sandbox) -> None:
    fixtures, clock = blocks(HOW_TO / "test-with-the-sandbox.md", "python")

    async def outcome(bank: Any, callback: str) -> str:
        with pytest.raises(FlowExpired):
            await bank.resume(callback)
        return "expired"

    names = run([fixtures, clock], {"outcome": outcome})
    config = Config(store=desk / "bank.db", adapters={"kontist": sandbox.describe()["kontist"]["settings"]})

    names["test_begins_at_the_sandbox"](config, sandbox)
    assert anyio.run(names["a_flow_that_is_forgotten"], config) == "expired"


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: str(page.relative_to(DOCS)))
def test_all_python_is_python(page: Path) -> None:
    for block in blocks(page, "python"):
        compile(block.text, block.where, "exec", dont_inherit=True)
