"""Cards, PINs and wallets, from the client down to the sandbox's bank."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from kontist_client import SIGN_IN, SMS_CODE, tell
from sandboxed import Control

from bankweave import AsyncBankweave
from bankweave.errors import InvalidOrder, ProviderRefused
from bankweave.payment import CardAction, CardStatus
from bankweave_kontist.cards.records import GooglePayToken, KontistCard, LimitChange, LimitsChange
from bankweave_kontist.client import AsyncKontistClient
from bankweave_kontist.client.pins import Pins
from bankweave_kontist.client.wallets import AppleWallet, GoogleWallet

pytestmark = pytest.mark.anyio

NEW_PIN = "9173"


def printed(control: Control, card: str) -> dict[str, Any]:
    """What is on a card, which only its holder sees."""
    return next(each for each in tell(control, "GET", "/cards") if each["id"] == card)


@pytest.fixture
async def card(kontist_client: AsyncKontistClient) -> KontistCard:
    return next(each for each in await kontist_client.cards.list() if each.status == "ACTIVE")


async def test_a_card_lives_from_its_order_to_its_end(kontist_client: AsyncKontistClient, control: Control) -> None:
    cards = kontist_client.cards
    ordered = await cards.create("VISA_BUSINESS_DEBIT")
    assert ordered.status == "PROCESSING"
    control.elapse(minutes=5)
    active = await cards.activate(ordered.id, printed(control, ordered.id)["printed_code"])
    assert active.status == "ACTIVE"
    assert (await cards.block(ordered.id)).status == "BLOCKED"
    assert (await cards.unblock(ordered.id)).status == "ACTIVE"
    assert (await cards.close(ordered.id)).status == "CLOSED"
    assert await cards.get(ordered.id) is None
    assert ordered.id not in [each.id for each in await cards.list()]


@pytest.mark.parametrize("code", ["AAAAAA", None])
async def test_another_code_activates_nothing(
    code: str | None, kontist_client: AsyncKontistClient, control: Control
) -> None:
    ordered = await kontist_client.cards.create("VISA_BUSINESS_DEBIT")
    control.elapse(minutes=5)

    with pytest.raises(ProviderRefused):
        await kontist_client.cards.activate(ordered.id, code)


async def test_what_is_done_already_is_done(kontist_client: AsyncKontistClient, card: KontistCard) -> None:
    assert (await kontist_client.cards.activate(card.id)).status == "ACTIVE"
    assert (await kontist_client.cards.unblock(card.id)).status == "ACTIVE"


async def test_a_card_that_is_gone_cannot_be_blocked(kontist_client: AsyncKontistClient) -> None:
    with pytest.raises(ProviderRefused):
        await kontist_client.cards.block("0" * 32)


@pytest.mark.parametrize("way", ["replace", "reorder"])
async def test_another_card_comes_for_one_that_is_lost_or_damaged(
    way: str, kontist_client: AsyncKontistClient, card: KontistCard
) -> None:
    another = await getattr(kontist_client.cards, way)(card.id)
    assert another.status in {"PROCESSING", "ACTIVE", "BLOCKED", "CLOSED", "INACTIVE"}


async def test_limits_are_euros_and_only_what_is_given_changes(
    kontist_client: AsyncKontistClient, card: KontistCard
) -> None:
    cards = kontist_client.cards
    before = await cards.limits(card.id)
    assert before is not None

    change = LimitsChange(daily=LimitChange(max_amount=Decimal("123.45")))
    after = await cards.set_limits(card.id, atm=change)

    assert after is not None
    assert after.atm.daily.max_amount == Decimal("123.45")
    assert after.atm.daily.max_transactions == before.atm.daily.max_transactions
    assert (after.purchase, after.atm.monthly) == (before.purchase, before.atm.monthly)
    assert await cards.limits(card.id) == after


async def test_limits_beyond_the_banks_are_refused(kontist_client: AsyncKontistClient, card: KontistCard) -> None:
    change = LimitsChange(daily=LimitChange(max_transactions=1_000))

    with pytest.raises(ProviderRefused):
        await kontist_client.cards.set_limits(card.id, purchase=change)


async def test_limits_of_no_card_are_nobodys(kontist_client: AsyncKontistClient) -> None:
    with pytest.raises(InvalidOrder) as caught:
        await kontist_client.cards.limits("0" * 32)

    assert caught.value.code == "card"


async def test_the_holder_chooses_among_spellings(kontist_client: AsyncKontistClient) -> None:
    holder = await kontist_client.cards.holder()

    assert await kontist_client.cards.set_holder(holder.choices[0]) == holder.choices[0]
    assert "/" in holder.choices[0]
    assert holder.has_pending_fraud_case is False


async def test_the_number_of_a_virtual_card_is_read_through_a_key_of_ones_own(
    kontist_client: AsyncKontistClient, card: KontistCard, control: Control
) -> None:
    details = await kontist_client.cards.details(card.id)

    assert printed(control, card.id)["pan"] in details.fields.values()
    assert str(details) == "CardDetails()"


# PINs -----------------------------------------------------------------------------------------------------------------


async def test_a_pin_is_set_by_the_code_of_an_sms(
    kontist_client: AsyncKontistClient, card: KontistCard, control: Control
) -> None:
    wanted = await kontist_client.pins.begin(card.id, NEW_PIN)
    await kontist_client.pins.confirm(wanted, f" {SMS_CODE} ")

    assert printed(control, card.id)["pin"] == NEW_PIN


async def test_a_wrong_code_sets_no_pin(
    kontist_client: AsyncKontistClient, card: KontistCard, control: Control
) -> None:
    before = printed(control, card.id)["pin"]
    wanted = await kontist_client.pins.begin(card.id, NEW_PIN)

    with pytest.raises(ProviderRefused) as caught:
        await kontist_client.pins.confirm(wanted, "000000")

    assert caught.value.code == "wrong_code"
    assert printed(control, card.id)["pin"] == before


@pytest.mark.parametrize("form", ["digits", "json"])
async def test_a_pin_is_set_by_the_signature_of_the_device(
    form: str, kontist_client: AsyncKontistClient, card: KontistCard, control: Control
) -> None:
    session = kontist_client._session
    settings = session.settings.model_copy(update={"pin_form": form})

    changed = await Pins(replace(session, settings=settings)).set(card.id, NEW_PIN)

    assert (changed.id, changed.pin_set) == (card.id, True)
    assert printed(control, card.id)["pin"] == NEW_PIN


async def test_a_pin_is_set_by_a_change_request(
    kontist_client: AsyncKontistClient, card: KontistCard, control: Control
) -> None:
    request = await kontist_client.pins.request(card.id, NEW_PIN)
    assert printed(control, card.id)["pin"] != NEW_PIN
    await kontist_client.change_requests.sign(request)

    assert printed(control, card.id)["pin"] == NEW_PIN


# A card on the web, in a wallet, and under suspicion ------------------------------------------------------------------


@pytest.mark.parametrize(("decision", "happens"), [("approve", True), ("decline", False)])
async def test_a_payment_on_the_web_waits_for_its_holder(
    decision: str, kontist_client: AsyncKontistClient, card: KontistCard, control: Control, *, happens: bool
) -> None:
    requests = kontist_client.change_requests
    assert await requests.pending_payment() is None
    tell(control, "POST", f"/cards/{card.id}/verify", {"amount": "19.99", "merchant": "Webshop"})
    payment = await requests.pending_payment()
    assert payment is not None
    assert payment.name == "Webshop"

    await getattr(requests, decision)(payment)

    assert await requests.pending_payment() is None
    newest = await kontist_client.graphql.query(
        "{ viewer { mainAccount { transactions(first: 1) { edges { node { amount type } } } } } }"
    )
    row = newest["viewer"]["mainAccount"]["transactions"]["edges"][0]["node"]
    assert (row["amount"] == -1999 and row["type"] != "FAILED_CARD_USAGE") is happens


async def test_a_change_request_that_is_none_is_refused(kontist_client: AsyncKontistClient) -> None:
    with pytest.raises(ProviderRefused):
        await kontist_client.change_requests.sign("nothing")


async def test_a_card_goes_into_wallets(kontist_client: AsyncKontistClient, card: KontistCard) -> None:
    google = await kontist_client.wallets.provision(card.id, GoogleWallet(wallet_account_id="w-1", phone_id="p-1"))
    apple = await kontist_client.wallets.provision(
        card.id, AppleWallet(certificates=["YQ==", "Yg=="], nonce="bm9uY2U=", nonce_signature="c2lnbg==")
    )
    assert google.wallet_payload
    assert apple.encrypted_pass_data
    assert apple.encrypted_pass_data not in str(apple)

    token = GooglePayToken(wallet_id="w-1", token_ref_id="t-1")
    assert await kontist_client.wallets.add_google_pay(card.id, token) == token
    found = await kontist_client.cards.get(card.id)
    assert found is not None
    assert found.google_pay_tokens == (token,)
    assert await kontist_client.wallets.delete_google_pay(card.id, token) == token


@pytest.mark.parametrize(("answer", "resolution"), [("whitelist", "WHITELISTED"), ("confirm_fraud", "CONFIRMED")])
async def test_a_stopped_payment_is_answered_for(
    answer: str, resolution: str, kontist_client: AsyncKontistClient, card: KontistCard, control: Control
) -> None:
    tell(control, "POST", f"/cards/{card.id}/suspect")
    assert (await kontist_client.cards.holder()).has_pending_fraud_case

    assert (await getattr(kontist_client.cards, answer)()).resolution == resolution


# For programs that know no provider -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("connected")
async def test_cards_are_listed_and_blocked_in_neutral_words(bank: AsyncBankweave, control: Control) -> None:
    await bank.sync()
    account = (await bank.accounts(owner="anna"))[0].id
    card = next(each for each in await bank.cards(account) if each.status is CardStatus.ACTIVE)
    shown = printed(control, card.id)

    assert (card.provider_status, card.provider_type) == ("ACTIVE", shown["type"])
    assert card.masked_pan is not None
    assert card.masked_pan[-4:] == shown["pan"][-4:]
    assert card.expires_on is not None
    assert card.expires_on.strftime("%m/%y") == shown["expires"]
    assert card.expires_on > date(2026, 11, 18)

    blocked = await bank.change_card(account, card.id, CardAction.BLOCK)
    again = await bank.change_card(account, card.id, CardAction.BLOCK)
    assert (blocked.status, again.status) == (CardStatus.BLOCKED, CardStatus.BLOCKED)


@pytest.mark.parametrize("way", ["details", "set"])
async def test_without_a_device_nothing_can_be_signed(way: str, bank: AsyncBankweave, control: Control) -> None:
    flow = await bank.connect("kontist", owner="bert", options=SIGN_IN)
    control.decide_push("VERIFIED")
    flow = await bank.wait(flow.id)
    assert flow.connection_id is not None
    client = await bank.client(flow.connection_id, AsyncKontistClient)
    card = (await client.cards.list())[0].id

    with pytest.raises(InvalidOrder) as caught:
        await (client.cards.details(card) if way == "details" else client.pins.set(card, NEW_PIN))

    assert caught.value.code == "no_device"
