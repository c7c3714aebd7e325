from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from bankweave.adapter import Response
from bankweave.errors import InvalidOrder, MalformedAnswer, ProviderRefused
from bankweave.testing import FakeContext, ScriptedHttp
from bankweave_kontist import Kontist
from bankweave_kontist.client.accounts import Accounts

pytestmark = pytest.mark.anyio

IBAN = "DE32 1101 0100 1000 0000 29"
MAIN = {"publicId": "acc-1", "iban": "DE32110101001000000029", "bic": "SOBKDEBBXXX", "name": None, "icon": None,
        "balance": 123456, "availableBalance": 100006, "createdAt": "2026-01-01T10:00:00.000Z",
        "canCreateOverdraft": False, "hasPendingCardFraudCase": False}  # fmt: skip
STATISTICS = {"accountBalance": 1378096, "main": 1189817, "yours": 1184262, "unknown": 5555, "vatAmount": -188279,
              "vatTotal": 188279, "vatMissing": 0, "taxCurrentYearAmount": 0, "taxPastYearsAmount": None,
              "taxTotal": 0, "taxMissing": 0}  # fmt: skip


def cents(value: float) -> dict[str, Any]:
    return {"value": value, "currency": "EUR", "unit": "cents"}


def data(value: dict[str, Any]) -> Response:
    return Response(status=200, body=json.dumps({"data": value}).encode())


def account(value: dict[str, Any] | None) -> Response:
    return data({"viewer": {"mainAccount": value}})


@pytest.fixture
def answered(kontist: Kontist) -> Callable[..., tuple[Accounts, FakeContext]]:
    def make(*answers: Response) -> tuple[Accounts, FakeContext]:
        ctx = FakeContext(http=ScriptedHttp(list(answers)))
        return kontist.client(ctx).accounts, ctx

    return make


Answered = Callable[..., tuple[Accounts, FakeContext]]


async def test_the_main_account_is_in_euros(answered: Answered) -> None:
    accounts, _ = answered(account(MAIN))
    found = await accounts.main()
    assert (found.balance, found.available_balance) == (Decimal("1234.56"), Decimal("1000.06"))
    assert (found.iban, found.bic, found.public_id) == ("DE32110101001000000029", "SOBKDEBBXXX", "acc-1")
    assert found.created_at == datetime(2026, 1, 1, 10, tzinfo=UTC)


async def test_a_user_without_an_account_is_told_so(answered: Answered) -> None:
    accounts, _ = answered(account(None))
    with pytest.raises(ProviderRefused) as raised:
        await accounts.main()
    assert raised.value.code == "no_account"


@pytest.mark.parametrize("balance", [1.5, "100", True, None, 2**60])
async def test_an_amount_that_is_no_number_of_cents_is_no_answer(answered: Answered, balance: object) -> None:
    accounts, _ = answered(account(MAIN | {"balance": balance}))
    with pytest.raises(MalformedAnswer):
        await accounts.main()


async def test_records_cannot_be_changed_and_do_not_lose_their_names(answered: Answered) -> None:
    accounts, _ = answered(account(MAIN))
    found = await accounts.main()
    with pytest.raises(ValueError, match="frozen"):
        found.balance = Decimal(0)
    assert found.model_dump()["available_balance"] == Decimal("1000.06")


async def test_statistics_are_in_euros(answered: Answered) -> None:
    accounts, _ = answered(account({"stats": STATISTICS}))
    found = await accounts.statistics()
    assert (found.yours, found.vat_amount, found.tax_past_years_amount) == (
        Decimal("11842.62"), Decimal("-1882.79"), None)  # fmt: skip
    assert found.main == found.yours + found.unknown


async def test_the_banks_own_balance_tells_what_is_protected(answered: Answered) -> None:
    protection = {
        "currentBlockedAmount": cents(0),
        "protectedAmount": cents(133000),
        "protectedAmountExpiring": cents(1000.0),
        "protectedAmountExpiringDate": "30-09-2022",
    }
    balance = {"balance": cents(100), "availableBalance": None, "seizureProtection": protection}
    accounts, _ = answered(account({"solarisBalance": balance}))
    found = await accounts.solaris_balance()
    assert found.balance is not None
    assert found.seizure_protection is not None
    assert (found.balance.amount, found.balance.currency, found.available_balance) == (Decimal(1), "EUR", None)
    assert found.seizure_protection.protected_amount.amount == Decimal(1330)
    assert found.seizure_protection.protected_amount_expiring_date == date(2022, 9, 30)


async def test_an_amount_in_an_unknown_unit_is_not_guessed(answered: Answered) -> None:
    balance = {"balance": cents(100) | {"unit": "doubloons"}, "availableBalance": None, "seizureProtection": None}
    accounts, _ = answered(account({"solarisBalance": balance}))
    found = await accounts.solaris_balance()
    assert found.balance is not None
    assert found.balance.value == Decimal(100)
    with pytest.raises(ValueError, match="doubloons"):
        _ = found.balance.amount


async def test_sub_accounts_may_still_be_opening(answered: Answered) -> None:
    opening = {"publicId": None, "name": "Tax", "icon": "pig", "iban": None, "balance": None, "status": "PENDING",
               "createdAt": None}  # fmt: skip
    accounts, _ = answered(data({"getSubAccounts": [opening, opening | {"publicId": "sub-1", "balance": 100.5}]}))
    pending, open_ = await accounts.sub_accounts()
    assert (pending.public_id, pending.status) == (None, "PENDING")
    assert (open_.public_id, open_.balance) == ("sub-1", Decimal("100.5"))


async def test_an_iban_tells_its_bank(answered: Answered) -> None:
    bank = {"bankName": "Solaris", "bic": "SOBKDEBBXXX", "isSepaInstantTransferAvailable": True}
    accounts, ctx = answered(data({"getIBANInformation": bank}))
    found = await accounts.iban_information(IBAN)
    assert (found.bank_name, found.is_sepa_instant_transfer_available) == ("Solaris", True)
    assert json.loads(ctx.http.sent[0].body or b"")["variables"] == {"iban": "DE32110101001000000029"}


async def test_what_is_no_iban_is_not_sent(answered: Answered) -> None:
    accounts, ctx = answered()
    with pytest.raises(InvalidOrder) as raised:
        await accounts.iban_information("DE33 1101 0100 1000 0000 29")
    assert raised.value.code == "iban"
    assert ctx.http.sent == []


async def test_the_system_says_how_it_is(answered: Answered) -> None:
    accounts, _ = answered(data({"status": {"type": "ERROR", "message": "maintenance"}}))
    assert (await accounts.system_status()).message == "maintenance"


async def test_the_profile_is_the_persons(answered: Answered) -> None:
    person = {"publicId": "u-1", "createdAt": "2026-01-01T10:00:00.000Z", "firstName": "Ada", "isUSPerson": False,
              "birthDate": "1990-12-10T00:00:00.000Z", "email": "ada@example.org"}  # fmt: skip
    accounts, _ = answered(data({"viewer": person}))
    found = await accounts.profile()
    assert (found.first_name, found.is_us_person, found.birth_date) == ("Ada", False, date(1990, 12, 10))
