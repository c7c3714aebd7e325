"""A consent that is used again: four times a day, ninety days back, for half a year."""

from __future__ import annotations

import pytest

from .signin_service import Service, attribute, read, refusal, texts


def revoke(service: Service, access_id: str) -> int:
    form = {"multipleAccessId": access_id}
    return service.api.post("/v1/command/delete-multiple-access.xml", data=form).status_code


def test_reusing_gives_a_new_session_that_imports(service: Service) -> None:
    first = service.signed_in()
    reused = service.session_from(service.reuse(first["multipleAccessId"]))
    assert reused["sessionId"] != first["sessionId"]
    root = service.imported(reused)
    assert attribute(root, "command/@state") == "successful"
    assert attribute(root, "command/@target") == "KontoBankApi"


def test_reusing_names_the_owner_and_no_new_access(service: Service) -> None:
    root = read(service.reuse(service.signed_in()["multipleAccessId"]))
    assert attribute(root, "@ownerExternalId") == "anna-1"
    assert root.find(".//multipleAccessId") is None


def test_new_movements_show_in_the_next_import(service: Service) -> None:
    access_id = service.signed_in()["multipleAccessId"]
    service.later(days=10)
    root = service.imported(service.session_from(service.reuse(access_id)), since="2026-11-23")
    days = texts(root, ".//bookedOn")
    assert days
    assert min(days) >= "2026-11-23"
    assert max(days) <= "2026-12-02"


def test_four_reuses_fit_into_any_24_hours(service: Service) -> None:
    access_id = service.signed_in()["multipleAccessId"]
    for _ in range(4):
        assert service.reuse(access_id).status_code == 200
        service.later(hours=1)
    assert refusal(service.reuse(access_id), 429) == "MultipleAccessLimitExceeded"
    service.later(hours=19, minutes=59)
    assert service.reuse(access_id).status_code == 429
    service.later(minutes=1)
    assert service.reuse(access_id).status_code == 200
    assert service.reuse(access_id).status_code == 429


def test_the_first_import_may_count_as_one_of_the_four(service: Service) -> None:
    service.dialect.switches.first_import_counts = True
    access_id = service.signed_in()["multipleAccessId"]
    assert [service.reuse(access_id).status_code for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.parametrize(("others", "left"), [(1, 3), (4, 0), (9, 0)])
def test_fewer_than_four_are_left_when_others_have_access(service: Service, others: int, left: int) -> None:
    service.dialect.switches.uses_by_others = others
    access_id = service.signed_in()["multipleAccessId"]
    assert [service.reuse(access_id).status_code for _ in range(5)] == [200] * left + [429] * (5 - left)


def test_the_imports_may_be_what_counts_instead_of_the_reuses(service: Service) -> None:
    service.dialect.switches.uses_count_at = "import"
    access_id = service.signed_in()["multipleAccessId"]
    sessions = [service.session_from(service.reuse(access_id)) for _ in range(6)]
    assert [service.start(session).status_code for session in sessions[:5]] == [202] * 4 + [429]
    assert refusal(service.start(sessions[4]), 429) == "MultipleAccessLimitExceeded"
    assert refusal(service.start(sessions[0]), 400) == "DefaultImportAlreadyExecuted"
    service.later(hours=24)
    fresh = service.session_from(service.reuse(access_id))
    assert service.start(fresh).status_code == 202


def test_reusing_is_checked_from_its_parameter_over_the_access_to_the_rules(service: Service) -> None:
    access_id = service.signed_in()["multipleAccessId"]
    for _ in range(4):
        service.reuse(access_id)
    service.dialect.switches.sessions_at_once = 1
    assert refusal(service.reuse(""), 400) == "InvalidParameter"
    assert refusal(service.reuse("unknown"), 404) == "InvalidMultipleAccessId"
    assert refusal(service.reuse(access_id), 429) == "ConcurrentSessionsLimitExceeded"
    service.dialect.switches.sessions_at_once = 0
    assert refusal(service.reuse(access_id), 429) == "MultipleAccessLimitExceeded"


def test_a_reuse_may_answer_with_a_command_that_nobody_has_ever_seen(service: Service) -> None:
    service.dialect.switches.reuse_answers = "command"
    root = read(service.reuse(service.signed_in()["multipleAccessId"]), 202)
    assert root.find("session") is None
    assert attribute(root, "command/@state") == "setup"


def test_a_revocation_may_have_an_empty_body(service: Service) -> None:
    service.dialect.switches.deletion_body = "empty"
    form = {"multipleAccessId": service.signed_in()["multipleAccessId"]}
    response = service.api.post("/v1/command/delete-multiple-access.xml", data=form)
    assert (response.status_code, response.content) == (200, b"")


def test_a_reuse_looks_at_most_ninety_days_back(service: Service) -> None:
    first = service.signed_in()
    access_id = first["multipleAccessId"]
    assert min(texts(service.imported(first, since="2025-01-01"), ".//bookedOn")) < "2025-02-01"
    root = service.imported(service.session_from(service.reuse(access_id)), since="2025-01-01")
    oldest = min(texts(root, ".//bookedOn"))
    assert "2026-08-24" <= oldest <= "2026-08-31"


def test_an_older_since_may_be_refused_and_leaves_the_session_usable(service: Service) -> None:
    service.dialect.switches.older_since = "refused"
    session = service.session_from(service.reuse(service.signed_in()["multipleAccessId"]))
    assert refusal(service.start(session, since="2026-08-23"), 400) == "InvalidSince"
    assert service.start(session, since="2026-08-24").status_code == 202


def test_a_consent_lasts_180_days(service: Service) -> None:
    access_id = service.signed_in()["multipleAccessId"]
    service.later(days=179, hours=23)
    assert service.reuse(access_id).status_code == 200
    service.later(hours=1)
    assert refusal(service.reuse(access_id), 404) == "InvalidMultipleAccessId"


def test_a_revoked_consent_is_gone(service: Service) -> None:
    access_id = service.signed_in()["multipleAccessId"]
    assert revoke(service, access_id) == 200
    assert refusal(service.reuse(access_id), 404) == "InvalidMultipleAccessId"
    assert revoke(service, access_id) == 404


@pytest.mark.parametrize("command", ["reuse", "delete"])
def test_an_access_id_is_required(service: Service, command: str) -> None:
    assert refusal(service.api.post(f"/v1/command/{command}-multiple-access.xml"), 400) == "InvalidParameter"


def test_the_mock_session_needs_no_browser(service: Service) -> None:
    root = read(service.mock_session(ownerEmail="anna@example.com"))
    assert attribute(root, "@ownerExternalId") == "anna-1"
    assert texts(root, "session/multipleAccessId")
    session = service.session_from(service.mock_session())
    assert attribute(service.imported(session), "command/@state") == "successful"
    assert service.reuse(session["multipleAccessId"]).status_code == 200


def test_the_mock_sessions_access_id_may_stand_beside_the_session(service: Service) -> None:
    service.dialect.switches.access_id_place = "reply"
    root = read(service.mock_session())
    assert texts(root, "multipleAccessId")
    assert root.find("session/multipleAccessId") is None


def test_a_mock_session_without_multiple_access_has_no_access_id(service: Service) -> None:
    assert read(service.mock_session(multipleAccess="false")).find(".//multipleAccessId") is None


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"login": "nobody"}, "InvalidParameter"),
        ({"login": ""}, "InvalidParameter"),
        ({"country": "zz"}, "InvalidParameter"),
        ({"multipleAccess": "perhaps"}, "InvalidParameter"),
        ({"login": "invalid-credentials"}, "InvalidCredentials"),
    ],
)
def test_a_mock_session_that_cannot_be_is_refused_by_name(service: Service, fields: dict[str, str], name: str) -> None:
    form = {"login": "test1", "country": "pl"} | fields
    assert refusal(service.api.post("/v1/mock-session.xml", data=form), 400) == name
