"""The hand-made sample payloads, where they lie beside the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from bankweave.adapter import Response
from bankweave.errors import BankweaveError, ConfigurationError
from bankweave.flow import Connect, Connected, Failed
from bankweave.model import AccountType
from bankweave.testing import FakeContext
from bankweave_kontomatik import Kontomatik, protocol
from bankweave_kontomatik.refusals import refusal

from .travel import go_on, until_over

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "kontomatik"
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample payloads are not beside the repository"),
]
ERRORS = sorted((SAMPLES / "errors").glob("*.xml"))


def sample(name: str, status: int = 200) -> Response:
    return Response(status=status, body=(SAMPLES / name).read_bytes())


@pytest.fixture
def ctx() -> FakeContext:
    return FakeContext(owner="loan-app-2026-000417")


def signed_in() -> list[Response]:
    return [
        sample("redirection/fetch-redirection.response.json"),
        sample("redirection/redirection-status.success-multiple.json"),
        sample("commands/default-import.start.response.xml", 202),
    ]


async def test_the_main_sample_is_read_from_sign_in_to_the_last_row(adapter: Kontomatik, ctx: FakeContext) -> None:
    document = sample("commands/command.successful.default-import.xml")
    running = [sample("commands/command.setup.xml"), sample("commands/command.in_progress.xml")]
    ctx.http.answers = [*signed_in(), *running, *[document] * 3]
    over = await until_over(adapter, ctx, await adapter.begin(ctx, Connect(redirect_uri="https://app.example")))
    assert isinstance(over, Connected)
    found = await adapter.open(ctx, over.grant)
    pages = [page async for page in adapter.pull(ctx, over.grant, found.streams[0], cursor=None, since=None)]
    assert [(account.currency, account.name) for account in found.accounts] == [
        ("PLN", "Codzienne"),
        ("EUR", "Konto Walutowe EUR"),
    ]
    assert [len(page.rows) for page in pages] == [8, 4]
    booked = {balance.account_provider_id: balance.amount for balance in reversed(found.balances)}
    for page in pages:
        assert page.rows[0].balance_after == booked[page.account]
        for newer, older in zip(page.rows, page.rows[1:], strict=False):
            assert newer.balance_after is not None
            assert newer.balance_after - newer.amount == older.balance_after


async def test_the_partial_sample_is_partial_for_one_account_and_has_a_card(
    adapter: Kontomatik, ctx: FakeContext
) -> None:
    document = sample("commands/command.successful.partial.xml")
    ctx.http.answers = [*signed_in(), *[document] * 3]
    over = await until_over(adapter, ctx, await adapter.begin(ctx, Connect(redirect_uri="https://app.example")))
    assert isinstance(over, Connected)
    found = await adapter.open(ctx, over.grant)
    pages = [page async for page in adapter.pull(ctx, over.grant, found.streams[0], cursor=None, since=None)]
    assert [page.partial for page in pages] == [True, False, False]
    assert [account.type for account in found.accounts].count(AccountType.CARD) == 1


@pytest.mark.parametrize("name", ["command.error.xml", "command.fatal.xml"])
async def test_the_failed_samples_fail(adapter: Kontomatik, ctx: FakeContext, name: str) -> None:
    ctx.http.answers = [*signed_in(), sample(f"commands/{name}")]
    over = await until_over(adapter, ctx, await adapter.begin(ctx, Connect(redirect_uri="https://app.example")))
    assert isinstance(over, Failed)


@pytest.mark.parametrize("name", ["unknown-id-404.json", "unknown-id-404.alt.xml", "expired.json"])
async def test_the_dead_redirections_are_over(adapter: Kontomatik, ctx: FakeContext, name: str) -> None:
    answer = sample(f"redirection/redirection-status.{name}", 404 if "404" in name else 200)
    ctx.http.answers = [sample("redirection/fetch-redirection.response.json"), answer]
    step = await adapter.begin(ctx, Connect(redirect_uri="https://app.example"))
    assert isinstance(await go_on(adapter, ctx, step), Failed)


def test_session_and_catalog_samples_are_read() -> None:
    session = protocol.read_session(sample("sessions/reuse-multiple-access.response.xml"), "loan-app-2026-000417")
    assert session.id == "512340933"
    targets = protocol.read_targets(sample("catalog/catalog.response.xml"))
    assert [target.country for target in targets] == ["pl", "pl", "cz", "lt"]
    protocol.read_deleted(sample("sessions/delete-multiple-access.response.xml"))


@pytest.mark.parametrize("path", ERRORS, ids=lambda path: path.stem)
def test_every_error_sample_is_known_by_its_name(path: Path) -> None:
    status, _, name = path.stem.partition("-")
    error = refusal(Response(status=int(status), body=path.read_bytes()), "start_import")
    assert isinstance(error, BankweaveError)
    assert error.code == (None if isinstance(error, ConfigurationError) else name)
