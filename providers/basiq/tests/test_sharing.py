"""What processes share about an application and its people: tokens and users, and what is left of them at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import anyio
import pytest
from providers.basiq.tests.conftest import Desk, listing, token
from rigs import basiq_rig
from sandboxed import Control, control, control_origin, running_sandbox, sandbox

from bankweave import AsyncBankweave, Bankweave
from bankweave.config import Config
from bankweave.errors import ProviderUnavailable
from bankweave.testing import Rig
from bankweave.testing.driver import Driver
from bankweave.vault import generate_key
from bankweave_basiq import AsyncBasiqClient, BasiqClient, BasiqSettings
from bankweave_basiq.protocol import list_connections
from bankweave_basiq.session import Session

__all__ = ["control", "control_origin", "running_sandbox", "sandbox"]

pytestmark = pytest.mark.anyio

ANNA = {"email": "anna@mail.example"}


@pytest.fixture
def rig(control: Control) -> Rig:
    return basiq_rig(control, "jared", days=10)


@pytest.fixture
async def clients(rig: Rig, tmp_path: Path) -> AsyncIterator[list[AsyncBasiqClient]]:
    """Anna's client in each of three programs over one store; the first one twice.

    They go by the real clock: on one that sleeping moves, whoever waits lets the others' turn run out.
    """
    config = Config(store=tmp_path / "bank.db", vault_keys=generate_key(), adapters={"basiq": dict(rig.settings)})
    async with AsyncExitStack() as open_:
        banks = [await open_.enter_async_context(AsyncBankweave(config=config)) for _ in range(3)]
        yield [await bank.client_of("basiq", AsyncBasiqClient, owner="anna") for bank in (banks[0], *banks)]


def made(control: Control, method: str, path: str) -> int:
    asked = control.requests("basiq", path)
    return sum((each["method"], each["path"]) == (method, path) for each in asked)


async def test_one_person_is_one_user_however_many_ask_for_it_at_once(
    clients: list[AsyncBasiqClient], control: Control
) -> None:
    found: list[str] = []

    async def create(client: AsyncBasiqClient) -> None:
        found.append((await client.users.create(ANNA)).id)

    async with anyio.create_task_group() as group:
        for client in clients:
            group.start_soon(create, client)
    assert len(found) == len(clients)
    assert len(set(found)) == 1
    assert made(control, "POST", "/users") == 1
    assert made(control, "POST", "/token") == 1, "the token is shared as well"


async def test_user_that_was_made_is_remembered_before_anything_else_can_fail(
    clients: list[AsyncBasiqClient], control: Control
) -> None:
    control.spoil("basiq", "/users/*", method="GET", status=503, times=0)
    with pytest.raises(ProviderUnavailable):
        await clients[0].users.create(ANNA)
    control.mend()
    assert (await clients[1].users.create(ANNA)).id == await clients[2].users.id()
    assert made(control, "POST", "/users") == 1


async def test_deleted_user_is_followed_by_another(clients: list[AsyncBasiqClient]) -> None:
    first = await clients[0].users.create(ANNA)
    await clients[1].users.delete()
    second = await clients[0].users.create(ANNA)
    assert second.id != first.id
    assert (await clients[2].users.create(ANNA)).id == second.id


def test_nothing_names_the_user_when_the_person_was_erased(rig: Rig, control: Control, tmp_path: Path) -> None:
    drive = Driver(rig=rig, store=tmp_path / "bank.db", surface="sync")
    drive.connected()
    drive.synced()
    drive.rest()
    drive.synced()  # the bank asks, and the answer wants a token of the user's own
    assert made(control, "POST", "/token") == 3, "the application's, the page's, and that of the answer"
    with Bankweave(**drive._parts()) as bank:
        user = bank.client(bank.connections()[0].id, BasiqClient).users.id()
        assert bank.governance.erase(rig.owner).failures == ()
    assert made(control, "DELETE", f"/users/{user}") == 1, "Basiq keeps nothing of them either"
    assert user.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("bank.db*"))


async def test_another_key_has_another_token(desk: Desk) -> None:
    desk.answers(token("old"), listing(), token("new"), listing(), listing())
    for key in ("old-key", "new-key", "old-key"):
        settings = BasiqSettings.model_validate({"api_key": key})
        await Session(settings, desk.ctx).as_server(list_connections(settings, "user-1"))
    used = [request.headers["Authorization"] for request in desk.sent("list_connections")]
    assert used == ["Bearer old", "Bearer new", "Bearer old"]
