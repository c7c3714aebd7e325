"""How orders and confirmations end when Kontist refuses, fails or does not answer; and how lists are read."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bankweave.adapter import Response
from bankweave.errors import (
    AccessRevoked,
    BankweaveError,
    ConfigurationError,
    InvalidOrder,
    MalformedAnswer,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
)
from bankweave.flow import Answer, Ask, CancelTransfer, Done, Due, Failed, Pay, Reason, Step
from bankweave.payment import TransferKind, TransferOrder
from bankweave.testing import FakeContext, ScriptedHttp
from bankweave_kontist import Kontist, KontistSettings
from bankweave_kontist.devices.bound import BoundDevice, remember_device
from bankweave_kontist.devices.signer import SoftwareSigner, is_signed_by

from .answers import (
    ACCOUNT,
    CONFIRMED,
    CREATED,
    DOWN,
    FUNDS,
    GARBLED,
    GRANT,
    ORDER,
    START,
    TO_SIGN,
    UNEXPECTED,
    data,
    problem,
    row,
)

pytestmark = pytest.mark.anyio


class Payment:
    def __init__(self, *answers: Response | BankweaveError, **settings: object) -> None:
        self.kontist = Kontist(KontistSettings.model_validate({"client_id": "c", **settings}))
        self.ctx = FakeContext(http=ScriptedHttp([ACCOUNT, *answers]), clock=START)
        self.stored = b""

    async def begin(self, *orders: TransferOrder, **options: str) -> Step:
        return await self._begin(Pay(account="account-1", orders=orders or (ORDER,), options=options))

    async def cancel(self, kind: TransferKind, **options: str) -> Step:
        return await self._begin(CancelTransfer(account="account-1", transfer="t-1", kind=kind, options=options))

    async def _begin(self, intent: Pay | CancelTransfer) -> Step:
        return self._keep(await self.kontist.begin_payment(self.ctx, GRANT, intent))

    async def answer(self, **values: str) -> Step:
        state = Kontist.states.validate_json(self.stored)
        return self._keep(await self.kontist.resume(self.ctx, state, Answer(values)))

    def _keep(self, step: Step) -> Step:
        if isinstance(step, Ask):
            self.stored = Kontist.states.dump_json(step.state)
        return step

    def sent(self) -> list[str]:
        return [request.operation for request in self.ctx.http.sent]

    def variables(self, place: int) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.ctx.http.sent[place].body or b"")["variables"]
        return found


async def ordered(*answers: Response | BankweaveError) -> Payment:
    payment = Payment(CREATED, *answers)
    await payment.begin()
    return payment


# Ordering -------------------------------------------------------------------------------------------------------------


async def test_nothing_that_moves_money_may_be_repeated() -> None:
    payment = await ordered(CONFIRMED)
    await payment.answer(code="212212")
    repeatable = [each.operation for each in payment.ctx.http.sent if each.repeatable]
    assert (payment.sent(), repeatable) == (
        ["paying_account", "create_transfer", "confirm_transfer"],
        ["paying_account"],
    )


async def test_an_sms_is_asked_for_outright() -> None:
    payment = await ordered()
    assert payment.variables(1)["deliveryMethod"] == "MOBILE_NUMBER"


async def test_an_order_for_another_account_is_not_sent() -> None:
    payment = Payment()
    intent = Pay(account="account-2", orders=(ORDER,))
    with pytest.raises(ProviderRefused) as refused:
        await payment.kontist.begin_payment(payment.ctx, GRANT, intent)
    assert (refused.value.code, payment.sent()) == ("not_main_account", ["paying_account"])


@pytest.mark.parametrize("lost", [OutcomeUnknown("lost"), DOWN, UNEXPECTED, GARBLED, problem(500)])
async def test_a_lost_order_may_be_made_anew_since_nothing_was_confirmed(lost: Response | BankweaveError) -> None:
    with pytest.raises(OutcomeUnknown, match="order again") as unknown:
        await Payment(lost).begin()
    assert unknown.value.code == "not_confirmed"


@pytest.mark.parametrize(
    ("answered", "error"),
    [
        (problem(403), ProviderRefused),
        (problem(429), RateLimited),
        (Response(status=429), RateLimited),
        (ProviderUnavailable("no network"), ProviderUnavailable),
    ],
)
async def test_an_order_that_was_surely_not_taken_is_no_riddle(
    answered: Response | BankweaveError, error: type[BankweaveError]
) -> None:
    with pytest.raises(error):
        await Payment(answered).begin()


async def test_missing_money_has_a_word_of_its_own_and_keeps_kontists() -> None:
    with pytest.raises(ProviderRefused, match="insufficient-funds") as refused:
        await Payment(problem(400, FUNDS)).begin()
    assert refused.value.code == "insufficient_funds"


async def test_a_refused_token_is_renewed_and_the_order_sent_once_more() -> None:
    unauthorized = Response(status=200, body=b'{"errors":[{"message":"Unauthorized"}],"data":null}')
    payment = Payment(unauthorized, CREATED)
    assert isinstance(await payment.begin(), Ask)
    assert payment.sent().count("create_transfer") == 2
    tokens = [request.headers["Authorization"] for request in payment.ctx.http.sent]
    assert tokens == ["Bearer access-1", "Bearer access-1", "Bearer access-2"]


async def test_a_token_that_stays_refused_needs_the_person() -> None:
    with pytest.raises(AccessRevoked):
        await Payment(Response(status=401), Response(status=401)).begin()


async def test_options_that_nobody_knows_are_named_before_anything_is_sent() -> None:
    payment = Payment()
    with pytest.raises(ConfigurationError, match="confirm_by"):
        await payment.begin(confirm="device")
    assert payment.sent() == []


async def test_none_is_no_order() -> None:
    payment = Payment()
    with pytest.raises(InvalidOrder):
        await payment.kontist.begin_payment(payment.ctx, GRANT, Pay(account="account-1", orders=()))


# Confirming -----------------------------------------------------------------------------------------------------------


async def test_a_code_confirms() -> None:
    payment = await ordered(CONFIRMED)
    done = await payment.answer(code=" 212212 ")
    assert isinstance(done, Done)
    assert payment.variables(2) == {"confirmationId": "c-1", "authorizationToken": "212212"}


async def test_looking_asks_the_same_again() -> None:
    payment = await ordered()
    state = Kontist.states.validate_json(payment.stored)
    assert isinstance(await payment.kontist.resume(payment.ctx, state, Due()), Ask)
    assert payment.sent() == ["paying_account", "create_transfer"]


@pytest.mark.parametrize("slip", ["", "abc", "12 34 56", "٣٣٣٣٣٣", "1"])
async def test_a_slip_is_not_sent(slip: str) -> None:
    payment = await ordered()
    assert isinstance(await payment.answer(code=slip), Ask)
    assert "confirm_transfer" not in payment.sent()


async def test_a_wrong_code_ends_the_order() -> None:
    step = await (await ordered(problem(403))).answer(code="999999")
    assert isinstance(step, Failed)
    assert (step.reason, step.provider_code) == (Reason.WRONG_ANSWER, "wrong_code")
    assert "order again" in step.message


@pytest.mark.parametrize("status", [403, 404, 422])
async def test_a_code_that_comes_too_late_ends_the_order(status: int) -> None:
    payment = await ordered(problem(status))
    payment.ctx.clock += timedelta(minutes=5)
    step = await payment.answer(code="212212")
    assert isinstance(step, Failed)
    assert step.reason is Reason.EXPIRED


@pytest.mark.parametrize(
    "lost", [OutcomeUnknown("lost"), DOWN, UNEXPECTED, GARBLED, problem(500), problem(404), problem(422)]
)
async def test_an_unclear_confirmation_says_how_to_find_out(lost: Response | BankweaveError) -> None:
    payment = await ordered(lost)
    with pytest.raises(OutcomeUnknown, match="end-to-end id find-me") as unknown:
        await payment.answer(code="212212")
    assert unknown.value.code == "perhaps_confirmed"
    assert payment.sent().count("confirm_transfer") == 1


async def test_an_error_about_a_field_of_the_result_means_that_it_was_executed() -> None:
    payment = await ordered(problem(400, path=["confirmTransfer", "status"]))
    with pytest.raises(OutcomeUnknown):
        await payment.answer(code="212212")


async def test_money_may_be_missing_only_at_the_confirmation() -> None:
    payment = await ordered(problem(400, FUNDS))
    with pytest.raises(ProviderRefused) as refused:
        await payment.answer(code="212212")
    assert refused.value.code == "insufficient_funds"


async def test_several_are_confirmed_by_one_code() -> None:
    created = data(createTransfers={"confirmationId": "c-1"})
    confirmed = data(confirmTransfers={"id": "b", "status": "ACCEPTED", "transfers": [row(1), row(2)]})
    payment = Payment(created, confirmed, confirm_by="device")  # kontist takes no signature for a batch
    await payment.begin(ORDER, ORDER)
    done = await payment.answer(code="212212")
    assert isinstance(done, Done)
    assert [each.id for each in done.transfers] == ["t-1", "t-2"]
    with pytest.raises(InvalidOrder):
        await Payment().begin(ORDER, ORDER, confirm_by="device")


# By device ------------------------------------------------------------------------------------------------------------


async def test_a_device_signs_what_kontist_gave_it() -> None:
    payment = Payment(TO_SIGN, CONFIRMED, confirm_by="device")
    await remember_device(payment.ctx, None, BoundDevice(id="device-1", name="Server"))
    step = await payment.begin()
    assert isinstance(step, Ask)
    assert payment.variables(1)["deliveryMethod"] == "DEVICE_SIGNING"
    assert payment.variables(1)["deviceId"] == "device-1"
    assert isinstance(await payment.answer(), Done)
    sent = payment.variables(2)
    assert sent["deviceId"] == "device-1"
    key = await SoftwareSigner(payment.ctx, "Server").public_key()
    assert is_signed_by(key, "sign-me", str(sent["signature"]))


async def test_nothing_is_ordered_where_no_device_could_sign() -> None:
    payment = Payment()
    with pytest.raises(InvalidOrder) as invalid:
        await payment.begin(confirm_by="device")
    assert (invalid.value.code, payment.sent()) == ("no_device", ["paying_account"])


async def test_an_order_without_anything_to_sign_is_not_believed() -> None:
    payment = Payment(CREATED)
    await remember_device(payment.ctx, None, BoundDevice(id="device-1", name="Server"))
    with pytest.raises(MalformedAnswer):
        await payment.begin(confirm_by="device")


# Cancelling -----------------------------------------------------------------------------------------------------------


async def test_a_cancelled_timed_order_is_done_at_once() -> None:
    payment = Payment(data(cancelTransfer=row(status="CANCELED")))
    done = await payment.cancel(TransferKind.SCHEDULED_TRANSFER)
    assert isinstance(done, Done)
    assert payment.variables(1)["type"] == "TIMED_ORDER"


async def test_a_cancelled_standing_order_is_confirmed() -> None:
    asked = data(cancelTransfer={"confirmationId": "c-1", "stringToSign": None})
    payment = Payment(asked, data(confirmCancelTransfer=row(status="CANCELED")))
    assert isinstance(await payment.cancel(TransferKind.STANDING_ORDER), Ask)
    assert isinstance(await payment.answer(code="212212"), Done)
    assert payment.variables(2) == {
        "type": "STANDING_ORDER",
        "confirmationId": "c-1",
        "authorizationToken": "212212",
    }


@pytest.mark.parametrize("kind", [TransferKind.CREDIT_TRANSFER, TransferKind.INSTANT_TRANSFER])
async def test_what_is_on_its_way_cannot_be_cancelled(kind: TransferKind) -> None:
    payment = Payment()
    with pytest.raises(InvalidOrder):
        await payment.cancel(kind)
    assert "cancel_transfer" not in payment.sent()


# Lists ----------------------------------------------------------------------------------------------------------------


def page(*rows: dict[str, object], after: str | None = None, account: str = "account-1") -> Response:
    info = {"hasNextPage": after is not None, "endCursor": after}
    connection = {"edges": [{"node": each} for each in rows], "pageInfo": info}
    return data(viewer={"mainAccount": {"publicId": account, "transfers": connection}})


def listing(*pages: Response) -> tuple[Kontist, FakeContext]:
    return Kontist(KontistSettings(client_id="c")), FakeContext(http=ScriptedHttp(list(pages)), clock=START)


async def test_all_kinds_are_listed_one_after_the_other_and_all_pages_of_each() -> None:
    kontist, ctx = listing(page(row(1), after="x"), page(row(2)), page(), page(row(3)), page(row(4)))
    found = [each async for each in kontist.transfers(ctx, GRANT, "account-1", None)]
    assert [(each.id, each.kind) for each in found] == [
        ("t-1", TransferKind.CREDIT_TRANSFER),
        ("t-2", TransferKind.CREDIT_TRANSFER),
        ("t-3", TransferKind.SCHEDULED_TRANSFER),
        ("t-4", TransferKind.STANDING_ORDER),
    ]
    asked = [json.loads(request.body or b"")["variables"] for request in ctx.http.sent]
    assert [(each["type"], each.get("after")) for each in asked][:3] == [
        ("SEPA_TRANSFER", None),
        ("SEPA_TRANSFER", "x"),
        ("INSTANT_CREDIT_TRANSFER", None),
    ]
    assert {each["first"] for each in asked} == {50}


async def test_no_more_pages_are_read_than_are_wanted() -> None:
    kontist, ctx = listing(page(row(1), after="x"))
    async for each in kontist.transfers(ctx, GRANT, "account-1", TransferKind.CREDIT_TRANSFER):
        assert each.id == "t-1"
        break
    assert len(ctx.http.sent) == 1


async def test_a_list_of_another_account_is_not_believed() -> None:
    kontist, ctx = listing(page(row(1), account="account-2"))
    with pytest.raises(ProviderRefused):
        [each async for each in kontist.transfers(ctx, GRANT, "account-1", TransferKind.CREDIT_TRANSFER)]


@pytest.mark.parametrize(
    "pages", [[page(row(1), after="x"), page(row(2), after="x")], [page(after=str(n)) for n in range(30)]]
)
async def test_a_list_that_does_not_end_is_an_error(pages: list[Response]) -> None:
    kontist, ctx = listing(*pages)
    with pytest.raises(MalformedAnswer):
        [each async for each in kontist.transfers(ctx, GRANT, "account-1", TransferKind.CREDIT_TRANSFER)]
