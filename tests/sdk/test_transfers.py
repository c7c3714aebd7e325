"""Transfers of the published SDK against the sandbox: registered, confirmed by the code of an SMS, executed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sandboxed import Control

from .conftest import Anna
from .sdk_process import SdkError, SdkProcess

BENS = {"recipient": "Ben O'Dwyer", "iban": "DE35110101009876543210"}
ONE = {**BENS, "amount": 1234, "purpose": "Thanks"}
DAY = timedelta(days=1)


def code_sent(control: Control) -> str:
    return str(control.client.get("/kontist/sms").json()[0]["code"])


def confirm(sdk: SdkProcess, control: Control, **transfer: Any) -> dict[str, Any]:
    confirmation = sdk.call("models.transfer.createOne", ONE | transfer)
    confirmed: dict[str, Any] = sdk.call("models.transfer.confirmOne", confirmation, code_sent(control))
    return confirmed


def test_a_transfer_moves_money_once_it_is_confirmed(sdk: SdkProcess, control: Control, anna: Anna) -> None:
    world, account = anna.sandbox.world, anna.account
    before = world.available_balance(account)
    confirmation = sdk.call("models.transfer.createOne", ONE)
    assert world.available_balance(account) == before
    transfer = sdk.call("models.transfer.confirmOne", confirmation, code_sent(control))
    assert (transfer["amount"], transfer["iban"], transfer["recipient"]) == (1234, BENS["iban"], BENS["recipient"])
    assert world.available_balance(account) == before - Decimal("12.34")
    row = sdk.call("models.transaction.fetch", {"first": 1})["items"][0]
    assert (row["amount"], row["iban"], row["purpose"]) == (-1234, BENS["iban"], "Thanks")


def test_a_wrong_code_ends_the_request(sdk: SdkProcess, control: Control) -> None:
    confirmation = sdk.call("models.transfer.createOne", ONE)
    right = code_sent(control)
    with pytest.raises(SdkError) as refused:
        sdk.call("models.transfer.confirmOne", confirmation, "000000" if right != "000000" else "111111")
    assert (refused.value.name, refused.value.status) == ("GraphQLError", 403)
    with pytest.raises(SdkError) as gone:
        sdk.call("models.transfer.confirmOne", confirmation, right)
    assert (gone.value.status, gone.value.message) == (422, "Unknown confirmation request")


def test_many_transfers_are_confirmed_with_one_code(sdk: SdkProcess, control: Control, anna: Anna) -> None:
    before = anna.sandbox.world.available_balance(anna.account)
    confirmation = sdk.call("models.transfer.createMany", [ONE, ONE | {"amount": 66, "purpose": "More"}])
    batch = sdk.call("models.transfer.confirmMany", confirmation, code_sent(control))
    assert batch["status"] == "ACCEPTED"
    assert sorted(transfer["amount"] for transfer in batch["transfers"]) == [66, 1234]
    assert anna.sandbox.world.available_balance(anna.account) == before - Decimal("13.00")


def test_transfers_are_listed_by_kind(sdk: SdkProcess, control: Control) -> None:
    made = confirm(sdk, control)
    listed = sdk.call("models.transfer.fetch", {"type": "SEPA_TRANSFER"})["items"]
    assert [transfer["id"] for transfer in listed] == [made["id"]]
    assert [t["id"] for t in sdk.call("own.all", "transfer", {"type": "SEPA_TRANSFER"}, 10)] == [made["id"]]
    assert sdk.call("models.transfer.fetch", {"type": "STANDING_ORDER"})["items"] == []
    assert sdk.call("models.transfer.fetchUnfinished") == []
    assert BENS["iban"] in {suggestion["iban"] for suggestion in sdk.call("models.transfer.suggestions")}


def test_a_standing_order_runs_until_it_is_cancelled(sdk: SdkProcess, control: Control, anna: Anna) -> None:
    world = anna.sandbox.world
    first = world.clock.now() + 2 * DAY
    order = confirm(sdk, control, executeAt=first.isoformat(), reoccurrence="WEEKLY", purpose="Weekly")
    assert (order["status"], order["reoccurrence"]) == ("ACTIVE", "WEEKLY")
    anna.sandbox.advance(3 * DAY.total_seconds())
    paid = [m for m in anna.account.movements if m.text == "Weekly"]
    assert [m.amount for m in paid] == [Decimal("-12.34")]
    sdk.call("auth.tokenManager.refresh")
    asked = sdk.call("models.transfer.cancelTransfer", "STANDING_ORDER", order["id"])
    args = ("STANDING_ORDER", asked["confirmationId"], code_sent(control))
    assert sdk.call("models.transfer.confirmCancelTransfer", *args)["status"] == "CANCELED"
    anna.sandbox.advance(8 * DAY.total_seconds())
    assert len([m for m in anna.account.movements if m.text == "Weekly"]) == 1


def test_a_timed_order_is_cancelled_without_a_code(sdk: SdkProcess, control: Control) -> None:
    order = confirm(sdk, control, executeAt=(datetime.now(UTC) + 5 * DAY).isoformat())
    assert order["status"] == "SCHEDULED"
    cancelled = sdk.call("models.transfer.cancelTransfer", "TIMED_ORDER", order["id"])
    assert (cancelled["id"], cancelled["status"]) == (order["id"], "CANCELED")


def test_a_standing_order_is_changed_after_another_confirmation(sdk: SdkProcess, control: Control) -> None:
    first = (datetime.now(UTC) + 2 * DAY).isoformat()
    order = confirm(sdk, control, executeAt=first, reoccurrence="MONTHLY")
    asked = sdk.call("models.transfer.update", {"id": order["id"], "type": "STANDING_ORDER", "amount": 77})
    changed = sdk.call("models.transfer.confirmOne", asked["confirmationId"], code_sent(control))
    assert (changed["id"], changed["amount"]) == (order["id"], 77)


def test_too_much_money_is_refused_by_its_problem(sdk: SdkProcess, control: Control) -> None:
    with pytest.raises(SdkError) as refused:
        confirm(sdk, control, amount=900_000_000)
    assert refused.value.message == "There were insufficient funds to complete this action"
    assert (refused.value.name, refused.value.status) == ("GraphQLError", 400)
    assert refused.value.type == "https://api.kontist.com/problems/transfer/insufficient-funds"


def test_nothing_cannot_be_transferred(sdk: SdkProcess) -> None:
    with pytest.raises(SdkError, match="Error when creating wire transfer"):
        sdk.call("models.transfer.createOne", ONE | {"amount": 0})
