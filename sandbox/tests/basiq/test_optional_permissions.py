"""What is not told when a person leaves out permissions that are not required (providers/basiq.md, section 2.4)."""

from __future__ import annotations

from typing import Any

import pytest

from .bank import GAVIN
from .caller import Page, Partner

DETAILS = ("account.detail", "transaction.detail", "customer.person.detail")


@pytest.fixture
def asked(partner: Partner) -> Page:
    partner.switch(optional_scopes=DETAILS)
    return partner.open_consent_ui()


def _share(page: Page, partner: Partner, institution: str, *scopes: str) -> str:
    page = page.press("I consent", **({"scope": list(scopes)} if scopes else {}))
    page = page.press("Continue", institution=institution)
    page = page.press("Sign in", loginId=GAVIN.name, password=GAVIN.password)
    job = page.press("Share", account=page.checked).press("Return to the application").returned["jobId"]
    partner.wait()
    return str(partner.job(job)["links"]["source"].rsplit("/", 1)[1])


def _accounts(partner: Partner) -> dict[str, Any]:
    listed = partner.get(f"/users/{partner.user}/accounts").json()["data"]
    return {account["name"]: account for account in listed}


def _permissions(partner: Partner) -> dict[str, tuple[bool, bool]]:
    consent = partner.get(f"/users/{partner.user}/consents").json()["data"][0]
    return {one["scope"]: (one["required"], one["consented"]) for one in consent["data"]["permissions"]}


def test_nothing_can_be_left_out_as_long_as_all_is_required(partner: Partner) -> None:
    assert 'type="checkbox"' not in partner.open_consent_ui().text
    partner.connected(GAVIN)
    assert set(_permissions(partner).values()) == {(True, True)}


def test_what_was_left_out_is_told_in_the_consent(partner: Partner, asked: Page) -> None:
    _share(asked, partner, "AU00000", "transaction.detail")
    assert _permissions(partner) == {
        "account.basic": (True, True),
        "account.detail": (False, False),
        "transaction.detail": (False, True),
        "customer.person.detail": (False, False),
    }


def test_what_is_required_cannot_be_left_out(partner: Partner) -> None:
    partner.switch(optional_scopes=["account.detail"])
    _share(partner.open_consent_ui(), partner, "AU00000")
    assert [scope for scope, (_, consented) in _permissions(partner).items() if not consented] == ["account.detail"]


def test_an_account_without_its_details_has_a_masked_number_and_neither_holder_nor_limit(
    partner: Partner, asked: Page
) -> None:
    _share(asked, partner, "AU00000", "transaction.detail")
    everyday, visa = _accounts(partner)["Hooli Everyday"], _accounts(partner)["Hooli Visa"]
    assert (everyday["accountNo"], everyday["maskedNumber"]) == ("xxxxxxxxxxx1965",) * 2
    assert (everyday["accountHolder"], everyday["accountOwnership"]) == (None, "UNKNOWN")
    assert everyday["balance"] == "4391.05"
    assert (visa["accountNo"], visa["creditLimit"]) == ("4622********1234", None)
    assert not {"bsb", "unmaskedAccNum"} & (everyday.keys() | visa.keys())


def test_an_account_with_its_details_has_its_number_whole_and_in_parts(partner: Partner) -> None:
    partner.connected(GAVIN)
    everyday, visa = _accounts(partner)["Hooli Everyday"], _accounts(partner)["Hooli Visa"]
    assert everyday["accountNo"] == everyday["bsb"] + everyday["unmaskedAccNum"] == "062000157441965"
    assert (everyday["bsb"], everyday["maskedNumber"]) == ("062000", "xxxxxxxxxxx1965")
    assert visa["maskedNumber"] == "4622********1234"
    assert "unmaskedAccNum" not in visa


def test_without_transactions_accounts_have_balances_alone(partner: Partner, asked: Page) -> None:
    _share(asked, partner, "AU00000", "account.detail")
    assert _accounts(partner)["Hooli Everyday"]["balance"] == "4391.05"
    assert _accounts(partner)["Hooli Everyday"]["transactionIntervals"] == []
    assert partner.transactions() == []


def test_without_customer_data_nobody_is_named(partner: Partner, asked: Page) -> None:
    connection = _share(asked, partner, "AU00000", "account.detail")
    assert partner.get(f"/users/{partner.user}/identities").json()["data"] == []
    assert "profile" not in partner.get(f"/users/{partner.user}/connections/{connection}").json()


def test_customer_data_that_were_allowed_name_the_person(partner: Partner, asked: Page) -> None:
    connection = _share(asked, partner, "AU00000", "customer.person.detail")
    identities = partner.get(f"/users/{partner.user}/identities").json()["data"]
    assert [one["fullName"] for one in identities] == ["Gavinbelson Tester"]
    shown = partner.get(f"/users/{partner.user}/connections/{connection}").json()
    assert shown["profile"]["emailAddresses"] == ["gavinbelson@mail.example"]


def test_who_leaves_out_the_basics_of_accounts_shares_none(partner: Partner) -> None:
    partner.switch(optional_scopes=["account.basic", "account.detail"])
    _share(partner.open_consent_ui(), partner, "AU00004", "account.detail")
    assert _accounts(partner) == {}
    assert _permissions(partner)["account.detail"] == (False, False)
