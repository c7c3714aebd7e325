"""The conformance kit notices adapters that do not keep the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from echorig import CODE, make_bank, rig_of

from bankweave.adapter import Context, Cursor, Page, Stream
from bankweave.errors import ProviderUnavailable
from bankweave.flow import Connected, Event, Step
from bankweave.testing import EchoAdapter, Rig
from bankweave.testing.contract import AdapterContract
from bankweave.testing.driver import Driver
from bankweave.testing.echo import AskedForCode, EchoGrant, EchoState

KIT = AdapterContract()
Rows = tuple[Any, ...]


class _Altered(EchoAdapter):
    """Reads as the echo adapter does, and alters the rows of every page."""

    def alter(self, rows: Rows) -> Rows:
        return rows

    async def pull(
        self, ctx: Context, grant: EchoGrant, stream: Stream, *, cursor: Cursor | None, since: date | None
    ) -> AsyncIterator[Page]:
        async for page in super().pull(ctx, grant, stream, cursor=cursor, since=since):
            yield replace(page, rows=self.alter(page.rows))


class LosesARow(_Altered):
    def alter(self, rows: Rows) -> Rows:
        return rows[:-1]


class MixesUpSigns(_Altered):
    def alter(self, rows: Rows) -> Rows:
        return tuple(replace(row, amount=-row.amount) for row in rows)


class NamesRowsAnewEveryTime(_Altered):
    def alter(self, rows: Rows) -> Rows:
        self.bank.calls.append("named")
        count = len(self.bank.calls)
        return tuple(replace(row, provider_id=f"{row.provider_id}-{count}-{n}") for n, row in enumerate(rows))


class ConnectsAfterAnyAnswer(EchoAdapter):
    async def resume(self, ctx: Context, state: EchoState, event: Event) -> Step:
        if isinstance(state, AskedForCode):
            return Connected(grant=EchoGrant(access_token="token"))
        return await super().resume(ctx, state, event)


class TakesRefusalsForOutages(EchoAdapter):
    async def resume(self, ctx: Context, state: EchoState, event: Event) -> Step:
        if getattr(event, "params", {}).get("error"):
            raise ProviderUnavailable("down")
        return await super().resume(ctx, state, event)


def driver_of(adapter: type[EchoAdapter], folder: Path) -> Driver:
    bank = make_bank(code=CODE)
    bound = type(adapter.__name__, (adapter,), {"bank": bank, "info": bank.adapter().info})
    rig: Rig = replace(rig_of(bank), adapter=bound)
    return Driver(rig=rig, store=folder / "bank.db")


@pytest.mark.parametrize(
    ("adapter", "case"),
    [
        (LosesARow, KIT.test_what_is_true_is_stored),
        (MixesUpSigns, KIT.test_what_is_true_is_stored),
        (NamesRowsAnewEveryTime, KIT.test_a_second_sync_changes_nothing),
        (NamesRowsAnewEveryTime, KIT.test_a_new_payment_is_one_addition),
        (LosesARow, KIT.test_pages_of_any_size_give_the_same_store),
        (ConnectsAfterAnyAnswer, KIT.test_wrong_answers_connect_nobody),
        (TakesRefusalsForOutages, KIT.test_a_person_who_refuses_is_not_connected),
    ],
    ids=lambda value: value.__name__,
)
def test_an_adapter_that_breaks_its_promise_fails(adapter: type[EchoAdapter], case: Any, tmp_path: Path) -> None:
    with pytest.raises((AssertionError, ProviderUnavailable)):
        case(driver_of(adapter, tmp_path))


def test_what_differs_is_told_row_by_row(tmp_path: Path) -> None:
    drive = driver_of(MixesUpSigns, tmp_path)
    drive.connected()
    drive.synced()

    told = drive.differences()

    assert any("Decimal('-4.20')" in line and line.endswith("is missing") for line in told)
    assert any("Decimal('4.20')" in line and line.endswith("is not true") for line in told)
    assert any("more" in line for line in told)
