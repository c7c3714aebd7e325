"""Changing vault keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from banks import CALLBACK, OWNER, callback_of
from clocks import StillClock

from bankweave import AsyncBankweave, Config, FlowStatus
from bankweave.errors import WrongVaultKey
from bankweave.testing import EchoBank
from bankweave.vault import generate_key

pytestmark = pytest.mark.anyio

OLD, NEW = generate_key(), generate_key()


def weave(store: Path, bank: EchoBank, keys: str) -> AsyncBankweave:
    config = Config(store=store, vault_keys=keys)
    return AsyncBankweave(config=config, adapters=[bank.adapter()], clock=StillClock())


async def test_after_a_rotation_the_old_key_can_be_let_go(tmp_path: Path) -> None:
    store, echo = tmp_path / "bank.db", EchoBank(code="4711")
    async with weave(store, echo, OLD) as bank:
        first = await bank.resume(callback_of(await bank.connect("echo", owner=OWNER, redirect_uri=CALLBACK)))
        await bank.answer(first.id, "4711")
        asking = await bank.resume(callback_of(await bank.connect("echo", owner=OWNER, redirect_uri=CALLBACK)))

    async with weave(store, echo, f"{NEW},{OLD}") as bank:
        assert await bank.rotate_keys() == 2
        assert await bank.rotate_keys() == 0

    async with weave(store, echo, NEW) as bank:
        assert (await bank.sync()).failures == ()
        assert (await bank.answer(asking.id, "4711")).status is FlowStatus.CONNECTED
    async with weave(store, echo, OLD) as bank:
        assert [type(failure.error) for failure in (await bank.sync()).failures] == [WrongVaultKey] * 2


async def test_a_rotation_without_the_old_key_changes_nothing(tmp_path: Path) -> None:
    store, echo = tmp_path / "bank.db", EchoBank()
    async with weave(store, echo, OLD) as bank:
        await bank.resume(callback_of(await bank.connect("echo", owner=OWNER, redirect_uri=CALLBACK)))
    async with weave(store, echo, NEW) as bank:
        with pytest.raises(WrongVaultKey):
            await bank.rotate_keys()
    async with weave(store, echo, OLD) as bank:
        assert (await bank.sync()).failures == ()
