"""Documents and all else that section 9 has, from the client down to the sandbox."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from kontist_client import SIGN_IN, tell
from sandboxed import Control

from bankweave.adapter import Response
from bankweave.errors import InvalidOrder, MalformedAnswer, OriginRefused, ProviderRefused
from bankweave.testing import FakeContext
from bankweave_kontist import KontistSettings
from bankweave_kontist.berlin import berlin_today
from bankweave_kontist.client import AsyncKontistClient
from bankweave_kontist.client.documents import EmailDocument
from bankweave_kontist.files.download import download
from bankweave_kontist.session import Session

pytestmark = pytest.mark.anyio


async def test_statements_are_listed_fetched_renamed_and_deleted(kontist_client: AsyncKontistClient) -> None:
    documents = kontist_client.documents
    categories = await documents.categories()
    statements = next(
        each for each in categories if "auszug" in each.category_name.lower() or each.folder_name == "Bank"
    )
    listed = await documents.list(categories=[statements.id])
    assert listed
    assert all(each.category == statements for each in listed)

    assert (await documents.download(listed[0])).startswith(b"%PDF")
    renamed = await documents.rename(listed[0].id, "Oktober")
    assert (renamed.id, renamed.name) == (listed[0].id, "Oktober")
    other = next(each for each in categories if each != statements)
    assert (await documents.move(listed[0].id, other.id)).category == other

    await documents.delete(listed[0].id)
    assert listed[0].id not in [each.id for each in await documents.list()]
    with pytest.raises(ProviderRefused):
        await documents.delete(listed[0].id)


async def test_a_document_needs_a_name(kontist_client: AsyncKontistClient) -> None:
    with pytest.raises(InvalidOrder):
        await kontist_client.documents.rename("any", " ")


async def test_documents_of_a_year_are_of_that_year(kontist_client: AsyncKontistClient) -> None:
    assert all(berlin_today(each.created_at).year == 2026 for each in await kontist_client.documents.list(year=2026))
    assert await kontist_client.documents.list(year=1999) == []


@pytest.fixture
async def receipt(kontist_client: AsyncKontistClient, control: Control) -> EmailDocument:
    """A receipt that somebody has mailed."""
    tell(control, "POST", "/emails", {"to": SIGN_IN["username"], "filename": "r.pdf", "amount": "98765.43"})
    return next(each for each in await kontist_client.email_documents.list() if each.filename == "r.pdf")


async def test_mailed_receipts_are_listed_fetched_and_matched(
    kontist_client: AsyncKontistClient, receipt: EmailDocument
) -> None:
    mail = kontist_client.email_documents
    assert await mail.get(receipt.id) == receipt
    assert receipt.amount == Decimal("98765.43")
    assert (await mail.download(receipt)).startswith(b"%PDF")
    assert receipt.id in [each.id for each in await mail.list(unmatched=True)]
    assert receipt.id not in [each.id for each in await mail.list(sources=["WEB"])]

    transaction = (await kontist_client.transactions.newest()).rows[0].id
    await mail.match(receipt.id, transaction)
    assert (await mail.get(receipt.id)).transaction_id == transaction
    assert receipt.id not in [each.id for each in await mail.list(unmatched=True)]

    await mail.delete(receipt.id)
    with pytest.raises(ProviderRefused):
        await mail.get(receipt.id)


async def test_a_receipt_reaches_an_alias(kontist_client: AsyncKontistClient, control: Control) -> None:
    await kontist_client.users.create_email_alias("anna.receipts", "hash-1")

    tell(control, "POST", "/emails", {"to": "anna.receipts", "filename": "alias.pdf"})

    assert "alias.pdf" in [each.filename for each in await kontist_client.email_documents.list()]


async def test_the_user_confirms_for_a_year(kontist_client: AsyncKontistClient) -> None:
    await kontist_client.users.confirm("SUBMIT_ASSETS", 2025)
    await kontist_client.users.confirm("SUBMIT_ASSETS", 2025)


# Fetching files -------------------------------------------------------------------------------------------------------


URL = "https://api.kontist.com/files/1"


def fetching(*answers: Response, **settings: object) -> tuple[Session, FakeContext]:
    ctx = FakeContext()
    ctx.http.answers = [*answers]
    return Session(KontistSettings.model_validate({"client_id": "client-1", **settings}), ctx), ctx


async def test_a_file_is_fetched_under_the_token_which_is_renewed_once() -> None:
    session, ctx = fetching(Response(status=401), Response(status=200, body=b"%PDF"))

    assert await download(session, URL) == b"%PDF"
    assert [request.headers["Authorization"] for request in ctx.http.sent] == ["Bearer access-1", "Bearer access-2"]


async def test_nothing_is_asked_of_a_foreign_host() -> None:
    session, ctx = fetching(Response(status=302, headers={"location": "https://storage.example/1"}))

    with pytest.raises(OriginRefused, match="upload_origins"):
        await download(session, URL)
    with pytest.raises(OriginRefused):
        await download(session, "https://api.kontist.com.evil.example/1")

    assert [request.url for request in ctx.http.sent] == [URL]


async def test_a_storage_that_is_trusted_gets_no_token() -> None:
    session, ctx = fetching(
        Response(status=302, headers={"location": "https://storage.example/1"}),
        Response(status=200, body=b"%PDF"),
        upload_origins=["https://storage.example"],
    )

    assert await download(session, URL) == b"%PDF"
    assert "Authorization" not in ctx.http.sent[1].headers


@pytest.mark.parametrize("location", ["/files/2", ""])
async def test_a_redirect_leads_one_step_at_most(location: str) -> None:
    redirect = Response(status=302, headers={"location": location} if location else {})
    session, _ = fetching(redirect, redirect)

    with pytest.raises(MalformedAnswer):
        await download(session, URL)


async def test_a_file_that_is_gone_is_refused() -> None:
    session, _ = fetching(Response(status=404))

    with pytest.raises(ProviderRefused) as caught:
        await download(session, URL)

    assert caught.value.code == "404"


# Taxes and addresses --------------------------------------------------------------------------------------------------


async def test_a_declaration_is_shown_marked_and_handed_in(kontist_client: AsyncKontistClient) -> None:
    declarations = kontist_client.declarations
    statistics = await declarations.statistics("44", 2026)  # Anna declares by quarters
    assert statistics.amount == statistics.amount.quantize(Decimal("0.01"))
    assert sum(len(group.transactions) for group in statistics.category_groups) + len(statistics.uncategorized) > 0

    marked = await declarations.mark("42", 2026, "NOT_NEEDED")
    assert (marked.period, marked.submission_status) == ("42", "NOT_NEEDED")
    await declarations.reset("42", 2026)

    submitted = await declarations.submit("43", 2026)
    assert (submitted.period, submitted.year) == ("43", 2026)
    assert [each.period for each in await declarations.submissions("43", 2026)] == ["43"]
    listed = await declarations.list("UStVA")
    assert submitted.id in [each.id for each in listed]
    assert (await declarations.pdf_url(submitted.id) or "http").startswith("http")


async def test_tax_numbers_come_change_and_go(kontist_client: AsyncKontistClient) -> None:
    numbers = kontist_client.tax_numbers
    made = await numbers.create(
        "1121081508150", "BUSINESS", description="Laden", is_main=True, valid_from=date(2026, 11, 1)
    )
    assert (made.description, made.is_main_business_tax_number, made.valid_from) == ("Laden", True, date(2026, 11, 1))

    changed = await numbers.update(made.model_copy(update={"description": "Büro"}))
    assert (changed.id, changed.description, changed.valid_from) == (made.id, "Büro", date(2026, 11, 1))

    await numbers.delete(made.id)
    assert made.id not in [each.id for each in await numbers.list() if each.deleted_at is None]


async def test_the_business_moves(kontist_client: AsyncKontistClient) -> None:
    addresses = kontist_client.addresses
    moved = await addresses.create("Torstraße 177", "10115", "Berlin", moving_date=date(2026, 11, 17))

    assert moved.moving_date == date(2026, 11, 17)
    assert await addresses.last() == moved
    assert moved in await addresses.list()
    with pytest.raises(InvalidOrder):
        await addresses.create("", "10115", "Berlin", moving_date=date(2026, 11, 17))


# Plans and clients ----------------------------------------------------------------------------------------------------


async def test_plans_are_offered_and_bought(kontist_client: AsyncKontistClient, control: Control) -> None:
    offer = await kontist_client.plans.list()
    dearest = max(offer.plans, key=lambda plan: plan.fee.amount)
    assert dearest.fee.amount > 0

    bought = await kontist_client.plans.subscribe("PREMIUM")
    assert bought.type == "PREMIUM"
    assert [each.type for each in await kontist_client.plans.purchases()] == ["PREMIUM"]
    control.elapse(minutes=5)  # it is processed
    other = next(plan.type for plan in offer.plans if plan.type not in {"PREMIUM", "FREE"})
    changed = await kontist_client.plans.change(other)
    assert changed.new_plan == other


async def test_an_oauth_client_lives_from_its_registration_to_its_end(kontist_client: AsyncKontistClient) -> None:
    clients = kontist_client.clients
    made = await clients.create(
        "Shop", scopes=["accounts", "offline"], redirect_uri="https://shop.example/callback", secret="s3cret-s3cret"
    )
    assert made.scopes == ("accounts", "offline")
    assert set(made.grant_types or ()) == {"authorization_code", "refresh_token"}
    assert await clients.get(made.id) == made

    changed = await clients.update(made.id, name="Laden")
    assert (changed.name, changed.scopes, changed.redirect_uri) == ("Laden", made.scopes, made.redirect_uri)
    assert changed in await clients.list()

    await clients.delete(made.id)
    assert await clients.get(made.id) is None
    with pytest.raises(InvalidOrder):
        await clients.create(" ", scopes=["accounts"])
