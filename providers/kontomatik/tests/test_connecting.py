"""Signing in by redirection, and the import after it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from bankweave.adapter import Request
from bankweave.errors import (
    BankweaveError,
    ConfigurationError,
    MalformedAnswer,
    OutcomeUnknown,
    ProviderUnavailable,
    WrongSubject,
)
from bankweave.flow import Ask, Connect, Connected, Failed, Reason, Redirect, Renew, Wait
from bankweave.model import ConsentStatus
from bankweave.testing import FakeContext
from bankweave_kontomatik import Kontomatik
from bankweave_kontomatik.grant import Grant

from . import payloads
from .travel import BACK, go_on, operations, until_over

pytestmark = pytest.mark.anyio

CONNECT = Connect(redirect_uri="https://app.example/back?x=1")
SIGNED_IN = [payloads.redirection(), payloads.success()]
DONE = payloads.xml(payloads.result())


def body_of(request: Request) -> Any:
    return json.loads(request.body or b"")


def form_of(request: Request) -> dict[str, list[str]]:
    return parse_qs((request.body or b"").decode())


async def test_connecting_asks_for_the_link_with_owner_country_locale_and_mode(
    adapter: Kontomatik, ctx: FakeContext
) -> None:
    ctx.http.answers = [payloads.redirection()]
    step = await adapter.begin(ctx, CONNECT)
    assert body_of(ctx.http.sent[0]) == {
        "redirectUri": "https://app.example/back?x=1",
        "ownerExternalId": "anna",
        "country": "pl",
        "locale": "pl",
        "psd2": {"accessMode": "MIXED"},
    }
    assert ctx.http.sent[0].headers["X-Api-Key"] == "key-of-the-app"
    assert isinstance(step, Ask)
    assert step.interaction == Redirect(url=payloads.LINK, expires_at=ctx.now() + timedelta(hours=1))
    assert step.correlation == "redirection-1"
    assert step.poll_at == ctx.now() + timedelta(minutes=5)
    assert step.expires_at == ctx.now() + timedelta(hours=24)


async def test_options_and_the_chosen_bank_decide_before_the_settings(adapter: Kontomatik, ctx: FakeContext) -> None:
    ctx.http.answers = [payloads.redirection()]
    options = {"country": "CZ", "locale": "en", "access_mode": "SINGLE"}
    await adapter.begin(ctx, Connect(redirect_uri="https://app.example", institution="FioApi_cz", options=options))
    sent = body_of(ctx.http.sent[0])
    assert (sent["country"], sent["locale"], sent["target"]) == ("cz", "en", "FioApi_cz")
    assert sent["psd2"] == {"accessMode": "SINGLE"}


@pytest.mark.parametrize(
    ("target", "country", "locale"),
    [("FioApi_cz", "cz", "cz"), ("PkoApi", "pl", "pl"), ("LuminorApi_lt", "lt", "en"), ("CorporateApi", "pl", "pl")],
)
async def test_without_a_setting_the_country_follows_from_the_bank(
    ctx: FakeContext, target: str, country: str, locale: str
) -> None:
    ctx.http.answers = [payloads.redirection()]
    adapter = Kontomatik(payloads.settings(api_key="k"))
    await adapter.begin(ctx, Connect(redirect_uri="https://app.example", institution=target))
    sent = body_of(ctx.http.sent[0])
    assert (sent["country"], sent["locale"]) == (country, locale)


async def test_the_bank_is_not_preselected_where_that_is_switched_off(ctx: FakeContext) -> None:
    ctx.http.answers = [payloads.redirection()]
    adapter = Kontomatik(payloads.settings(api_key="k", preselect=False))
    await adapter.begin(ctx, Connect(redirect_uri="https://app.example", institution="PkoApi"))
    assert "target" not in body_of(ctx.http.sent[0])


@pytest.mark.parametrize(
    ("intent", "told"),
    [
        (Connect(redirect_uri=None), "redirect_uri"),
        (Connect(redirect_uri="https://app.example"), "country"),
        (Connect(redirect_uri="https://app.example", options={"color": "red"}), "color"),
        (Connect(redirect_uri="https://app.example", options={"access_mode": "TWICE"}), "access_mode"),
    ],
)
async def test_what_the_application_left_out_is_named(ctx: FakeContext, intent: Connect, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        await Kontomatik(payloads.settings(api_key="k")).begin(ctx, intent)
    assert ctx.http.sent == []


async def test_a_link_that_leaves_tls_is_not_handed_out(adapter: Kontomatik, ctx: FakeContext) -> None:
    for link in ("http://signin.example/r", "javascript:alert(1)", "https://[broken"):
        ctx.http.answers = [payloads.json({"redirectionId": "r", "redirectionLink": link})]
        with pytest.raises(MalformedAnswer):
            await adapter.begin(ctx, CONNECT)


async def test_the_import_is_started_at_once_and_once(adapter: Kontomatik, ctx: FakeContext) -> None:
    ctx.http.answers = [
        *SIGNED_IN,
        payloads.started(),
        payloads.xml(payloads.command("setup")),
        payloads.xml(payloads.command("in_progress")),
        DONE,
    ]
    asked = await adapter.begin(ctx, CONNECT)
    back = await go_on(adapter, ctx, asked, BACK)
    assert isinstance(back, Wait)
    assert back.poll_at == ctx.now()
    over = await until_over(adapter, ctx, back)
    assert isinstance(over, Connected)
    assert operations(ctx) == ["fetch_redirection", "ask_status", "start_import", *["ask_command"] * 3]
    start = ctx.http.sent[2]
    assert not start.repeatable
    assert form_of(start) == {
        "sessionId": [payloads.SESSION],
        "sessionIdSignature": [payloads.SIGNATURE],
        "since": ["2024-11-22"],
    }


async def test_an_import_is_asked_about_every_few_seconds(adapter: Kontomatik, ctx: FakeContext) -> None:
    running = payloads.xml(payloads.command("in_progress"))
    ctx.http.answers = [*SIGNED_IN, payloads.started(), running, running]
    step = await adapter.begin(ctx, CONNECT)
    for _ in range(4):
        step = await go_on(adapter, ctx, step)
        assert isinstance(step, Wait)
    assert isinstance(step, Wait)
    assert timedelta(seconds=2) <= step.poll_at - ctx.now() <= timedelta(seconds=5)


async def test_a_reusable_consent_lasts_180_days(adapter: Kontomatik, ctx: FakeContext) -> None:
    ctx.http.answers = [*SIGNED_IN, payloads.started(), DONE]
    over = await until_over(adapter, ctx, await adapter.begin(ctx, CONNECT))
    assert isinstance(over, Connected)
    assert over.consent is not None
    assert over.consent.status is ConsentStatus.VALID
    assert over.consent.recurring is True
    assert over.consent.valid_from is not None
    assert over.consent.valid_until == over.consent.valid_from + timedelta(days=180)
    assert over.institution is not None
    assert (over.institution.id, over.institution.name, over.institution.country) == ("KontoBankApi", "KontoBank", "PL")


async def test_an_access_for_one_import_says_so(adapter: Kontomatik, ctx: FakeContext) -> None:
    alone = payloads.success(multiple_access_id=None)
    ctx.http.answers = [payloads.redirection(), alone, payloads.started(), DONE]
    over = await until_over(adapter, ctx, await adapter.begin(ctx, CONNECT))
    assert isinstance(over, Connected)
    assert over.consent is not None
    assert (over.consent.recurring, over.consent.valid_until) == (False, None)


async def test_the_status_word_may_come_in_any_case_and_in_its_longer_form(
    adapter: Kontomatik, ctx: FakeContext
) -> None:
    for word in ("SUCCESS", "Successful"):
        found = payloads.status(word, sessionId=6001, sessionIdSignature=payloads.SIGNATURE)
        ctx.http.answers = [payloads.redirection(), found]
        assert isinstance(await go_on(adapter, ctx, await adapter.begin(ctx, CONNECT), BACK), Wait)


async def test_a_success_without_a_session_is_not_believed(adapter: Kontomatik, ctx: FakeContext) -> None:
    ctx.http.answers = [payloads.redirection(), payloads.status("success", target="KontoBankApi")]
    with pytest.raises(MalformedAnswer):
        await go_on(adapter, ctx, await adapter.begin(ctx, CONNECT), BACK)


@pytest.mark.parametrize("params", [{}, None, [], "", {"anything": 1}])
async def test_an_unknown_status_is_pending_and_asked_for_again_after_five_minutes(
    adapter: Kontomatik, ctx: FakeContext, params: object
) -> None:
    ctx.http.answers = [payloads.redirection(), payloads.json({"status": "Pondering", "params": params})]
    asked = await adapter.begin(ctx, CONNECT)
    again = await go_on(adapter, ctx, asked)
    assert isinstance(asked, Ask)
    assert isinstance(again, Ask)
    assert again.poll_at == ctx.now() + timedelta(minutes=5)
    assert again.interaction == asked.interaction
    assert (again.expires_at, again.correlation) == (asked.expires_at, asked.correlation)


async def test_a_link_that_nobody_used_has_expired(adapter: Kontomatik, ctx: FakeContext) -> None:
    ctx.http.answers = [payloads.redirection(), payloads.json({"status": "expired"})]
    over = await go_on(adapter, ctx, await adapter.begin(ctx, CONNECT))
    assert isinstance(over, Failed)
    assert over.reason is Reason.EXPIRED
    assert "begin a new one" in over.message


@pytest.mark.parametrize(
    "unknown",
    [
        payloads.json({"exception": {"name": "InvalidRedirectionId", "message": "?"}}, 404),
        payloads.exception("InvalidRedirectionId", 404),
        payloads.exception("InvalidRedirectionId", 400),
        payloads.xml("", 404),
    ],
)
async def test_a_forgotten_sign_in_has_expired_whatever_the_error_looks_like(
    adapter: Kontomatik, ctx: FakeContext, unknown: Any
) -> None:
    ctx.http.answers = [payloads.redirection(), unknown]
    over = await go_on(adapter, ctx, await adapter.begin(ctx, CONNECT))
    assert isinstance(over, Failed)
    assert over.reason is Reason.EXPIRED


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("InvalidCredentials", Reason.WRONG_ANSWER),
        ("TargetCredentialsMismatch", Reason.WRONG_ANSWER),
        ("AccessBlocked", Reason.USER_ACTION),
        ("AccessTemporarilyBlocked", Reason.USER_ACTION),
        ("ManualActionRequired", Reason.USER_ACTION),
        ("UnsupportedLoginMethod", Reason.USER_ACTION),
        ("InsufficientIdentificationLevel", Reason.USER_ACTION),
        ("IOException", Reason.UNAVAILABLE),
        ("ServiceMaintenance", Reason.UNAVAILABLE),
        ("UserCancelled", Reason.USER_REFUSED),
        ("SomethingNew", Reason.REFUSED),
    ],
)
async def test_a_failed_sign_in_says_what_can_be_done(
    adapter: Kontomatik, ctx: FakeContext, name: str, reason: Reason
) -> None:
    ctx.http.answers = [payloads.redirection(), payloads.status("error", exception=name)]
    over = await go_on(adapter, ctx, await adapter.begin(ctx, CONNECT), BACK)
    assert isinstance(over, Failed)
    assert (over.reason, over.provider_code) == (reason, name)


@pytest.mark.parametrize("params", [{}, {"exception": None}, {"exception": "Jan Kowalski PL61 1090"}])
async def test_a_failure_without_a_proper_name_shows_no_provider_text(
    adapter: Kontomatik, ctx: FakeContext, params: dict[str, object]
) -> None:
    ctx.http.answers = [payloads.redirection(), payloads.json({"status": "error", "params": params})]
    over = await go_on(adapter, ctx, await adapter.begin(ctx, CONNECT), BACK)
    assert isinstance(over, Failed)
    assert over.provider_code is None
    assert "Kowalski" not in over.message


async def test_asking_too_often_waits_five_then_ten_minutes(adapter: Kontomatik, ctx: FakeContext) -> None:
    limited = payloads.json({"exception": {"name": "TooManyRequests"}}, 429)
    ctx.http.answers = [payloads.redirection(), limited, limited, payloads.status("created"), limited]
    step = await adapter.begin(ctx, CONNECT)
    pauses = []
    for _ in range(4):
        step = await go_on(adapter, ctx, step)
        assert isinstance(step, Ask)
        assert step.poll_at is not None
        pauses.append((step.poll_at - ctx.now()).total_seconds() / 60)
    assert pauses == [5, 10, 5, 5]


async def test_a_retry_after_is_honoured(adapter: Kontomatik, ctx: FakeContext) -> None:
    later = ctx.now() + timedelta(minutes=42)
    ctx.http.answers = [payloads.redirection(), payloads.xml("", 429, retry_at=later)]
    step = await go_on(adapter, ctx, await adapter.begin(ctx, CONNECT))
    assert isinstance(step, Ask)
    assert step.poll_at == later


async def test_a_look_on_our_own_account_is_never_repeated_but_a_returning_persons_is(
    adapter: Kontomatik, ctx: FakeContext
) -> None:
    ctx.http.answers = [payloads.redirection(), payloads.status("created"), payloads.status("created")]
    step = await go_on(adapter, ctx, await adapter.begin(ctx, CONNECT))
    await go_on(adapter, ctx, step, BACK)
    assert [request.repeatable for request in ctx.http.sent[1:]] == [False, True]


@pytest.mark.parametrize("lost", [OutcomeUnknown("lost"), ProviderUnavailable("down"), payloads.xml("", 503)])
async def test_a_look_that_fails_is_tried_again_after_five_minutes(
    adapter: Kontomatik, ctx: FakeContext, lost: Any
) -> None:
    ctx.http.answers = [payloads.redirection(), lost]
    step = await go_on(adapter, ctx, await adapter.begin(ctx, CONNECT))
    assert isinstance(step, Ask)
    assert step.poll_at == ctx.now() + timedelta(minutes=5)


async def test_a_returning_person_is_told_that_kontomatik_is_down(adapter: Kontomatik, ctx: FakeContext) -> None:
    ctx.http.answers = [payloads.redirection(), payloads.xml("", 503)]
    with pytest.raises(ProviderUnavailable):
        await go_on(adapter, ctx, await adapter.begin(ctx, CONNECT), BACK)


@pytest.mark.parametrize(
    "lost", [OutcomeUnknown("lost"), payloads.xml("<html>Bad Gateway</html>", 502), payloads.xml("cut of", 202)]
)
async def test_a_start_whose_answer_was_lost_is_never_repeated(
    adapter: Kontomatik, ctx: FakeContext, lost: BankweaveError
) -> None:
    ctx.http.answers = [*SIGNED_IN, lost]
    over = await until_over(adapter, ctx, await adapter.begin(ctx, CONNECT))
    assert isinstance(over, Failed)
    assert over.reason is Reason.UNAVAILABLE
    assert "begin again" in over.message
    assert operations(ctx).count("start_import") == 1


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("DefaultImportAlreadyExecuted", Reason.REFUSED),
        ("InvalidSessionId", Reason.EXPIRED),
        ("SessionExpired", Reason.EXPIRED),
        ("InvalidSince", Reason.REFUSED),
    ],
)
async def test_a_start_that_is_refused_ends_the_flow(
    adapter: Kontomatik, ctx: FakeContext, name: str, reason: Reason
) -> None:
    ctx.http.answers = [*SIGNED_IN, payloads.exception(name)]
    over = await until_over(adapter, ctx, await adapter.begin(ctx, CONNECT))
    assert isinstance(over, Failed)
    assert (over.reason, over.provider_code) == (reason, name)


async def test_a_start_that_kontomatik_put_off_is_tried_again(adapter: Kontomatik, ctx: FakeContext) -> None:
    full = payloads.exception("JobsQuotaExceeded", 429)
    down = payloads.exception("ServiceMaintenance", 503)
    ctx.http.answers = [*SIGNED_IN, full, down, payloads.started(), DONE]
    over = await until_over(adapter, ctx, await adapter.begin(ctx, CONNECT))
    assert isinstance(over, Connected)
    assert operations(ctx).count("start_import") == 3


async def test_a_start_that_is_put_off_for_ever_is_given_up(adapter: Kontomatik, ctx: FakeContext) -> None:
    ctx.http.answers = [*SIGNED_IN, *[payloads.exception("ServiceMaintenance", 503)] * 70]
    over = await until_over(adapter, ctx, await adapter.begin(ctx, CONNECT))
    assert isinstance(over, Failed)
    assert (over.reason, over.provider_code) == (Reason.UNAVAILABLE, "ServiceMaintenance")


async def test_a_start_for_another_owner_is_not_taken(adapter: Kontomatik, ctx: FakeContext) -> None:
    ctx.http.answers = [*SIGNED_IN, payloads.xml(payloads.command("setup", owner="bert"), 202)]
    with pytest.raises(WrongSubject):
        await until_over(adapter, ctx, await adapter.begin(ctx, CONNECT))


@pytest.mark.parametrize(
    ("state", "name", "reason"),
    [
        ("error", "SessionExpired", Reason.EXPIRED),
        ("error", "ManualActionRequired", Reason.USER_ACTION),
        ("error", "IO", Reason.UNAVAILABLE),
        ("fatal", "InternalError", Reason.UNAVAILABLE),
        ("cancelled", "Whatever", Reason.REFUSED),
    ],
)
async def test_a_failed_import_ends_the_flow_though_the_reply_is_200(
    adapter: Kontomatik, ctx: FakeContext, state: str, name: str, reason: Reason
) -> None:
    ctx.http.answers = [*SIGNED_IN, payloads.started(), payloads.failed_command(state, name)]
    over = await until_over(adapter, ctx, await adapter.begin(ctx, CONNECT))
    assert isinstance(over, Failed)
    assert (over.reason, over.provider_code) == (reason, name)


async def test_an_outage_while_the_import_runs_does_not_end_it(adapter: Kontomatik, ctx: FakeContext) -> None:
    ctx.http.answers = [*SIGNED_IN, payloads.started(), ProviderUnavailable("down"), payloads.xml("", 502), DONE]
    assert isinstance(await until_over(adapter, ctx, await adapter.begin(ctx, CONNECT)), Connected)


async def test_an_import_without_end_is_given_up(ctx: FakeContext) -> None:
    adapter = Kontomatik(payloads.settings(api_key="k", country="pl", import_minutes=1))
    ctx.http.answers = [*SIGNED_IN, payloads.started(), *[payloads.xml(payloads.command("in_progress"))] * 30]
    over = await until_over(adapter, ctx, await adapter.begin(ctx, CONNECT))
    assert isinstance(over, Failed)
    assert over.reason is Reason.UNAVAILABLE


async def test_an_answer_about_another_import_is_not_taken(adapter: Kontomatik, ctx: FakeContext) -> None:
    ctx.http.answers = [*SIGNED_IN, payloads.started(), payloads.xml(payloads.command("successful", known_as="8"))]
    with pytest.raises(WrongSubject):
        await until_over(adapter, ctx, await adapter.begin(ctx, CONNECT))


async def test_renewing_signs_in_at_the_same_bank_again(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    ctx.http.answers = [*SIGNED_IN, payloads.started(), DONE]
    over = await until_over(
        adapter, ctx, await adapter.begin(ctx, Renew(grant=grant, redirect_uri="https://a.example"))
    )
    assert body_of(ctx.http.sent[0])["target"] == "KontoBankApi"
    assert isinstance(over, Connected)
    assert over.consent is not None
    assert over.consent.valid_from == over.grant.access.signed_in_at > grant.access.signed_in_at


async def test_nothing_secret_is_printable(adapter: Kontomatik, ctx: FakeContext) -> None:
    ctx.http.answers = [*SIGNED_IN, payloads.started(), DONE]
    step = await adapter.begin(ctx, CONNECT)
    shown = [repr(step.state)] if isinstance(step, Ask) else []
    while isinstance(step, Ask | Wait):
        step = await go_on(adapter, ctx, step)
        shown.append(repr(step))
    for secret in (payloads.SIGNATURE, payloads.ACCESS, payloads.LINK, "key-of-the-app"):
        assert not any(secret in text for text in shown)
