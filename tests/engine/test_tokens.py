"""Tokens: one renewal at a time, stored before it is used, in all processes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from asking import TakingTurns
from banks import KEY, connected, weave
from clocks import StillClock

from bankweave.adapter import Token
from bankweave.engine.parts import Parts
from bankweave.engine.providers import Providers
from bankweave.engine.tokens import GrantKeeper, SharedTokens, grant_record
from bankweave.errors import AccessRevoked, ConsentExpired, ProviderUnavailable, UnknownConnection
from bankweave.model import Connection
from bankweave.registry import Registry
from bankweave.store.base import SealedGrant
from bankweave.store.sqlite import SqliteStore
from bankweave.testing import EchoBank, FakeContext
from bankweave.testing.echo import EchoGrant
from bankweave.vault import Vault

pytestmark = pytest.mark.anyio


class Keepers:
    """Two processes that keep the same grant."""

    def __init__(self, store: Path, bank: EchoBank, clock: StillClock) -> None:
        self.bank = bank
        self.parts = [self._parts(store, clock) for _ in range(2)]

    def _parts(self, path: Path, clock: StillClock) -> Parts:
        store, vault = SqliteStore.open(path), Vault.from_keys(KEY)
        providers = Providers(Registry(self.bank.adapter()), {}, store, vault, clock)
        return Parts(providers=providers, store=store, vault=vault, clock=clock)

    def keeper(self, connection: Connection, process: int = 0) -> GrantKeeper:
        parts = self.parts[process]
        return GrantKeeper(connection.id, parts.providers.get("echo").adapter, parts)

    async def close(self) -> None:
        for parts in self.parts:
            await parts.providers.close()
            await parts.store.close()


async def _connection(store: Path, bank: EchoBank) -> Connection:
    async with weave(store, bank) as one:
        await connected(one)
        return (await one.connections())[0]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


@pytest.fixture
def bank() -> EchoBank:
    return EchoBank()


async def test_twenty_who_meet_a_rejected_token_renew_it_once(store: Path, bank: EchoBank) -> None:
    connection = await _connection(store, bank)
    keepers = Keepers(store, bank, TakingTurns())
    tokens: list[str] = []

    async def use(process: int) -> None:
        keeper = keepers.keeper(connection, process)
        tokens.append(await keeper.access_token(FakeContext(), rejected="token-1"))

    async with anyio.create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(use, number % 2)
    await keepers.close()

    assert set(tokens) == {"token-2"}
    assert bank.renewals == 1


async def test_a_token_that_a_sibling_has_renewed_is_taken_over(store: Path, bank: EchoBank) -> None:
    connection = await _connection(store, bank)
    keepers = Keepers(store, bank, StillClock())
    mine, sibling = keepers.keeper(connection), keepers.keeper(connection, 1)
    await mine.load()
    await sibling.access_token(FakeContext(), rejected="token-1")
    bank.token_life = timedelta(0)  # a second renewal would be refused

    assert await mine.access_token(FakeContext(), rejected="token-1") == "token-2"
    await keepers.close()


async def test_a_refused_renewal_needs_the_person_and_gives_the_lease_back(store: Path, bank: EchoBank) -> None:
    connection = await _connection(store, bank)
    keepers = Keepers(store, bank, StillClock())
    bank.token_life = timedelta(0)
    for process in (0, 1):
        with pytest.raises(ConsentExpired):
            await keepers.keeper(connection, process).access_token(FakeContext(), rejected="token-1")
    await keepers.close()


async def test_a_renewed_grant_is_stored_before_it_is_used(store: Path, bank: EchoBank) -> None:
    connection = await _connection(store, bank)
    keepers = Keepers(store, bank, StillClock())
    await keepers.keeper(connection).access_token(FakeContext(), rejected="token-1")

    assert await keepers.keeper(connection, 1).load() == EchoGrant(access_token="token-2", number=2)
    await keepers.close()


async def test_a_token_that_is_rejected_as_soon_as_it_is_issued_ends_the_loop(store: Path, bank: EchoBank) -> None:
    connection = await _connection(store, bank)
    keepers = Keepers(store, bank, StillClock())
    bank.reissues = True
    with pytest.raises(AccessRevoked):
        await keepers.keeper(connection).access_token(FakeContext(), rejected="token-1")
    await keepers.close()


async def test_a_renewal_that_has_begun_is_finished_even_when_its_sync_is_interrupted(
    store: Path, bank: EchoBank
) -> None:
    connection = await _connection(store, bank)
    keepers = Keepers(store, bank, StillClock())

    class Interrupted(FakeContext):
        async def sleep(self, seconds: float) -> None:
            scope.cancel()
            await anyio.sleep(seconds)

    with anyio.CancelScope() as scope:
        await keepers.keeper(connection).access_token(Interrupted(), rejected="token-1")

    assert await keepers.keeper(connection, 1).load() == EchoGrant(access_token="token-2", number=2)
    await keepers.close()


async def test_a_renewal_that_has_begun_is_finished_even_when_its_task_is_cancelled(
    store: Path, bank: EchoBank
) -> None:
    """As `asyncio.wait_for` cancels it, past all scopes; and impatiently, twice."""
    connection = await _connection(store, bank)
    keepers = Keepers(store, bank, StillClock())

    class Cancelled(FakeContext):
        async def sleep(self, seconds: float) -> None:
            for _ in range(2):
                renewing.cancel()
                await anyio.sleep(seconds)

    renewing = asyncio.create_task(keepers.keeper(connection).access_token(Cancelled(), rejected="token-1"))
    with pytest.raises(asyncio.CancelledError):
        await renewing
    assert await keepers.keeper(connection, 1).load() == EchoGrant(access_token="token-2", number=2)
    await keepers.close()


async def test_a_renewal_loses_to_a_finished_renew_flow(store: Path, bank: EchoBank) -> None:
    connection = await _connection(store, bank)
    keepers = Keepers(store, bank, StillClock())
    parts = keepers.parts[1]
    newer = parts.vault.seal(b'{"access_token":"from-the-person","number":9}', record=grant_record(connection.id))

    class Meanwhile(FakeContext):
        async def sleep(self, seconds: float) -> None:
            await parts.store.save_grant(connection.id, SealedGrant(2, newer))
            await super().sleep(seconds)

    token = await keepers.keeper(connection).access_token(Meanwhile(), rejected="token-1")
    await keepers.close()

    assert token == "from-the-person"


async def test_a_connection_that_is_gone_has_no_token(store: Path, bank: EchoBank) -> None:
    connection = await _connection(store, bank)
    keepers = Keepers(store, bank, StillClock())
    await keepers.parts[0].store.erase_connection(connection.id)

    with pytest.raises(UnknownConnection):
        await keepers.keeper(connection).load()
    await keepers.close()


async def test_a_shared_token_is_fetched_once_for_all_processes_and_again_when_it_nears_its_end(store: Path) -> None:
    clock, vault = StillClock(), Vault.from_keys(KEY)
    stores = [SqliteStore.open(store) for _ in range(2)]
    one, other = (SharedTokens(each, vault, clock) for each in stores)
    fetched: list[str] = []

    async def fetch() -> Token:
        await anyio.lowlevel.checkpoint()
        fetched.append(f"token-{len(fetched)}")
        return Token(fetched[-1], clock.now() + timedelta(hours=1))

    async with anyio.create_task_group() as tasks:
        for _ in range(10):
            tasks.start_soon(one.get, "echo", "server", fetch, None)
    assert fetched == ["token-0"]
    assert await other.get("echo", "server", fetch, None) == "token-0"

    await clock.sleep(3600 - 30)
    assert await one.get("echo", "server", fetch, None) == "token-1"
    assert await one.get("echo", "server", fetch, "token-1") == "token-2"
    assert await other.get("echo", "server", fetch, "token-1") == "token-2"  # not fetched once more
    assert b"token-2" not in await anyio.Path(store).read_bytes()
    for each in stores:
        await each.close()


async def test_what_must_not_be_made_twice_is_made_once_by_all_processes(store: Path) -> None:
    keepers = Keepers(store, EchoBank(), StillClock())
    made: list[str] = []

    async def make() -> str:
        await anyio.lowlevel.checkpoint()
        made.append(f"user-{len(made) + 1}")
        return made[-1]

    one, other = (parts.providers.context("echo", "anna", connection_id="") for parts in keepers.parts)
    for context in (one, other):
        assert await context.remember_once("user", make) == "user-1"
    assert await one.remember_once("user", make, unless="user-1") == "user-2"
    assert await other.remember_once("user", make, unless="user-1") == "user-2"  # not made once more
    assert await other.recall("user") == "user-2"
    await keepers.close()


async def test_what_was_made_is_kept_though_whoever_asked_has_gone(store: Path) -> None:
    keepers = Keepers(store, EchoBank(), StillClock())
    context = keepers.parts[0].providers.context("echo", "anna", connection_id="")

    async def make() -> str:
        gone.cancel()
        await anyio.lowlevel.checkpoint()
        return "user-1"

    with anyio.CancelScope() as gone:
        await context.remember_once("user", make)
    assert await context.recall("user") == "user-1"
    await keepers.close()


@pytest.mark.parametrize("failure", [None, ProviderUnavailable("down")])
async def test_what_was_made_is_kept_though_the_task_that_asked_is_cancelled(
    store: Path, failure: ProviderUnavailable | None
) -> None:
    keepers = Keepers(store, EchoBank(), StillClock())
    context = keepers.parts[0].providers.context("echo", "anna", connection_id="")

    async def make() -> str:
        asking.cancel()
        await anyio.sleep(0.01)
        if failure is not None:
            raise failure
        return "user-1"

    asking = asyncio.create_task(context.remember_once("user", make))
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await context.recall("user") == (None if failure else "user-1")
    await keepers.close()
