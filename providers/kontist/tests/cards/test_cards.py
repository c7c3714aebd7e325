"""Cards without a network: what is checked before anything is sent, what is encrypted, and the neutral words."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from joserfc import jwe
from joserfc.jwk import RSAKey

from bankweave.adapter import Response
from bankweave.errors import (
    BankweaveError,
    InvalidOrder,
    MalformedAnswer,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
)
from bankweave.payment import CardAction, CardStatus
from bankweave.testing import FakeContext
from bankweave_kontist import Kontist, KontistSettings
from bankweave_kontist.cards.mapping import card_status, expires_on, neutral_card
from bankweave_kontist.cards.pins import (
    check_pin,
    decrypt_details,
    encrypt_pin,
    make_key,
    public_jwk,
    spell_jwk,
)
from bankweave_kontist.cards.records import KontistCard, LimitChange, LimitsChange, PinKey
from bankweave_kontist.client.cards import Cards
from bankweave_kontist.client.change_requests import ChangeRequests
from bankweave_kontist.client.pins import Pins
from bankweave_kontist.session import Session

CARD = {
    "id": "0123456789abcdef0123456789abcdef",
    "status": "ACTIVE",
    "type": "VIRTUAL_VISA_FREELANCE_DEBIT",
    "holder": "ANNA BAUER",
    "formattedExpirationDate": "12/28",
    "maskedPan": "6802********5119",
    "pinSet": True,
    "addedToApplePay": False,
    "newCardOrdered": False,
    "googlePayTokens": [],
}


def answer(data: object, status: int = 200) -> Response:
    return Response(status=status, body=json.dumps({"data": data}).encode())


def of_account(**fields: object) -> Response:
    return answer({"viewer": {"mainAccount": fields}})


def refusal(status: int, message: str = "no") -> Response:
    extensions = {"status": status, "type": f"http://www.iana.org/assignments/http-status-codes#{status}"}
    error = {"message": message, "path": ["field"], "extensions": extensions}
    return Response(status=200, body=json.dumps({"data": None, "errors": [error]}).encode())


@pytest.fixture
def ctx() -> FakeContext:
    return FakeContext()


@pytest.fixture
def session(settings: KontistSettings, ctx: FakeContext) -> Session:
    return Session(settings, ctx)


# PINs and card numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pin", ["1234", "4321", "6789", "9876", "1111", "1212", "1122", "123", "12345", "12a4", "", "١٢٤٥"]
)
def test_a_pin_that_the_bank_would_refuse_is_not_sent_and_not_said(pin: str) -> None:
    with pytest.raises(InvalidOrder) as caught:
        check_pin(pin)

    assert caught.value.code == "pin"
    assert not pin or pin not in str(caught.value)


@pytest.mark.parametrize("pin", ["2580", "1235", "8642", "0918"])
def test_any_other_pin_will_do(pin: str) -> None:
    assert check_pin(pin) == pin


@pytest.mark.parametrize(("form", "plain"), [("digits", b"2580"), ("json", b'{"pin":"2580"}')])
def test_a_pin_is_encrypted_as_in_the_vendors_sample(form: str, plain: bytes) -> None:
    private = make_key()
    key = PinKey.model_validate({**public_jwk(private), "kid": "key-1", "use": "enc", "alg": "RS256"})

    encrypted = encrypt_pin("2580", key, form)  # type: ignore[arg-type]  # parametrized

    opened = jwe.decrypt_compact(encrypted, private, algorithms=["RSA-OAEP", "A128CBC-HS256"])
    assert opened.plaintext == plain
    assert opened.headers() == {"alg": "RSA-OAEP", "enc": "A128CBC-HS256", "kid": "key-1"}


def test_a_pin_key_that_is_none_is_malformed() -> None:
    with pytest.raises(MalformedAnswer):
        encrypt_pin("2580", PinKey(kid="k", kty="RSA", n="!", e="AQAB"), "digits")


def test_card_details_open_with_the_key_that_they_were_asked_for_with() -> None:
    key = make_key()
    public = RSAKey.import_key(dict(public_jwk(key)))
    header = {"alg": "RSA-OAEP", "enc": "A128CBC-HS256"}
    sealed = jwe.encrypt_compact(header, b'{"pan":"4000"}', public, algorithms=list(header.values()))

    assert decrypt_details(sealed, key, "details") == {"pan": "4000"}
    with pytest.raises(MalformedAnswer):
        decrypt_details(sealed, make_key(), "details")
    with pytest.raises(MalformedAnswer):
        decrypt_details("no jwe", key, "details")


def test_a_public_key_is_spelled_in_sorted_pairs_and_gives_no_private_one() -> None:
    jwk = public_jwk(make_key())

    assert jwk.keys() == {"kty", "n", "e"}
    assert spell_jwk({"n": "N", "kty": "RSA", "e": "E"}) == "e=E&kty=RSA&n=N"


@pytest.mark.anyio
async def test_only_an_encrypted_pin_leaves(session: Session, ctx: FakeContext) -> None:
    key = {**public_jwk(make_key()), "kid": "key-1"}
    ctx.http.answers = [
        of_account(card={"pinKey": key}),
        answer({"changeCardPINWithChangeRequest": {"confirmationId": "c-1"}}),
    ]

    assert await Pins(session).request("card-1", "2580") == "c-1"

    payload = json.loads(ctx.http.sent[1].body or b"")["variables"]["payload"]
    assert payload.keys() == {"encryptedPin", "keyId"}
    assert payload["keyId"] == "key-1"
    assert all(b"2580" not in (request.body or b"") for request in ctx.http.sent)


@pytest.mark.anyio
async def test_a_pin_of_no_card_is_not_sent(session: Session, ctx: FakeContext) -> None:
    ctx.http.answers = [of_account(card=None)]

    with pytest.raises(InvalidOrder) as caught:
        await Pins(session).request("card-1", "2580")

    assert caught.value.code == "card"


# Changing -------------------------------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_the_printed_code_is_cut_to_what_is_asked_for(session: Session, ctx: FakeContext) -> None:
    ctx.http.answers = [answer({"activateCard": CARD})]

    await Cards(session).activate("card-1", " 29AIAFQ3W8BC ")

    assert json.loads(ctx.http.sent[0].body or b"")["variables"] == {"id": "card-1", "verificationToken": "29AIAF"}


@pytest.mark.anyio
@pytest.mark.parametrize("code", ["", "29AIA", "29-IAF", "ÄÖÜÄÖÜ"])
async def test_what_cannot_be_the_printed_code_is_not_sent(code: str, session: Session, ctx: FakeContext) -> None:
    with pytest.raises(InvalidOrder):
        await Cards(session).activate("card-1", code)

    assert ctx.http.sent == []


@pytest.mark.anyio
async def test_a_refused_change_of_a_card_that_is_so_already_is_done(session: Session, ctx: FakeContext) -> None:
    ctx.http.answers = [refusal(400), of_account(card={**CARD, "status": "BLOCKED_BY_SOLARIS"})]

    assert (await Cards(session).block("card-1")).status == "BLOCKED_BY_SOLARIS"


@pytest.mark.anyio
@pytest.mark.parametrize("found", [None, CARD])
async def test_any_other_refused_change_is_a_refusal(found: object, session: Session, ctx: FakeContext) -> None:
    ctx.http.answers = [refusal(400), of_account(card=found)]

    with pytest.raises(ProviderRefused):
        await Cards(session).block("card-1")


@pytest.mark.anyio
async def test_changes_of_status_may_be_repeated_and_orders_may_not(session: Session, ctx: FakeContext) -> None:
    ctx.http.answers = [
        answer({"changeCardStatus": CARD}),
        answer({"createCard": CARD}),
        answer({"replaceCard": CARD}),
        answer({"reorderCard": CARD}),
    ]
    cards = Cards(session)
    await cards.close("card-1")
    await cards.create("VISA_BUSINESS_DEBIT")
    await cards.replace("card-1")
    await cards.reorder("card-1")

    assert [request.repeatable for request in ctx.http.sent] == [True, False, False, False]


@pytest.mark.anyio
async def test_an_order_whose_answer_failed_may_have_been_taken(session: Session, ctx: FakeContext) -> None:
    ctx.http.answers = [Response(status=502)]

    with pytest.raises(OutcomeUnknown):
        await Cards(session).create("VISA_BUSINESS_DEBIT")


@pytest.mark.anyio
async def test_a_lost_confirmation_of_a_card_payment_is_not_repeated(session: Session, ctx: FakeContext) -> None:
    ctx.remembered["bound-device/of-owner"] = '{"id": "d-1", "name": "laptop"}'
    ctx.http.answers = [answer({"authorizeChangeRequest": {"stringToSign": "sign me"}}), Response(status=500)]

    with pytest.raises(OutcomeUnknown):
        await ChangeRequests(session).sign("request-1")

    assert [request.repeatable for request in ctx.http.sent] == [True, False]


@pytest.mark.anyio
async def test_a_code_counts_without_the_spaces_around_it(session: Session, ctx: FakeContext) -> None:
    ctx.remembered["bound-device/of-owner"] = '{"id": "d-1", "name": "laptop"}'
    ctx.http.answers = [
        answer({"authorizeChangeRequest": {"stringToSign": "sign me"}}),
        answer({"confirmChangeRequest": {"success": True}}),
    ]
    requests = ChangeRequests(session)

    await requests.confirm(await requests.authorize("request-1"), " 212212\n")

    assert json.loads(ctx.http.sent[-1].body or b"")["variables"]["authorizationToken"] == "212212"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("response", "error"),
    [(refusal(403), "wrong_code"), (answer({"confirmChangeRequest": {"success": False}}), "not_confirmed")],
)
async def test_a_confirmation_that_is_not_taken_says_so(
    response: Response, error: str, session: Session, ctx: FakeContext
) -> None:
    ctx.remembered["bound-device/of-owner"] = '{"id": "d-1", "name": "laptop"}'
    ctx.http.answers = [answer({"authorizeChangeRequest": {"stringToSign": "sign me"}}), response]

    with pytest.raises(ProviderRefused) as caught:
        await ChangeRequests(session).sign("request-1")

    assert caught.value.code == error


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("response", "error"),
    [
        (refusal(404), None),
        (of_account(pendingTransactionVerification=None), None),
        (refusal(500), ProviderUnavailable),
    ],
)
async def test_no_pending_payment_is_none_and_a_failure_is_one(
    response: Response, error: type[BankweaveError] | None, session: Session, ctx: FakeContext
) -> None:
    ctx.http.answers = [response]

    if error is None:
        assert await ChangeRequests(session).pending_payment() is None
        return
    with pytest.raises(error):
        await ChangeRequests(session).pending_payment()


@pytest.mark.anyio
@pytest.mark.parametrize(
    "change",
    [
        LimitsChange(),
        LimitsChange(daily=LimitChange()),
        LimitsChange(daily=LimitChange(max_amount=Decimal("0.001"))),
        LimitsChange(monthly=LimitChange(max_amount=Decimal(-1))),
        LimitsChange(monthly=LimitChange(max_transactions=-1)),
        LimitsChange(monthly=LimitChange(max_amount=Decimal("NaN"))),
    ],
)
async def test_limits_that_cannot_be_are_not_sent(change: LimitsChange, session: Session, ctx: FakeContext) -> None:
    with pytest.raises(InvalidOrder):
        await Cards(session).set_limits("card-1", atm=change)

    assert ctx.http.sent == []


@pytest.mark.anyio
async def test_limits_come_in_cents_as_floats_and_are_euros(session: Session, ctx: FakeContext) -> None:
    limit = {"maxAmountCents": 440000.0, "maxTransactions": 14.0}
    limits = {"daily": limit, "monthly": {"maxAmountCents": 2600000, "maxTransactions": 468}}
    ctx.http.answers = [of_account(card={"settings": {"cardSpendingLimits": {"atm": limits, "purchase": limits}}})]

    found = await Cards(session).limits("card-1")

    assert found is not None
    assert (found.atm.daily.max_amount, found.atm.daily.max_transactions) == (Decimal("4400.00"), 14)
    assert found.purchase.monthly.max_amount == Decimal("26000.00")


# Neutral words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("PROCESSING", CardStatus.ORDERED),
        ("INACTIVE", CardStatus.INACTIVE),
        ("ACTIVE", CardStatus.ACTIVE),
        ("BLOCKED", CardStatus.BLOCKED),
        ("BLOCKED_BY_SOLARIS", CardStatus.BLOCKED),
        ("ACTIVATION_BLOCKED_BY_SOLARIS", CardStatus.BLOCKED),
        ("CLOSED", CardStatus.CLOSED),
        ("CLOSED_BY_SOLARIS", CardStatus.CLOSED),
        ("MELTED", CardStatus.UNKNOWN),
    ],
)
def test_every_status_has_a_neutral_word(word: str, status: CardStatus) -> None:
    assert card_status(word) is status


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("12/22", date(2022, 12, 31)),
        ("02/28", date(2028, 2, 29)),
        ("2/28", None),
        ("13/28", None),
        ("12/2028", None),
        ("", None),
        (None, None),
    ],
)
def test_a_card_is_valid_until_the_end_of_its_month(printed: str | None, day: date | None) -> None:
    assert expires_on(printed) == day


def test_a_neutral_card_keeps_kontists_words() -> None:
    card = neutral_card(KontistCard.model_validate({**CARD, "status": "MELTED"}), "account-1")

    assert (card.status, card.provider_status) == (CardStatus.UNKNOWN, "MELTED")
    assert (card.provider_type, card.virtual) == ("VIRTUAL_VISA_FREELANCE_DEBIT", True)
    assert (card.holder_name, card.account_provider_id) == ("ANNA BAUER", "account-1")


@pytest.mark.anyio
async def test_cards_of_another_account_are_not_taken_for_this_ones(kontist: Kontist, ctx: FakeContext) -> None:
    ctx.http.answers = [of_account(publicId="account-2", cards=[CARD])]

    with pytest.raises(MalformedAnswer):
        await kontist.cards(ctx, None, "account-1")  # type: ignore[arg-type]  # its token comes from the context


@pytest.mark.anyio
async def test_a_change_is_told_in_neutral_words(kontist: Kontist, ctx: FakeContext) -> None:
    ctx.http.answers = [answer({"changeCardStatus": {**CARD, "status": "CLOSED"}})]

    closed = await kontist.change_card(ctx, None, "account-1", "card-1", CardAction.CLOSE, None)  # type: ignore[arg-type]  # as above

    assert closed.status is CardStatus.CLOSED
