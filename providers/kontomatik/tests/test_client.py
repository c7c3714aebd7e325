"""What only Kontomatik has: aggregated data, the catalog, health, mock sessions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from bankweave.adapter import HasClient, Response
from bankweave.errors import (
    BankweaveError,
    ConfigurationError,
    MalformedAnswer,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
    WrongSubject,
)
from bankweave.testing import FakeContext
from bankweave_kontomatik import PRODUCTION, TEST, AsyncKontomatikClient, Kontomatik

from . import payloads
from .payloads import IBAN, OTHER_IBAN, OWNER, Made, row

pytestmark = pytest.mark.anyio

HEAD: Mapping[str, str] = {
    "externalId": OWNER,
    "createdAt": "2026-11-20T10:13:57.264013Z",
    "updatedAt": "2026-11-20T11:02:10.118442Z",
    "origin": "scraper",
    "lastChange": "2026-11-20T12:02:31.335797+01:00",
}
CZECH = {"variableSymbol": "2026110014", "constantSymbol": "0308"}
DAILY = Made(
    rows=(row("-9.00", inner="<labels><label>rent</label><label>monthly</label></labels>", **CZECH), row("7.10")),
    texts={"friendlyName": "Daily", "currencyFundsAvailable": "90.00", "activeSinceAtLeast": "2025-10-08"},
    inner=payloads.owners(("Zofia", "OWNER"), ("Marek", "CO-OWNER")),
)
CARD = Made(
    tag="creditCard",
    rows=(row("-1.00"),),
    attributes='partialDueToTimeout="true"',
    texts={"iban": None, "cardId": "c-1", "number": "5100********1234", "limit": "500.00", "dueDate": "2026-12-01"},
)
PERSON = {
    "name": "Zofia",
    "kind": "OWNER",
    "nationality": "PL",
    "birthDate": "14.02.1990",
    "polishPesel": "90021401049",
}


def target(name: str = "KontoBankApi", *, accounts: str = "", rest: str = "<creditCards/><deposits/>") -> str:
    named = f'name="{name}" officialName="KontoBank" institution="KontoBank"'
    people = f"<owners><owner>{payloads.elements(**PERSON)}</owner></owners>"
    return f"<target {named}>{people}<accounts>{accounts}</accounts>{rest}</target>"


def data(*targets: str, owner: str = OWNER, **head: str) -> Response:
    attributes = " ".join(f'{name}="{value}"' for name, value in {**HEAD, **head}.items())
    return payloads.xml(payloads.reply(f"<owner {attributes}>{''.join(targets)}</owner>", owner=owner))


@pytest.fixture
def client(ctx: FakeContext) -> AsyncKontomatikClient:
    return client_of(ctx)


def client_of(ctx: FakeContext, **settings: object) -> AsyncKontomatikClient:
    return Kontomatik(payloads.settings(api_key="key-of-the-app", base_url=TEST, **settings)).client(ctx)


def test_the_adapter_offers_its_client(adapter: Kontomatik, ctx: FakeContext) -> None:
    assert isinstance(adapter, HasClient)
    assert isinstance(adapter.client(ctx), AsyncKontomatikClient)


# Aggregated data ------------------------------------------------------------------------------------------------------


async def test_aggregated_data_are_asked_for_by_owner_and_have_their_moments_to_the_microsecond(
    client: AsyncKontomatikClient, ctx: FakeContext
) -> None:
    ctx.http.answers = [data()]
    found = await client.aggregated()
    assert (ctx.http.sent[0].method, ctx.http.sent[0].url) == ("GET", f"{TEST}/v1/data.xml")
    assert dict(ctx.http.sent[0].params) == {"ownerExternalId": OWNER}
    assert found.owner_external_id == OWNER
    assert found.created_at == datetime(2026, 11, 20, 10, 13, 57, 264013, tzinfo=UTC)
    assert found.updated_at == datetime(2026, 11, 20, 11, 2, 10, 118442, tzinfo=UTC)
    assert found.last_change == datetime(2026, 11, 20, 11, 2, 31, 335797, tzinfo=UTC)
    assert (found.origin, found.targets) == ("scraper", ())


async def test_every_bank_of_the_owner_has_its_people_accounts_and_cards(
    client: AsyncKontomatikClient, ctx: FakeContext
) -> None:
    cards = f"<creditCards>{CARD}</creditCards><deposits/>"
    ctx.http.answers = [data(target(accounts=str(DAILY), rest=cards), target("KontoBankApi_cz"))]
    polish, czech = (await client.aggregated()).targets
    assert (polish.name, polish.official_name, polish.institution) == ("KontoBankApi", "KontoBank", "KontoBank")
    assert (czech.name, czech.accounts, czech.credit_cards) == ("KontoBankApi_cz", (), ())
    person = polish.owners[0]
    assert (person.name, person.kind, person.nationality, person.birth_date) == ("Zofia", "OWNER", "PL", None)
    (account,), (card,) = polish.accounts, polish.credit_cards
    assert (account.iban, account.currency, account.balance, account.available) == (
        IBAN,
        "PLN",
        Decimal("100.00"),
        Decimal("90.00"),
    )
    assert (account.friendly_name, account.active_since_at_least) == ("Daily", date(2025, 10, 8))
    assert [(owner.name, owner.kind) for owner in account.owners] == [("Zofia", "OWNER"), ("Marek", "CO-OWNER")]
    assert (account.partial, card.partial) == (False, True)
    assert (card.card_id, card.number, card.limit, card.due_date) == (
        "c-1",
        "5100********1234",
        "500.00",
        date(2026, 12, 1),
    )


async def test_rows_are_made_when_they_are_asked_for_and_as_often(
    client: AsyncKontomatikClient, ctx: FakeContext
) -> None:
    many = Made(texts={"iban": OTHER_IBAN}, rows=tuple(row(f"{number}.50") for number in range(1, 1302)))
    ctx.http.answers = [data(target(accounts=f"{DAILY}{many}"))]
    daily, other = (await client.aggregated()).targets[0].accounts
    for _ in range(2):
        first, second = daily.transactions()
        assert [str(each.amount) for each in other.transactions()] == [f"{number}.50" for number in range(1, 1302)]
    assert (first.amount, first.booked_on, first.title) == (Decimal("-9.00"), date(2026, 11, 20), "Coffee")
    assert (first.labels, first.variable_symbol, first.constant_symbol) == (("rent", "monthly"), "2026110014", "0308")
    assert (second.amount, second.labels, second.variable_symbol, second.balance) == (Decimal("7.10"), (), None, None)


@pytest.mark.parametrize("spelling", ["interest", "interests"])
async def test_interest_is_read_in_both_spellings(
    client: AsyncKontomatikClient, ctx: FakeContext, spelling: str
) -> None:
    card = Made(tag="creditCard", texts={"cardId": "c-1", spelling: "9.9 %"})
    ctx.http.answers = [data(target(rest=f"<creditCards>{card}</creditCards>"))]
    assert (await client.aggregated()).targets[0].credit_cards[0].interest == "9.9 %"


async def test_of_deposits_and_loans_all_is_there_whatever_it_is(
    client: AsyncKontomatikClient, ctx: FakeContext
) -> None:
    rest = (
        "<deposits><deposit><name>Lokata</name><rate><value>5</value></rate><currencyBalance>about 100</currencyBalance>"
        "<moneyTransactions><moneyTransaction><day>today</day></moneyTransaction></moneyTransactions></deposit></deposits>"
        "<loans><loan><number>77</number></loan></loans>"
    )
    ctx.http.answers = [data(target(rest=rest))]
    bank = (await client.aggregated()).targets[0]
    (deposit,), (loan,) = bank.deposits, bank.loans
    assert (deposit.name, deposit.balance, deposit.partial) == ("Lokata", "about 100", True)
    assert deposit.fields["rate"] == {"value": "5"}
    assert list(deposit.transactions()) == []
    assert (loan.number, loan.partial) == ("77", False)


async def test_no_data_are_an_error_that_says_how_long_they_are_kept(
    client: AsyncKontomatikClient, ctx: FakeContext
) -> None:
    ctx.http.answers = [payloads.exception("InvalidOwnerExternalId", 404)]
    with pytest.raises(ProviderRefused, match="a day") as caught:
        await client.aggregated()
    assert caught.value.code == "InvalidOwnerExternalId"


@pytest.mark.parametrize(
    "answer",
    [
        data(owner="ben"),
        data(externalId="ben"),
    ],
)
async def test_data_of_another_owner_are_not_used(
    client: AsyncKontomatikClient, ctx: FakeContext, answer: Response
) -> None:
    ctx.http.answers = [answer]
    with pytest.raises(WrongSubject):
        await client.aggregated()


WHOLE = data(target(accounts=str(DAILY)), target("KontoBankApi_cz", accounts=str(DAILY))).body


@pytest.mark.parametrize(
    "answer",
    [
        payloads.xml(payloads.reply()),
        data(createdAt="yesterday"),
        data(target(accounts=str(Made(rows=(row("much"),))))),
        data(target(accounts=str(Made(texts={"currencyBalance": "much"})))),
        data(target(rest=row())),
        payloads.xml(payloads.reply(f"<owner/><owner/>{row()}")),
        payloads.xml("<!DOCTYPE reply><reply><owner/></reply>"),
        *(Response(status=200, body=WHOLE[: len(WHOLE) * part // 10]) for part in range(10)),
    ],
)
async def test_aggregated_data_are_read_whole_or_not_at_all(
    client: AsyncKontomatikClient, ctx: FakeContext, answer: Response
) -> None:
    ctx.http.answers = [answer]
    with pytest.raises(MalformedAnswer):
        await client.aggregated()


async def test_another_owner_can_be_asked_for_by_what_kontomatik_knows_them_by(
    client: AsyncKontomatikClient, ctx: FakeContext
) -> None:
    ctx.http.answers = [data(owner="ben", externalId="ben")]
    assert (await client.aggregated("ben")).owner_external_id == "ben"


async def test_deleting_says_whether_there_was_anything_and_can_be_repeated(
    client: AsyncKontomatikClient, ctx: FakeContext
) -> None:
    ctx.http.answers = [payloads.xml(payloads.reply()), payloads.exception("InvalidOwnerExternalId", 404)]
    assert await client.delete_aggregated()
    assert not await client.delete_aggregated()
    assert [(request.method, dict(request.params)) for request in ctx.http.sent] == [
        ("DELETE", {"ownerExternalId": OWNER})
    ] * 2


@pytest.mark.parametrize("name", ["aggregated", "delete_aggregated"])
async def test_a_refusal_is_one_of_our_errors(client: AsyncKontomatikClient, ctx: FakeContext, name: str) -> None:
    ctx.http.answers = [payloads.exception("ServiceMaintenance", 503)]
    with pytest.raises(ProviderUnavailable):
        await getattr(client, name)()


def test_deleting_is_said_to_hit_all_banks() -> None:
    assert "ALL THEIR BANKS" in (AsyncKontomatikClient.delete_aggregated.__doc__ or "")


async def test_the_records_show_neither_names_nor_numbers(client: AsyncKontomatikClient, ctx: FakeContext) -> None:
    ctx.http.answers = [data(target(accounts=str(DAILY), rest=f"<creditCards>{CARD}</creditCards>"))]
    found = await client.aggregated()
    shown = repr(found) + repr(list(found.targets[0].accounts[0].transactions()))
    assert not [word for word in (OWNER, "Zofia", "Marek", IBAN, "90021401049", "5100", "Coffee") if word in shown]


# Catalog --------------------------------------------------------------------------------------------------------------

CREDENTIAL = (
    '<credentialsMetadata><credentialMetadata kind="CHOICE"><name>Kind</name><supported>true</supported>'
    "<asterisked>false</asterisked><choice><option>Private</option><option>Firm</option></choice></credentialMetadata>"
    "</credentialsMetadata>"
)


def listed(name: str, official: str, *, country: str = "pl", inner: str = "", **attributes: str) -> str:
    institution = attributes.pop("institution", name.replace("Api", ""))
    more = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    named = f'country="{country}" name="{name}" institution="{institution}" officialName="{official}" {more}'
    can = '<supportedAccountTypes><supportedAccountType name="Individual"/></supportedAccountTypes>'
    commands = '<commands><command name="DefaultImportCommand"/></commands>'
    return f"<target {named}>{can}{commands}{inner}</target>"


PKO_API = listed("PkoApi", "PKO Bank Polski", psd2="true")
PKO = listed("Pko", "PKO Bank Polski", loginName="Numer klienta", inner=CREDENTIAL)
SKOK = listed("SkokApi", "Spółdzielcza Kasa Łódź", beta="true", psd2="true")
FIO = listed("FioApi_cz", "Fio banka", country="cz", psd2="true", officialUrl="https://fio.example")


def catalog(*targets: str) -> Response:
    return payloads.xml(payloads.reply(f"<targets>{''.join(targets)}</targets>"))


async def test_the_catalog_says_which_bank_can_do_what_by_which_way(
    client: AsyncKontomatikClient, ctx: FakeContext
) -> None:
    ctx.http.answers = [catalog(PKO_API, PKO, SKOK), catalog(PKO_API), catalog(PKO_API, PKO, SKOK)]
    pko, skok = await client.catalog(country="PL")
    assert [dict(request.params) for request in ctx.http.sent] == [
        {"accessMode": mode, "country": "pl"} for mode in ("SINGLE", "MULTIPLE", "MIXED")
    ]
    assert (pko.name, pko.official_name, pko.country) == ("Pko", "PKO Bank Polski", "PL")
    assert (pko.access_modes, pko.multiple_access, pko.psd2, pko.beta) == (
        ("SINGLE", "MULTIPLE", "MIXED"),
        True,
        True,
        False,
    )
    assert (skok.access_modes, skok.multiple_access, skok.beta) == (("SINGLE", "MIXED"), False, True)
    api, form = pko.targets
    assert (api.name, api.psd2, api.access_modes) == ("PkoApi", True, ("SINGLE", "MULTIPLE", "MIXED"))
    assert (form.name, form.psd2, form.login_name, form.multiple_access) == ("Pko", False, "Numer klienta", False)
    assert (form.imports, form.account_types, form.commands) == (True, ("Individual",), ("DefaultImportCommand",))
    (credential,) = form.credentials
    assert (credential.kind, credential.name, credential.supported, credential.asterisked, credential.choices) == (
        "CHOICE",
        "Kind",
        True,
        False,
        ("Private", "Firm"),
    )


async def test_the_catalog_of_one_mode_is_one_request_and_other_countries_are_left_out(
    client: AsyncKontomatikClient, ctx: FakeContext
) -> None:
    ctx.http.answers = [catalog(PKO_API, FIO)]
    (fio,) = await client.catalog("MULTIPLE", "cz")
    assert (fio.name, fio.country, fio.targets[0].website) == ("Fio_cz", "CZ", "https://fio.example")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("pko", ["Pko"]),
        ("LODZ kasa", ["Skok"]),
        ("spółdzielcza", ["Skok"]),
        ("bank", ["Pko", "Fio_cz"]),
        ("fio bank", ["Fio_cz"]),
        ("fioapi", ["Fio_cz"]),
        ("", ["Pko", "Skok", "Fio_cz"]),
        ("nowhere", []),
    ],
)
async def test_banks_are_found_by_words_of_their_names(
    client: AsyncKontomatikClient, ctx: FakeContext, text: str, names: list[str]
) -> None:
    ctx.http.answers = [catalog(PKO_API, SKOK, FIO)]
    assert [bank.name for bank in await client.find_institutions(text)] == names
    assert dict(ctx.http.sent[0].params) == {"accessMode": "MIXED"}


async def test_the_likeliest_bank_comes_first(client: AsyncKontomatikClient, ctx: FakeContext) -> None:
    inside, begins, same = (listed(f"{name}Api", name) for name in ("Wielka Ing", "Ing Nowy", "Ing"))
    ctx.http.answers = [catalog(inside, begins, same)]
    assert [bank.official_name for bank in await client.find_institutions("ING")] == ["Ing", "Ing Nowy", "Wielka Ing"]


# Health ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "is_up", "status"),
    [
        ([payloads.json({"status": "UP"})], True, 200),
        ([payloads.xml("", 404), payloads.xml("OK")], True, 200),
        ([payloads.xml("", 503)], False, 503),
        ([payloads.xml("", 404), payloads.xml("", 500)], False, 500),
        ([ProviderUnavailable("no way there")], False, None),
    ],
)
async def test_health_is_asked_for_without_a_key(
    client: AsyncKontomatikClient,
    ctx: FakeContext,
    answers: list[Response | BankweaveError],
    is_up: bool,  # noqa: FBT001 - a parameter of the test
    status: int | None,
) -> None:
    ctx.http.answers = [*answers]
    health = await client.health()
    assert (health.is_up, health.status) == (is_up, status)
    assert all("X-Api-Key" not in request.headers for request in ctx.http.sent)


async def test_without_either_path_nobody_knows(client: AsyncKontomatikClient, ctx: FakeContext) -> None:
    ctx.http.answers = [payloads.xml("", 404), payloads.xml("", 404)]
    with pytest.raises(ProviderRefused):
        await client.health()


# Mock sessions --------------------------------------------------------------------------------------------------------

SESSION = f'<session id="{payloads.SESSION}" signature="{payloads.SIGNATURE}">'
INSIDE = f"{SESSION}<multipleAccessId>{payloads.ACCESS}</multipleAccessId></session>"
BESIDE = f"{SESSION}</session><multipleAccessId> {payloads.ACCESS} </multipleAccessId>"


@pytest.mark.parametrize(
    ("inner", "access"), [(INSIDE, payloads.ACCESS), (BESIDE, payloads.ACCESS), (f"{SESSION}</session>", None)]
)
async def test_a_mock_session_is_opened_without_a_browser(
    client: AsyncKontomatikClient, ctx: FakeContext, inner: str, access: str | None
) -> None:
    ctx.http.answers = [payloads.xml(payloads.reply(inner, owner=OWNER))]
    found = await client.mock_session("test1", "pl", owner_email="a@e.example")
    assert (found.id, found.signature, found.multiple_access_id) == (payloads.SESSION, payloads.SIGNATURE, access)
    assert payloads.SIGNATURE not in repr(found)
    request = ctx.http.sent[0]
    assert not request.repeatable
    assert parse_qs((request.body or b"").decode()) == {
        "login": ["test1"],
        "country": ["pl"],
        "ownerExternalId": [OWNER],
        "multipleAccess": ["true"],
        "ownerEmail": ["a@e.example"],
    }


@pytest.mark.parametrize(
    "url", [PRODUCTION, "https://test.api.kontomatik.com.evil.example", "https://10.0.0.1", "https://localhost.example"]
)
async def test_where_real_people_sign_in_there_is_no_mock_session(ctx: FakeContext, url: str) -> None:
    client = Kontomatik(payloads.settings(api_key="k", base_url=url)).client(ctx)
    with pytest.raises(ConfigurationError, match="allow_mock"):
        await client.mock_session("test1", "pl")
    assert ctx.http.sent == []


@pytest.mark.parametrize(
    "settings",
    [
        {"base_url": "http://127.0.0.1:8080"},
        {"base_url": "http://[::1]:1"},
        {"base_url": "http://localhost"},
        {"allow_mock": True},
    ],
)
async def test_a_server_on_this_machine_or_a_setting_allows_it(ctx: FakeContext, settings: dict[str, object]) -> None:
    ctx.http.answers = [payloads.xml(payloads.reply(INSIDE))]
    client = Kontomatik(payloads.settings(api_key="k", **settings)).client(ctx)
    assert (await client.mock_session("test1", "pl", multiple_access=False)).id == payloads.SESSION
    assert b"multipleAccess=false" in (ctx.http.sent[0].body or b"")


async def test_a_lost_mock_session_is_not_asked_for_again(client: AsyncKontomatikClient, ctx: FakeContext) -> None:
    ctx.http.answers = [OutcomeUnknown("lost")]
    with pytest.raises(OutcomeUnknown):
        await client.mock_session("test1", "pl")


# Samples --------------------------------------------------------------------------------------------------------------

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "kontomatik"


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample payloads are not beside the repository")
async def test_the_sample_of_aggregated_data_is_read(client: AsyncKontomatikClient, ctx: FakeContext) -> None:
    ctx.http.answers = [Response(status=200, body=(SAMPLES / "data/data.response.xml").read_bytes())]
    found = await client.aggregated("loan-app-2026-000417")
    polish, czech = found.targets
    assert [len(list(account.transactions())) for account in polish.accounts] == [8, 4]
    assert [owner.kind for owner in polish.owners] == ["CO_OWNER", "OWNER"]
    assert polish.owners[1].birth_date == date(1990, 2, 14)
    assert [row.variable_symbol for row in czech.accounts[0].transactions()] == ["2026110014", None]
    assert found.created_at == datetime(2026, 11, 20, 10, 13, 57, 264013, tzinfo=UTC)
