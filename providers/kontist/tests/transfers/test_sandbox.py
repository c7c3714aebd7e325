"""Paying, from the program's calls down to the sandbox's bank, over loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sandboxed import Control, Customer, SandboxClock

from bankweave import AsyncBankweave, Bankweave
from bankweave.config import Config
from bankweave.errors import FlowExpired, InvalidOrder, ProviderRefused
from bankweave.flow import Challenge, ChallengeKind, Flow, FlowStatus
from bankweave.payment import Frequency, TransferKind, TransferOrder, TransferStatus
from bankweave.testing import FakeContext
from bankweave.vault import generate_key
from bankweave_kontist.blocking import KontistClient
from bankweave_kontist.client import AsyncKontistClient
from bankweave_kontist.devices.signer import SoftwareSigner
from bankweave_kontist.transfers.confirmation import Confirmation
from bankweave_kontist.transfers.orders import TransferChange
from bankweave_kontist.transfers.wire import KontistTransfer

pytestmark = pytest.mark.anyio

CODE = "212212"
IBAN = "DE89370400440532013000"
TOMORROW = date(2026, 11, 19)
SIGN_IN = {"username": "anna@kontist.example", "password": "Anna-2026"}


def order(amount: str = "12.34", **more: object) -> TransferOrder:
    return TransferOrder(
        creditor_name="Vermieter",
        creditor_iban=IBAN,
        amount=Decimal(amount),
        remittance_information="Miete November",
        **more,  # type: ignore[arg-type]  # the fields of an order
    )


@pytest.fixture
def more_settings() -> dict[str, object]:
    return {}


@pytest.fixture
async def bank(
    control: Control, clock: SandboxClock, tmp_path: Path, more_settings: dict[str, object]
) -> AsyncIterator[AsyncBankweave]:
    Customer(control.sandbox, "kontist", SIGN_IN["username"]).forget(10)
    settings = {
        **control.settings("kontist"),
        "scopes": ["offline", "accounts", "users", "transactions", "transfers"],
        **more_settings,
    }
    config = Config(store=tmp_path / "bank.db", vault_keys=generate_key(), adapters={"kontist": settings})
    async with AsyncBankweave(config=config, clock=clock) as opened:
        yield opened


async def signed_in(bank: AsyncBankweave, control: Control, **options: str) -> Flow:
    flow = await bank.connect("kontist", owner="anna", options={**SIGN_IN, **options})
    if options.get("bind_device"):
        return await bank.answer(flow.id, CODE)
    assert flow.asks
    control.decide_push("VERIFIED")
    return await bank.wait(flow.id)


@pytest.fixture
async def connected(bank: AsyncBankweave, control: Control) -> Flow:
    flow = await signed_in(bank, control)
    assert flow.status is FlowStatus.CONNECTED
    await bank.sync()
    return flow


async def account(bank: AsyncBankweave) -> str:
    return (await bank.accounts(owner="anna"))[0].id


@pytest.mark.usefixtures("connected")
async def test_a_transfer_is_executed_when_its_code_is_right(bank: AsyncBankweave) -> None:
    where = await account(bank)
    flow = await bank.transfer(where, order())
    assert isinstance(flow.interaction, Challenge)
    assert flow.interaction.kind is ChallengeKind.OTP
    assert [each async for each in bank.transfers(where)] == []
    (done,) = await bank.confirm(flow.id, CODE)
    assert (done.status, done.provider_status) == (TransferStatus.ACCEPTED, "CONFIRMED")
    assert (done.amount, done.currency, done.creditor_iban) == (Decimal("12.34"), "EUR", IBAN)
    assert done.end_to_end_id == flow.id
    assert [each.id async for each in bank.transfers(where, kind=TransferKind.CREDIT_TRANSFER)] == [done.id]
    assert [each.id for each in await bank.outcome(flow.id)] == [done.id]


@pytest.mark.usefixtures("connected")
async def test_one_wrong_code_destroys_the_order(bank: AsyncBankweave) -> None:
    where = await account(bank)
    flow = await bank.transfer(where, order())
    with pytest.raises(ProviderRefused) as refused:
        await bank.confirm(flow.id, "999999")
    assert refused.value.code == "wrong_answer"
    assert (await bank.flow(flow.id)).status is FlowStatus.FAILED
    assert [each async for each in bank.transfers(where)] == []


@pytest.mark.usefixtures("connected")
async def test_what_cannot_be_a_code_is_asked_for_again(bank: AsyncBankweave) -> None:
    flow = await bank.transfer(await account(bank), order())
    assert (await bank.answer(flow.id, "oops")).asks
    assert len(await bank.confirm(flow.id, f" {CODE} ")) == 1


@pytest.mark.usefixtures("connected")
async def test_more_than_there_is_cannot_be_sent(bank: AsyncBankweave) -> None:
    with pytest.raises(ProviderRefused) as refused:
        await bank.transfer(await account(bank), order("9000000"))
    assert refused.value.code == "insufficient_funds"
    assert "problems/transfer/insufficient-funds" in str(refused.value)


@pytest.mark.usefixtures("connected")
async def test_several_transfers_take_one_code(bank: AsyncBankweave) -> None:
    flow = await bank.transfer(await account(bank), [order("1"), order("2"), order("3")])
    done = await bank.confirm(flow.id, CODE)
    assert [each.amount for each in done] == [1, 2, 3]
    assert {each.status for each in done} <= {TransferStatus.ACCEPTED, TransferStatus.COMPLETED}


@pytest.mark.usefixtures("connected")
async def test_a_scheduled_transfer_shows_its_berlin_day_and_is_cancelled_at_once(bank: AsyncBankweave) -> None:
    where = await account(bank)
    flow = await bank.transfer(where, order(requested_execution_date=TOMORROW))
    (done,) = await bank.confirm(flow.id, CODE)
    assert (done.kind, done.status) == (TransferKind.SCHEDULED_TRANSFER, TransferStatus.SCHEDULED)
    assert done.requested_execution_date == TOMORROW
    over = await bank.cancel_transfer(where, done)
    assert over.status is FlowStatus.DONE
    assert over.transfers[0].status is TransferStatus.CANCELLED


@pytest.mark.usefixtures("connected")
async def test_a_standing_order_is_cancelled_by_another_code(bank: AsyncBankweave) -> None:
    where = await account(bank)
    monthly = order(requested_execution_date=TOMORROW, frequency=Frequency.MONTHLY, end_date=date(2027, 11, 19))
    (done,) = await bank.confirm((await bank.transfer(where, monthly)).id, CODE)
    assert (done.kind, done.status) == (TransferKind.STANDING_ORDER, TransferStatus.ACTIVE)
    assert (done.frequency, done.end_date) == (Frequency.MONTHLY, date(2027, 11, 19))
    assert done.next_execution_date == TOMORROW
    flow = await bank.cancel_transfer(where, done)
    (cancelled,) = await bank.confirm(flow.id, CODE)
    assert cancelled.status is TransferStatus.CANCELLED


@pytest.mark.usefixtures("connected")
async def test_a_plain_transfer_cannot_be_cancelled(bank: AsyncBankweave) -> None:
    where = await account(bank)
    (done,) = await bank.confirm((await bank.transfer(where, order())).id, CODE)
    with pytest.raises(InvalidOrder):
        await bank.cancel_transfer(where, done)


@pytest.mark.usefixtures("connected")
async def test_an_instant_transfer_is_booked_at_once(bank: AsyncBankweave) -> None:
    (done,) = await bank.confirm((await bank.transfer(await account(bank), order(instant=True))).id, CODE)
    assert (done.kind, done.status) == (TransferKind.INSTANT_TRANSFER, TransferStatus.COMPLETED)


async def test_a_bound_device_confirms_sign_ins_and_transfers_without_a_code(
    bank: AsyncBankweave, control: Control
) -> None:
    flow = await signed_in(bank, control, bind_device="Server")
    assert flow.status is FlowStatus.CONNECTED
    await bank.sync()
    where = await account(bank)
    payment = await bank.transfer(where, order(), options={"confirm_by": "device"})
    assert isinstance(payment.interaction, Challenge)
    assert (payment.interaction.kind, payment.interaction.fields) == (ChallengeKind.DEVICE_SIGNATURE, ())
    (done,) = await bank.confirm(payment.id)
    assert done.status is TransferStatus.ACCEPTED
    again = await bank.connect("kontist", owner="anna", options=SIGN_IN)  # signs by itself
    assert again.status is FlowStatus.CONNECTED
    renewed = await bank.renew(flow.connection_id, options={"second_factor": "device"})
    assert renewed.status is FlowStatus.CONNECTED


async def test_a_wrong_code_binds_nothing(bank: AsyncBankweave) -> None:
    flow = await bank.connect("kontist", owner="anna", options={**SIGN_IN, "bind_device": "Server"})
    over = await bank.answer(flow.id, "999999")
    assert over.failure is not None
    assert (over.status, over.failure.code) == (FlowStatus.FAILED, "wrong_answer")
    again = await bank.connect("kontist", owner="anna", options=SIGN_IN)
    assert again.asks  # for a push: nothing is bound


async def test_a_connection_is_confirmed_by_push_or_by_binding_without_another_sign_in(
    bank: AsyncBankweave, control: Control
) -> None:
    flow = await bank.connect("kontist", owner="anna", options={**SIGN_IN, "second_factor": "none"})
    assert flow.status is FlowStatus.CONNECTED
    push = await bank.renew(flow.connection_id, options={"second_factor": "push"})
    assert push.asks
    control.decide_push("VERIFIED")
    assert (await bank.wait(push.id)).status is FlowStatus.CONNECTED
    binding = await bank.renew(flow.connection_id, options={"bind_device": "Server"})
    assert (await bank.answer(binding.id, CODE)).status is FlowStatus.CONNECTED


async def test_a_removed_device_gives_way_to_a_push(bank: AsyncBankweave, control: Control) -> None:
    flow = await signed_in(bank, control, bind_device="Server")
    kontist = await bank.client(flow.connection_id, AsyncKontistClient)
    (device,) = await kontist.devices.list()
    assert device.name == "Server"
    assert await kontist.devices.remove(device.id)
    assert await kontist.devices.ours() is None
    assert (await bank.connect("kontist", owner="anna", options=SIGN_IN)).asks


@pytest.mark.parametrize("more_settings", [{"client_auth": "basic"}])
@pytest.mark.usefixtures("more_settings")
async def test_a_client_that_names_itself_by_http_basic_signs_in_and_renews(
    bank: AsyncBankweave, control: Control
) -> None:
    assert (await signed_in(bank, control)).status is FlowStatus.CONNECTED
    control.elapse(hours=2)
    assert (await bank.sync()).connections[0].failures == ()


@pytest.mark.parametrize("more_settings", [{"binding_request": True}])
@pytest.mark.usefixtures("more_settings")
async def test_a_device_is_bound_after_it_was_allowed_elsewhere(bank: AsyncBankweave, control: Control) -> None:
    control.switch("kontist", device_binding_needs_request=True)
    flow = await bank.connect("kontist", owner="anna", options={**SIGN_IN, "bind_device": "Server"})
    assert isinstance(flow.interaction, Challenge)
    assert flow.interaction.kind is ChallengeKind.APP_APPROVAL
    (request,) = control.client.get("/kontist/device-binding-requests").json()
    answer = control.client.post(f"/kontist/device-binding-requests/{request['id']}", json={"status": "CONFIRMED"})
    assert answer.is_success, answer.text
    flow = await bank.wait(flow.id)
    assert isinstance(flow.interaction, Challenge)
    assert flow.interaction.kind is ChallengeKind.OTP
    assert (await bank.answer(flow.id, CODE)).status is FlowStatus.CONNECTED


async def test_an_application_that_may_not_bind_devices_is_told_so(bank: AsyncBankweave, control: Control) -> None:
    control.switch("kontist", device_binding_allowed=False)
    flow = await bank.connect("kontist", owner="anna", options={**SIGN_IN, "bind_device": "Server"})
    assert flow.failure is not None
    assert flow.failure.provider_code == "binding_not_permitted"


async def test_no_more_than_five_devices_are_bound(bank: AsyncBankweave, control: Control) -> None:
    flow = await signed_in(bank, control, bind_device="1")
    for name in "2345":
        renewal = await bank.renew(flow.connection_id, options={"bind_device": name})
        assert (await bank.answer(renewal.id, CODE)).status is FlowStatus.CONNECTED
    sixth = await bank.renew(flow.connection_id, options={"bind_device": "6"})
    assert sixth.failure is not None
    assert (sixth.failure.code, sixth.failure.provider_code) == ("user_action", "device_not_taken")


@pytest.mark.usefixtures("connected")
async def test_money_that_is_missing_at_the_confirmation_ends_the_order(bank: AsyncBankweave, control: Control) -> None:
    control.switch("kontist", funds_checked_from="confirm")
    flow = await bank.transfer(await account(bank), order("9000000"))
    with pytest.raises(ProviderRefused) as refused:
        await bank.confirm(flow.id, CODE)
    assert refused.value.code == "insufficient_funds"


@pytest.mark.usefixtures("connected")
async def test_a_code_that_comes_too_late_confirms_nothing(bank: AsyncBankweave, control: Control) -> None:
    flow = await bank.transfer(await account(bank), order())
    control.elapse(minutes=5, seconds=1)
    with pytest.raises(FlowExpired):
        await bank.confirm(flow.id, CODE)


async def test_a_login_without_a_second_factor_cannot_pay(bank: AsyncBankweave) -> None:
    await bank.connect("kontist", owner="anna", options={**SIGN_IN, "second_factor": "none"})
    await bank.sync()
    with pytest.raises(ProviderRefused, match="confirmed login"):
        await bank.transfer(await account(bank), order())


# The client -----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def kontist(bank: AsyncBankweave, connected: Flow) -> AsyncKontistClient:
    return await bank.client(connected.connection_id, AsyncKontistClient)


async def test_the_client_orders_confirms_lists_and_reads(kontist: AsyncKontistClient) -> None:
    for amount in ("1", "2"):
        wanted = await kontist.transfers.create(order(amount))
        kept = Confirmation.model_validate_json(wanted.model_dump_json())
        await kontist.transfers.confirm(kept, CODE)
    listed = [each async for each in kontist.transfers.list(TransferKind.CREDIT_TRANSFER)]
    assert {each.amount for each in listed} == {Decimal(1), Decimal(2)}
    assert list(await kontist.transfers.newest(TransferKind.CREDIT_TRANSFER)) == listed
    one = await kontist.transfers.get(listed[0].id, TransferKind.CREDIT_TRANSFER)
    assert one == listed[0]
    assert one.end_to_end_id is not None
    assert await kontist.transfers.unfinished() == ()
    assert isinstance(await kontist.transfers.suggestions(), tuple)


async def test_the_client_changes_a_standing_order_and_keeps_its_purpose(kontist: AsyncKontistClient) -> None:
    monthly = order(requested_execution_date=TOMORROW, frequency=Frequency.MONTHLY)
    made = await kontist.transfers.confirm(await kontist.transfers.create(monthly), CODE)
    change = TransferChange(amount=Decimal(20))
    wanted = await kontist.transfers.update(made.id, TransferKind.STANDING_ORDER, change)
    assert isinstance(wanted, Confirmation)
    changed = await kontist.transfers.confirm(wanted, CODE)
    assert (changed.amount, changed.purpose, changed.end_to_end_id) == (
        Decimal(20),
        "Miete November",
        made.end_to_end_id,
    )
    stop = await kontist.transfers.cancel(made.id, TransferKind.STANDING_ORDER)
    assert isinstance(stop, Confirmation)
    assert (await kontist.transfers.confirm_cancel(stop, CODE)).status == "CANCELED"


async def test_the_category_of_a_scheduled_transfer_is_changed_at_once(kontist: AsyncKontistClient) -> None:
    made = await kontist.transfers.confirm(
        await kontist.transfers.create(order(requested_execution_date=TOMORROW)), CODE
    )
    change = TransferChange(category="VAT_PAYMENT", user_selected_booking_date=date(2026, 10, 31))
    changed = await kontist.transfers.update(made.id, TransferKind.SCHEDULED_TRANSFER, change)
    assert isinstance(changed, KontistTransfer)
    assert (changed.category, changed.user_selected_booking_date) == ("VAT_PAYMENT", date(2026, 10, 31))


async def test_the_client_binds_a_device_and_pays_with_it(kontist: AsyncKontistClient) -> None:
    binding = await kontist.devices.bind("Laptop")
    device = await kontist.devices.verify(binding, CODE)
    assert await kontist.devices.ours() == device
    assert not await kontist.devices.has_restricted_key(device.id)
    wanted = await kontist.transfers.create(order(), confirm_by="device")
    assert (await kontist.transfers.confirm(wanted)).status == "CONFIRMED"
    await kontist.devices.confirm()


async def test_the_client_waits_for_a_push(kontist: AsyncKontistClient, control: Control) -> None:
    control.switch("kontist", push_auto_approve_seconds=7.0)
    await kontist.push.confirm()


async def test_a_bound_device_is_the_app_that_approves_pushes(
    bank: AsyncBankweave, kontist: AsyncKontistClient
) -> None:
    await kontist.devices.verify(await kontist.devices.bind("Phone"), CODE)
    login = await bank.connect("kontist", owner="somebody-else", options={**SIGN_IN, "second_factor": "push"})
    (pending,) = await kontist.push.pending()
    await kontist.push.approve(pending.id)
    assert (await bank.wait(login.id)).status is FlowStatus.CONNECTED


async def test_a_restricted_key_is_added(kontist: AsyncKontistClient) -> None:
    device = await kontist.devices.verify(await kontist.devices.bind("Phone"), CODE)
    key = await SoftwareSigner(FakeContext(), "biometry").public_key()
    await kontist.devices.add_key(key)
    assert await kontist.devices.has_restricted_key(device.id)


async def test_contacts_are_kept(kontist: AsyncKontistClient) -> None:
    made = await kontist.contacts.create("Vermieter", "DE89 3704 0044 0532 0130 00")
    assert made.iban == IBAN
    assert (await kontist.contacts.update(made.id, favorite=True)).favorite
    assert [each.id for each in await kontist.contacts.list()] == [made.id]
    assert await kontist.contacts.delete(made.id)
    assert await kontist.contacts.list() == ()


def test_a_program_without_an_event_loop_binds_pays_and_lists(
    control: Control, clock: SandboxClock, tmp_path: Path
) -> None:
    settings = {**control.settings("kontist"), "scopes": ["offline", "accounts", "users", "transfers"]}
    config = Config(store=tmp_path / "bank.db", vault_keys=generate_key(), adapters={"kontist": settings})
    with Bankweave(config=config, clock=clock) as bank:
        flow = bank.connect("kontist", owner="anna", options={**SIGN_IN, "bind_device": "Server"})
        assert bank.answer(flow.id, CODE).status is FlowStatus.CONNECTED
        kontist = bank.client(flow.connection_id, KontistClient)
        done = kontist.transfers.confirm(kontist.transfers.create(order(), confirm_by="device"))
        assert [each.id for each in kontist.transfers.list(TransferKind.CREDIT_TRANSFER)] == [done.id]
