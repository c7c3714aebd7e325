"""Connecting without a browser, for tests."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from bankweave.adapter import Response
from bankweave.errors import ConfigurationError, OutcomeUnknown, ProviderRefused, ProviderUnavailable
from bankweave.flow import Connect, Connected, Failed, Reason, Renew, Wait
from bankweave.testing import FakeContext
from bankweave_kontomatik import TEST, Kontomatik
from bankweave_kontomatik.grant import Grant

from . import payloads
from .payloads import ACCESS, OWNER
from .travel import operations, until_over

pytestmark = pytest.mark.anyio

SESSION = f'<session id="6001" signature="{payloads.SIGNATURE}"><multipleAccessId>{ACCESS}</multipleAccessId></session>'
OPENED = payloads.xml(payloads.reply(SESSION, owner=OWNER))
DONE = payloads.xml(payloads.result())


def adapter_of(**settings: object) -> Kontomatik:
    return Kontomatik(payloads.settings(**{"api_key": "k", "base_url": TEST, **settings}))


def mocking(**options: str) -> Connect:
    return Connect(redirect_uri=None, options={"mock_login": "test1", "country": "pl", **options})


async def test_a_mock_login_connects_without_a_browser(ctx: FakeContext) -> None:
    ctx.http.answers = [OPENED, payloads.started(), DONE]
    adapter = adapter_of()
    step = await adapter.begin(ctx, mocking())
    assert isinstance(step, Wait)
    assert step.poll_at == ctx.now()
    over = await until_over(adapter, ctx, step)
    assert isinstance(over, Connected)
    assert operations(ctx) == ["mock_session", "start_import", "ask_command"]
    assert parse_qs((ctx.http.sent[0].body or b"").decode()) == {
        "login": ["test1"],
        "country": ["pl"],
        "ownerExternalId": [OWNER],
        "multipleAccess": ["true"],
    }
    assert over.grant.access.multiple_access_id == ACCESS
    assert over.institution is not None
    assert (over.institution.id, over.institution.country) == ("KontoBankApi", "PL")
    assert over.consent is not None
    assert over.consent.recurring is True


async def test_single_access_asks_for_one_import(ctx: FakeContext) -> None:
    alone = payloads.xml(payloads.reply(f'<session id="6001" signature="{payloads.SIGNATURE}"/>'))
    ctx.http.answers = [alone, payloads.started(), DONE]
    adapter = adapter_of()
    over = await until_over(adapter, ctx, await adapter.begin(ctx, mocking(access_mode="SINGLE")))
    assert b"multipleAccess=false" in (ctx.http.sent[0].body or b"")
    assert isinstance(over, Connected)
    assert over.consent is not None
    assert over.consent.recurring is False


async def test_a_renewal_can_do_it_as_well(ctx: FakeContext, grant: Grant) -> None:
    ctx.http.answers = [OPENED, payloads.started(), DONE]
    adapter = adapter_of()
    intent = Renew(grant=grant, redirect_uri=None, options={"mock_login": "test1"})
    assert isinstance(await until_over(adapter, ctx, await adapter.begin(ctx, intent)), Connected)
    assert b"country=pl" in (ctx.http.sent[0].body or b"")


@pytest.mark.parametrize("settings", [{"base_url": "https://api.kontomatik.com"}, {"base_url": "https://10.0.0.1"}])
async def test_where_real_people_sign_in_it_is_refused(ctx: FakeContext, settings: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="allow_mock"):
        await adapter_of(**settings).begin(ctx, mocking())
    ctx.http.answers = [OPENED]
    assert isinstance(await adapter_of(**settings, allow_mock=True).begin(ctx, mocking()), Wait)


async def test_without_a_country_nothing_is_sent(ctx: FakeContext) -> None:
    with pytest.raises(ConfigurationError, match="country"):
        await adapter_of().begin(ctx, Connect(redirect_uri=None, options={"mock_login": "test1"}))
    assert ctx.http.sent == []


@pytest.mark.parametrize(
    ("name", "reason"), [("InvalidCredentials", Reason.WRONG_ANSWER), ("UserCancelled", Reason.USER_REFUSED)]
)
async def test_a_login_that_fails_fails_as_any_other(ctx: FakeContext, name: str, reason: Reason) -> None:
    ctx.http.answers = [payloads.exception(name)]
    step = await adapter_of().begin(ctx, mocking())
    assert isinstance(step, Failed)
    assert (step.reason, step.provider_code) == (reason, name)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (payloads.exception("InvalidParameter"), ProviderRefused),
        (payloads.exception("ServiceTemporarilyUnavailable"), ProviderUnavailable),
        (OutcomeUnknown("lost"), OutcomeUnknown),
    ],
)
async def test_what_is_no_fault_of_the_login_is_raised(
    ctx: FakeContext, answer: Response | OutcomeUnknown, expected: type[Exception]
) -> None:
    ctx.http.answers = [answer]
    with pytest.raises(expected):
        await adapter_of().begin(ctx, mocking())
    assert operations(ctx) == ["mock_session"]
