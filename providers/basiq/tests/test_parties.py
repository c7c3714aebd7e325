"""Who holds the accounts, as far as banks say."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from providers.basiq.tests.conftest import Desk, account, connection, consent, listing, refusal, token

from bankweave.adapter import Response
from bankweave.errors import RateLimited, WrongSubject
from bankweave.model import Party, PartyRole
from bankweave_basiq import BasiqSettings

pytestmark = pytest.mark.anyio

MAY_ASK = consent(data={"permissions": [{"scope": "customer.person.detail", "consented": True}]})


def identity(name: str = "Gavin Belson", connection: str | None = "con-1", **more: object) -> dict[str, Any]:
    address = {"formattedAddress": "1 George St, Sydney", "addressLine2": None}
    about = {"phoneNumbers": ["+61410888666"], "emailAddresses": ["gavin@hooli.com"], "physicalAddresses": [address]}
    return {"id": "identity-1", "connectionID": connection, "fullName": name, "DOB": "1971-02-03", **about, **more}


async def parties(desk: Desk, accounts: list[object], *identities: object, allowed: object = MAY_ASK) -> list[Party]:
    desk.answers(token(), listing(connection()), listing(*accounts), listing(allowed), listing(*identities))
    return list((await desk.open()).parties)


HOLDER: dict[str, Any] = {"accountHolder": "GAVIN  BELSON", "accountOwnership": "ONE_PARTY"}


async def test_holder_is_described_by_what_the_bank_knows(desk: Desk) -> None:
    (one,) = await parties(desk, [account(**HOLDER)], identity())
    assert (one.name, one.role, one.account_provider_ids) == ("GAVIN  BELSON", PartyRole.OWNER, ("acc-1",))
    assert (one.email, one.phone, one.birth_date) == ("gavin@hooli.com", "+61410888666", date(1971, 2, 3))
    assert one.address == "1 George St, Sydney"


async def test_person_whom_no_account_names_is_a_party_of_the_banks_accounts(desk: Desk) -> None:
    bare: dict[str, Any] = {
        "phoneNumbers": [],
        "emailAddresses": [""],
        "DOB": "",
        "physicalAddresses": [{"city": "Sydney"}],
    }
    (one,) = await parties(desk, [account()], identity("", firstName="Gavin", lastName="Belson", **bare))
    assert one == Party(name="Gavin Belson", account_provider_ids=("acc-1",), address="Sydney")


async def test_identities_of_other_connections_and_without_a_name_are_none_of_ours(desk: Desk) -> None:
    assert await parties(desk, [account()], identity(connection="con-2"), identity(connection=None), identity("")) == []


@pytest.mark.parametrize("permissions", [[], [{"scope": "customer.person.basic", "consented": False}], None])
async def test_who_may_not_know_does_not_ask(desk: Desk, permissions: object) -> None:
    await parties(desk, [], allowed=consent(data={"permissions": permissions}))
    assert not desk.sent("list_identities")


async def test_asking_can_be_switched_off(desk: Desk) -> None:
    desk.settings = BasiqSettings.model_validate({"api_key": "key", "identities": False})
    await parties(desk, [])
    assert not desk.sent("list_identities")


@pytest.mark.parametrize("answer", [refusal(403, "forbidden-access"), refusal(404, "resource-not-found")])
async def test_application_without_identities_reads_accounts_all_the_same(desk: Desk, answer: Response) -> None:
    desk.answers(token(), listing(connection()), listing(account(**HOLDER)), listing(MAY_ASK), answer)
    assert [party.name for party in (await desk.open()).parties] == ["GAVIN  BELSON"]


async def test_rate_limit_is_no_lack_of_identities(desk: Desk) -> None:
    limited = refusal(403, "too-many-requests")
    desk.answers(token(), listing(connection()), listing(), listing(MAY_ASK), limited)
    with pytest.raises(RateLimited):
        await desk.open()


async def test_identity_of_another_user_is_not_used(desk: Desk) -> None:
    foreign = identity(links={"self": "/users/user-2/identities/identity-1"})
    with pytest.raises(WrongSubject):
        await parties(desk, [account()], foreign)


async def test_birthday_that_is_none_is_left_out(desk: Desk) -> None:
    (one,) = await parties(desk, [account()], identity(DOB="03/02/1971"))
    assert one.birth_date is None


async def test_person_whom_two_banks_know_keeps_the_accounts_of_both(desk: Desk) -> None:
    accounts = listing(account(), account("acc-2", connection="con-2"))
    other = identity("gavin belson", "con-2", emailAddresses=[], phoneNumbers=["+61400000000"])
    identities = listing(identity(), other)
    desk.answers(token(), listing(connection(), connection("con-2")), accounts, listing(MAY_ASK), identities)
    (one,) = (await desk.open("con-1", "con-2")).parties
    assert one.account_provider_ids == ("acc-1", "acc-2")
    assert (one.email, one.phone) == ("gavin@hooli.com", "+61400000000")


async def test_business_is_the_party_and_not_who_acts_for_it(desk: Desk) -> None:
    organisation = {"agentLastName": "Bream", "businessName": "Bream Advisory Pty Ltd", "legalName": "Bream Holdings"}
    (one,) = await parties(desk, [account()], identity("Laurie Bream", organisation=organisation))
    assert (one.name, one.account_provider_ids) == ("Bream Advisory Pty Ltd", ("acc-1",))
    assert (one.email, one.birth_date) == ("gavin@hooli.com", None)


@pytest.mark.parametrize(
    ("organisation", "expected"),
    [
        ({"businessName": "", "legalName": "Bream Holdings", "shortName": "Bream"}, "Bream Holdings"),
        ({"shortName": "Bream"}, "Bream"),
        ({"agentLastName": "Bream"}, "Gavin Belson"),
        ({}, "Gavin Belson"),
        ("", "Gavin Belson"),
        (None, "Gavin Belson"),
    ],
)
async def test_business_without_its_own_name_is_known_by_another(
    desk: Desk, organisation: object, expected: str
) -> None:
    (one,) = await parties(desk, [account()], identity(organisation=organisation))
    assert one.name == expected
