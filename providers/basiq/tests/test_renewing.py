from __future__ import annotations

import pytest
from providers.basiq.tests.conftest import (
    USER,
    Desk,
    connection,
    connector,
    consent,
    done,
    listing,
    page_of,
    refusal,
    reply,
    token,
    user,
)

from bankweave.flow import Callback, Connected, Failed, Reason, Renew

pytestmark = pytest.mark.anyio


def renew(desk: Desk, *connections: str, institution: str | None = None, **options: str) -> Renew[object]:
    return Renew(grant=desk.grant(*connections), redirect_uri=None, institution=institution, options=options)


async def page_for(
    desk: Desk, consents: list[object], connections: list[object], *granted: str, **options: str
) -> dict[str, str]:
    desk.answers(token(), user(), listing(*consents), listing(*connections), token())
    page = page_of(await desk.begin(renew(desk, *granted, institution="AU00000", **options)))
    return {name: value for name, value in page.items() if name not in {"token", "state"}}


async def test_sound_web_connection_has_its_consent_extended(desk: Desk) -> None:
    page = await page_for(desk, [consent()], [connection()])
    assert page == {"action": "extend", "institutionId": "AU00000"}


@pytest.mark.parametrize("method", ["openbanking", "open-banking"])
async def test_open_banking_connection_is_reauthorised_at_the_bank(desk: Desk, method: str) -> None:
    page = await page_for(desk, [consent()], [connection(method=method)])
    assert (page["action"], page["connectionId"]) == ("reauthorise", "con-1")


@pytest.mark.parametrize(
    ("ends", "action"),
    [
        ("2026-11-25T00:00:00Z", "reauthorise"),
        ("2027-01-01T00:00:30Z", "reauthorise"),  # made just after the consent, which ends on 2027-01-01
        ("2027-11-22T00:00:00Z", "extend"),  # authorised anew already: what ends first is the consent
    ],
)
async def test_what_ends_first_is_renewed(desk: Desk, ends: str, action: str) -> None:
    bank = connection(method="openbanking", expiryDate=ends)
    page = await page_for(desk, [consent()], [bank])
    assert (page["action"], page.get("connectionId")) == (action, "con-1" if action == "reauthorise" else None)


async def test_one_of_several_banks_that_is_broken_comes_first(desk: Desk) -> None:
    sound = connection(method="openbanking", expiryDate="2026-11-25T00:00:00Z")
    page = await page_for(desk, [consent()], [sound, connection("con-2", status="invalid")], "con-1", "con-2")
    assert (page["action"], page["connectionId"]) == ("connect", "con-2")


async def test_broken_open_banking_connection_is_reauthorised_whenever_it_ends(desk: Desk) -> None:
    bank = connection(method="openbanking", status="invalid", expiryDate="2027-11-22T00:00:00Z")
    page = await page_for(desk, [consent()], [bank])
    assert (page["action"], page["connectionId"]) == ("reauthorise", "con-1")


async def test_broken_web_connection_gets_new_credentials_without_a_new_consent(desk: Desk) -> None:
    page = await page_for(desk, [consent()], [connection(status="invalid")])
    assert (page["action"], page["connectionId"]) == ("connect", "con-1")


@pytest.mark.parametrize("consents", [[], [consent(status="expired")], [consent(status="revoked")]])
async def test_without_an_active_consent_the_person_consents_anew(desk: Desk, consents: list[object]) -> None:
    assert await page_for(desk, consents, [connection()]) == {"institutionId": "AU00000"}


async def test_lost_connection_is_made_anew_under_the_consent_that_is_there(desk: Desk) -> None:
    page = await page_for(desk, [consent()], [connection("somebody-elses")])
    assert page == {"action": "connect", "institutionId": "AU00000"}


async def test_wished_action_wins(desk: Desk) -> None:
    assert (await page_for(desk, [consent()], [connection()], action="manage"))["action"] == "manage"


async def test_user_that_basiq_has_deleted_begins_from_nothing(desk: Desk) -> None:
    gone = refusal(404, "resource-not-found")
    desk.know_user().answers(token(), gone, gone, reply({"id": "user-2"}, 201), token())
    await desk.begin(renew(desk, email="anna@example.com"))
    assert desk.ctx.remembered == {"user_id": "user-2"}


async def begun(desk: Desk, *connections: str) -> Desk:
    found = [connection(id_) for id_ in connections or ("con-1",)]
    desk.answers(token(), user(), listing(consent()), listing(*found), token())
    await desk.begin(renew(desk, *connections))
    return desk


async def test_extended_consent_is_found_although_no_job_tells_of_it(desk: Desk) -> None:
    await begun(desk)
    desk.answers(listing(consent(expiryDate="2028-01-01T00:00:00Z")), listing(connection()))
    renewed = await desk.resume(Callback({"state": "s"}))
    assert isinstance(renewed, Connected)
    assert renewed.grant == desk.grant("con-1")
    assert renewed.consent is not None
    assert renewed.consent.valid_until is not None
    assert renewed.consent.valid_until.year == 2028


async def test_turning_back_renews_nothing(desk: Desk) -> None:
    await begun(desk)
    desk.answers(listing(consent()), listing(connection()))
    ended = await desk.resume(Callback({"state": "s"}))
    assert isinstance(ended, Failed)
    assert ended.reason is Reason.USER_REFUSED


async def test_revoking_on_the_page_is_no_renewal(desk: Desk) -> None:
    await begun(desk)
    desk.answers(listing(consent(status="revoked", updated="2026-11-22T10:00:00Z")), listing())
    assert isinstance(await desk.resume(Callback({"state": "s"})), Failed)


async def test_reauthorised_connection_is_the_same_one_once(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    await begun(desk)
    desk.answers(done("job-1"), listing(connection()), listing(consent()), listing(connector()))
    caplog.set_level("INFO", "bankweave")
    renewed = await desk.resume(Callback({"jobId": "job-1"}))
    assert isinstance(renewed, Connected)
    assert renewed.grant.connections == ("con-1",)
    assert caplog.records == [], "the consent is the same one"


async def test_bank_connected_anew_replaces_its_old_connection_and_keeps_the_others(desk: Desk) -> None:
    await begun(desk, "con-1", "con-2")
    other = connection("con-2", institution={"id": "AU00004"})
    desk.answers(done("job-1", "con-9"), listing(connection(), other, connection("con-9")))
    desk.answers(listing(consent()), listing(connector()))
    renewed = await desk.resume(Callback({"jobId": "job-1"}))
    assert isinstance(renewed, Connected)
    assert renewed.grant.connections == ("con-9", "con-2")
    assert renewed.grant.user_id == USER


@pytest.mark.parametrize("action", ["extend", "update", "manage"])
async def test_action_about_everything_names_no_connection(desk: Desk, action: str) -> None:
    page = await page_for(desk, [consent()], [connection(method="openbanking")], action=action)
    assert page == {"action": action, "institutionId": "AU00000"}


async def test_connection_can_be_named_for_an_action(desk: Desk) -> None:
    page = await page_for(desk, [consent()], [connection()], action="reauthorise", connection="con-7")
    assert (page["action"], page["connectionId"]) == ("reauthorise", "con-7")


async def test_replaced_consent_is_said_and_the_deleted_bank_is_connected_again(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await begun(desk)
    caplog.set_level("INFO", "bankweave")
    old, new = consent(status="revoked"), consent("consent-2", updated="2026-11-22T10:00:00Z")
    page = page_of(await desk.answers(listing(old, new), listing(), token()).resume(Callback({"state": "s"})))
    assert (page["action"], page["institutionId"]) == ("connect", "AU00000")
    assert [record.message for record in caplog.records] == ["consent_replaced"]
    desk.answers(done("job-1", "con-5"), listing(connection("con-5")), listing(old, new), listing(connector()))
    renewed = await desk.resume(Callback({"jobId": "job-1"}))
    assert isinstance(renewed, Connected)
    assert renewed.grant.connections == ("con-5",)
    assert renewed.consent is not None
    assert renewed.consent.provider_id == "consent-2"


async def test_replaced_consent_is_said_as_well_when_the_bank_was_connected_in_the_same_visit(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await begun(desk)
    caplog.set_level("INFO", "bankweave")
    old, new = consent(status="revoked"), consent("consent-2", updated="2026-11-22T10:00:00Z")
    desk.answers(done("job-1", "con-5"), listing(connection("con-5")), listing(old, new), listing(connector()))
    assert isinstance(await desk.resume(Callback({"jobId": "job-1"})), Connected)
    assert [record.message for record in caplog.records] == ["consent_replaced"]


async def test_replaced_consent_that_kept_the_connections_is_a_renewal(desk: Desk) -> None:
    await begun(desk)
    consents = listing(consent(status="revoked"), consent("consent-2"))
    renewed = await desk.answers(consents, listing(connection())).resume(Callback({"state": "s"}))
    assert isinstance(renewed, Connected)
    assert renewed.grant == desk.grant("con-1")


async def test_consent_ended_on_the_page_is_said_to_be(desk: Desk) -> None:
    await begun(desk)
    ended = await desk.answers(listing(consent(status="revoked")), listing()).resume(Callback({"state": "s"}))
    assert isinstance(ended, Failed)
    assert "ended" in ended.message
