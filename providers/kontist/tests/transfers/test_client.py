"""The client, where no flow remembers what was done: changes, and confirmations that are made again."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from bankweave.adapter import Response
from bankweave.errors import BankweaveError, InvalidOrder, OutcomeUnknown, ProviderRefused, RateLimited
from bankweave.payment import TransferKind
from bankweave.testing import FakeContext, ScriptedHttp
from bankweave_kontist import AsyncKontistClient, Kontist, KontistSettings
from bankweave_kontist.transfers.confirmation import Confirmation
from bankweave_kontist.transfers.orders import TransferChange

from .answers import (
    CREATED,
    DOWN,
    ORDER,
    START,
    data,
    problem,
    row,
)

pytestmark = pytest.mark.anyio


# Changing -------------------------------------------------------------------------------------------------------------


async def test_what_a_standing_order_says_already_is_said_again_unchecked() -> None:
    """Kontist empties what is not sent, and its own apps may have taken letters that we would refuse."""
    now = data(viewer={"mainAccount": {"transfer": row(purpose="Müllgebühren", e2eId="old-1")}})
    asked = data(updateTransfer={"confirmationId": "c-2", "stringToSign": None})
    ctx = FakeContext(http=ScriptedHttp([now, asked]), clock=START)
    client = Kontist(KontistSettings(client_id="c")).client(ctx)
    await client.transfers.update("t-1", TransferKind.STANDING_ORDER, TransferChange(amount=Decimal(20)))
    sent = json.loads(ctx.http.sent[1].body or b"")["variables"]["transfer"]
    assert (sent["amount"], sent["purpose"], sent["e2eId"]) == (2000, "Müllgebühren", "old-1")


async def test_a_change_that_cannot_be_is_refused_before_anything_is_sent() -> None:
    ctx = FakeContext()
    client = Kontist(KontistSettings(client_id="c")).client(ctx)
    with pytest.raises(InvalidOrder):
        await client.transfers.update("t-1", TransferKind.STANDING_ORDER, TransferChange(purpose="Müller"))
    assert ctx.http.sent == []


# Confirming again, without a flow that knows what was asked before ----------------------------------------------------


async def client_that_ordered(*answers: Response | BankweaveError) -> tuple[AsyncKontistClient, Confirmation]:
    ctx = FakeContext(http=ScriptedHttp([CREATED, *answers]), clock=START)
    client = Kontist(KontistSettings(client_id="c")).client(ctx)
    return client, await client.transfers.create(ORDER)


def let_it_expire(client: AsyncKontistClient) -> None:
    ctx = client._session.ctx
    assert isinstance(ctx, FakeContext)
    ctx.clock += timedelta(hours=1)


@pytest.mark.parametrize("status", [403, 404, 422])
@pytest.mark.parametrize("is_late", [False, True])
async def test_a_lost_confirmation_that_is_made_again_never_says_to_order_again(status: int, *, is_late: bool) -> None:
    """It was executed, and its answer lost: whoever orders again pays twice."""
    client, wanted = await client_that_ordered(DOWN, problem(status))
    with pytest.raises(OutcomeUnknown):
        await client.transfers.confirm(wanted, "212212")
    if is_late:
        let_it_expire(client)
    with pytest.raises(OutcomeUnknown, match="find-me"):
        await client.transfers.confirm(wanted, "212212")


@pytest.mark.parametrize("status", [403, 404, 422])
async def test_what_another_process_has_perhaps_confirmed_is_not_called_expired(status: int) -> None:
    _, wanted = await client_that_ordered()
    restored = Confirmation.model_validate_json(wanted.model_dump_json())
    ctx = FakeContext(http=ScriptedHttp([problem(status)]), clock=START + timedelta(hours=1))
    with pytest.raises(OutcomeUnknown):
        await Kontist(KontistSettings(client_id="c")).client(ctx).transfers.confirm(restored, "212212")


@pytest.mark.parametrize("status", [400, 403, 404, 422])
async def test_what_was_never_confirmed_expires(status: int) -> None:
    client, wanted = await client_that_ordered(RateLimited("later"), problem(status))
    with pytest.raises(RateLimited):
        await client.transfers.confirm(wanted, "212212")
    with pytest.raises(InvalidOrder):
        await client.transfers.confirm(wanted, "no code")
    let_it_expire(client)
    with pytest.raises(ProviderRefused) as refused:
        await client.transfers.confirm(wanted, "212212")
    assert refused.value.code == "request_expired"


async def test_a_wrong_code_of_another_process_is_a_wrong_code() -> None:
    _, wanted = await client_that_ordered()
    ctx = FakeContext(http=ScriptedHttp([problem(403)]), clock=START)
    with pytest.raises(ProviderRefused) as refused:
        await Kontist(KontistSettings(client_id="c")).client(ctx).transfers.confirm(wanted, "212212")
    assert refused.value.code == "wrong_code"
