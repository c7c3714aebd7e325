"""Direct debits given back, from the client down to the sandbox's bank."""

from __future__ import annotations

import pytest
from kontist_client import SIGN_IN, SMS_CODE
from sandboxed import Control, Customer

from bankweave.errors import InvalidOrder, OutcomeUnknown, ProviderRefused
from bankweave_kontist.client import AsyncKontistClient

pytestmark = pytest.mark.anyio


@pytest.fixture
def debit(control: Control) -> str:
    """A direct debit on Anna's account."""
    account = Customer(control.sandbox, "kontist", SIGN_IN["username"]).accounts[0].id
    return control.pay(account, "-49.90", "Fitness", kind="direct_debit")


async def newest(kontist_client: AsyncKontistClient) -> list[str]:
    return [str(row.amount) for row in (await kontist_client.transactions.newest()).rows[:2]]


async def test_a_direct_debit_comes_back_by_the_signature_of_the_device(
    kontist_client: AsyncKontistClient, debit: str
) -> None:
    wanted = await kontist_client.direct_debits.request(debit)
    assert await newest(kontist_client) != ["49.90", "-49.90"]

    await kontist_client.direct_debits.confirm(wanted)

    assert "49.90" in await newest(kontist_client)
    with pytest.raises(ProviderRefused):
        await kontist_client.direct_debits.request(debit)


async def test_a_direct_debit_comes_back_by_a_code(kontist_client: AsyncKontistClient, debit: str) -> None:
    wanted = await kontist_client.direct_debits.request(debit, by_sms=True)
    with pytest.raises(InvalidOrder):
        await kontist_client.direct_debits.confirm(wanted)
    await kontist_client.direct_debits.confirm(wanted, f" {SMS_CODE} ")

    assert "49.90" in await newest(kontist_client)


async def test_a_wrong_code_brings_nothing_back(kontist_client: AsyncKontistClient, debit: str) -> None:
    wanted = await kontist_client.direct_debits.request(debit, by_sms=True)

    with pytest.raises(ProviderRefused) as caught:
        await kontist_client.direct_debits.confirm(wanted, "000000")

    assert caught.value.code == "wrong_code"
    assert "49.90" not in await newest(kontist_client)


async def test_a_lost_confirmation_is_not_repeated(
    kontist_client: AsyncKontistClient, debit: str, control: Control
) -> None:
    wanted = await kontist_client.direct_debits.request(debit)
    before = len(control.requests("kontist", "/api/graphql"))
    control.spoil("kontist", "/api/graphql", status=503, times=1)

    with pytest.raises(OutcomeUnknown):
        await kontist_client.direct_debits.confirm(wanted)

    assert len(control.requests("kontist", "/api/graphql")) == before + 1
