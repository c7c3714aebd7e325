"""Habits of clients that others wrote for Basiq: the sandbox gives them what Basiq's documents promise them."""

from __future__ import annotations

import base64

import pytest

from bankweave_sandbox.basiq.tokens import API_KEY

from .bank import GAVIN
from .caller import BASE, Partner, code

_KEY = {"Authorization": f"Basic {API_KEY}", "basiq-version": "3.0"}
_AXIOS_JSON = {"Accept": "application/json", "Content-Type": "application/json"}


def _status_with(partner: Partner, token: str) -> int:
    return partner.client.get("/connectors", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_token_form_without_content_type_is_read(partner: Partner) -> None:
    """lukasaron/basiq-go hands its form to Go's http.NewRequest, which names no content type."""
    sent = {**_KEY, "Accept": "application/json"}
    token = partner.client.post("/token", content=b"scope=SERVER_ACCESS", headers=sent).json()["access_token"]
    assert _status_with(partner, token) == 200
    partner.switch(untyped_token_form=False)
    token = partner.client.post("/token", content=b"scope=SERVER_ACCESS", headers=sent).json()["access_token"]
    assert _status_with(partner, token) == 403


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "application/json"])
def test_a_scope_in_json_is_not_seen(partner: Partner, content_type: str) -> None:
    """Express servers give axios an object for a body; the notes say that it is not parsed (section 9, point 2)."""
    sent = {**_KEY, "Content-Type": content_type}
    token = partner.client.post("/token", content=b'{"scope": "SERVER_ACCESS"}', headers=sent).json()["access_token"]
    assert _status_with(partner, token) == 403


def test_the_key_as_issued_needs_no_encoding_and_bears_none(partner: Partner) -> None:
    """basiqio-oss/Basiq-pfm takes a key that ends in "=" as it is; others encode `key:` once more and are refused."""
    assert API_KEY.endswith("=")
    assert partner.ask_token({"scope": "SERVER_ACCESS"}).status_code == 200
    encoded = base64.b64encode(f"{API_KEY}:".encode()).decode()
    refused = partner.ask_token({"scope": "SERVER_ACCESS"}, Authorization=f"Basic {encoded}")
    assert code(refused) == (400, "parameter-not-valid")


def test_institutions_can_be_listed_for_a_statement_upload(partner: Partner) -> None:
    """basiqio-oss/income-verification fills its list of banks from /institutions, with a v3 token."""
    listed = partner.request("GET", "/institutions", headers={"accept": "application/json"}).json()
    hooli = next(one for one in listed["data"] if one["id"] == "AU00000")
    assert (hooli["type"], hooli["shortName"], hooli["institutionType"]) == ("institution", "Hooli", "Test Bank")
    assert partner.client.get(hooli["logo"]["links"]["square"]).headers["content-type"].startswith("image/svg")
    assert listed["totalCount"] == len(listed["data"])


def test_institutions_can_be_sorted_out_by_how_one_signs_in(partner: Partner) -> None:
    """basiqio-oss/account-verification-v3 keeps those with authorization "user" and sorts them by tier."""
    institutions = partner.get("/institutions").json()["data"]
    assert {one["id"] for one in institutions if one["authorization"] == "user"} == {"AU00000"}
    assert all(int(one["tier"]) and one["stage"] != "alpha" for one in institutions)
    wanted = "institution.authorization.in('user','user-mfa'),institution.stage.eq('live')"
    filtered = partner.get("/institutions", filter=wanted).json()["data"]
    assert [one["id"] for one in filtered] == ["AU00000", "AU00002"]


def test_the_institution_of_a_connection_can_be_followed_to_its_name(partner: Partner) -> None:
    """basiqio-oss/income-verification reads user, connection, then /institutions/{id}; links in payloads lead there."""
    connection = partner.connected(GAVIN)
    shown = partner.get(f"/users/{partner.user}/connections/{connection}").json()["institution"]
    assert partner.get(shown["links"]["self"].removeprefix(BASE)).json()["name"] == "Hooli"
    assert code(partner.get("/institutions/AU99999")) == (404, "resource-not-found")
    partner.switch(institutions_served=False)
    assert code(partner.get("/institutions/AU00000")) == (404, "resource-not-found")


def test_institutions_tell_whether_a_refresh_asks_for_a_code(partner: Partner) -> None:
    """An accounting plug-in reads `authorization` of the connection's institution, and answers at the address given."""
    connection = partner.connected(GAVIN, "AU00002", ["Hooli"])
    institution = partner.get(f"/users/{partner.user}/connections/{connection}").json()["institution"]["id"]
    kinds = {one["id"]: one["authorization"] for one in partner.get("/institutions").json()["data"]}
    assert (kinds[institution], kinds["AU00003"]) == ("user-mfa", "user-mfa-intermittent")
    job = partner.refresh(connection)
    partner.wait()
    assert partner.result(job, "mfa-challenge")["links"]["response"] == f"{BASE}/jobs/{job}/mfa"


def test_connectors_can_be_read_without_a_token(partner: Partner) -> None:
    """The lists of banks in Basiq's own documentation are fetched by the reader's browser (basiqio-oss/Basiq-docs)."""
    wanted = "connector.method.eq('open-banking'),connector.stage.ne(%27alpha%27)"
    answer = partner.client.get(f"/public/connectors?filter={wanted}", headers={"Origin": "https://api.basiq.io"})
    assert [one["institution"]["name"] for one in answer.json()["data"]] == ["HooliGov"]
    assert answer.headers["access-control-allow-origin"] == "*"
    assert partner.client.get("/public/connectors/AU00000/web").json()["id"] == "AU00000"


def test_institutions_can_be_chosen_from_without_a_token(partner: Partner) -> None:
    """basiqio/basiq-connect-control asks so before anybody has signed in; an expired token does no harm."""
    wanted = (
        "institution.stage.ne('alpha'),institution.connectorStatus.eq('active'),institution.country.eq('Australia')"
    )
    partner.switch(institutions_down=["AU00000"], missing_token="gateway")
    listed = partner.client.get("/public/institutions", params={"filter": wanted}).json()["data"]
    assert {one["id"] for one in listed} == {"AU00002", "AU00003", "AU00004"}
    sent = {"Authorization": "Bearer of-yesterday"}
    assert partner.client.get("/public/connectors", headers=sent).status_code == 200


def test_public_lists_can_be_switched_off(partner: Partner) -> None:
    """v3 documents none."""
    partner.switch(public_lists_served=False)
    assert code(partner.client.get("/public/connectors")) == (404, "resource-not-found")
    assert code(partner.client.get("/public/institutions")) == (404, "resource-not-found")


def test_a_user_may_have_an_address_at_a_host_without_a_dot(partner: Partner) -> None:
    """A household's ledger creates its only user as ledger@localhost."""
    assert partner.post("/users", json={"email": "ledger@localhost"}).status_code == 201


def test_a_missing_id_at_the_end_of_a_path_is_no_list(partner: Partner) -> None:
    """`/users/${user?.id ?? ""}` is how many a kit asks when nobody is signed in: 403, not a redirect to all users."""
    for path in ("/users/", f"/users/{partner.user}/accounts/", "/jobs/", "/connectors/AU00000/"):
        assert code(partner.get(path)) == (403, "request-not-valid")


@pytest.mark.parametrize("id_", ["undefined", "null", "NaN", "%5Bobject%20Object%5D"])
def test_what_javascript_makes_of_a_missing_id_is_refused(partner: Partner, id_: str) -> None:
    """Kits put `sessionStorage.getItem("userId")` into paths as it is."""
    assert code(partner.get(f"/users/{id_}/consents")) == (400, "parameter-not-valid")
    assert code(partner.get(f"/jobs/{id_}")) == (404, "resource-not-found")


def test_axios_names_a_content_type_where_there_is_no_body(partner: Partner) -> None:
    """flyingdonkey-it/PFM-starterkit sends the JSON headers with GET, DELETE and an empty POST alike."""
    partner.connected(GAVIN)
    url = f"/users/{partner.user}"
    assert partner.request("GET", f"{url}/accounts", headers=_AXIOS_JSON).status_code == 200
    assert partner.post(f"{url}/connections/refresh", headers=_AXIOS_JSON).status_code == 202
    partner.wait()
    assert partner.post(f"{url}/expenses", headers=_AXIOS_JSON).json()["type"] == "expenses"
    consent = partner.get(f"{url}/consents").json()["data"][0]["id"]
    assert partner.request("DELETE", f"{url}/consents/{consent}", headers=_AXIOS_JSON).status_code == 204


def test_a_browser_may_follow_a_job_and_read_consents_from_another_origin(partner: Partner) -> None:
    """basiqio-oss/account-verification-v3 polls with a client token from the page that the person came back to."""
    job = partner.connect(GAVIN)["jobIds"]
    asked = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"}
    asked["Access-Control-Request-Headers"] = "authorization,basiq-version"
    assert partner.client.options(f"/jobs/{job}", headers=asked).status_code == 200
    origin = {"Origin": "http://localhost:3000"}
    answer = partner.request("GET", f"/jobs/{job}", "CLIENT_ACCESS", headers=origin)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert partner.get(f"/users/{partner.user}/consents", "CLIENT_ACCESS").json()["size"] == 1


def test_a_jobs_id_is_no_connections(partner: Partner) -> None:
    """basiqio-oss/account-verification-v3 deletes /connections/{jobId} when somebody cancels (section 9, point 13)."""
    job = partner.connect(GAVIN)["jobId"]
    assert code(partner.delete(f"/users/{partner.user}/connections/{job}")) == (404, "resource-not-found")
    assert len(partner.get(f"/users/{partner.user}/connections").json()["data"]) == 1


def test_a_report_is_read_where_its_job_says(partner: Partner) -> None:
    """basiqio-oss/Basiq-pfm and income-verification order with an empty list of accounts and fetch `links.source`."""
    partner.connected(GAVIN)
    days = {"fromDate": "2025-03-10", "toDate": "2026-03-10"}
    filters = [
        {"name": name, "value": value} for name, value in {**days, "users": [partner.user], "accounts": []}.items()
    ]
    order = {"reportType": "CON_AFFOR_01", "title": "Full Net Worth Report", "filters": filters}
    job = partner.post("/reports", json=order).json()["id"]
    partner.wait()
    shown = partner.job(job)
    assert shown["steps"][0]["status"] == "success"
    report = partner.get(shown["links"]["source"].removeprefix(BASE)).json()
    assert {"reportType", "createdDate", "createdBy", "filters"} <= set(report)
    assert all("average" in group["analysis"]["amount"] for group in report["data"]["groups"])


def test_an_answer_to_a_challenge_may_be_plain_text(partner: Partner) -> None:
    """basiqio/basiq-connect-control lets fetch name the content type of a text."""
    connection = partner.connected(GAVIN, "AU00002", ["Hooli"])
    job = partner.refresh(connection)
    partner.wait()
    options = {"content": b'{"mfa-response":["Hooli"]}', "headers": {"Content-Type": "text/plain;charset=UTF-8"}}
    assert partner.post(f"/jobs/{job}/mfa", "CLIENT_ACCESS", **options).status_code == 202


def test_events_can_be_asked_for_with_an_empty_query(partner: Partner) -> None:
    """gugahoi/basiq always writes `/events?`, and encodes quotes and brackets of its filter."""
    partner.connected(GAVIN)
    assert partner.get("/events?").json()["data"]
    encoded = f"/events?filter=user.id.eq%28%27{partner.user}%27%29%2Cevent.entity.eq%28%27consent%27%29"
    assert {event["entity"] for event in partner.get(encoded).json()["data"]} == {"consent"}


def test_a_webhook_without_events_may_be_made_and_given_some(partner: Partner) -> None:
    """gugahoi/basiq leaves out what its command line does not name."""
    made = partner.post("/notifications/webhooks", json={"url": "http://127.0.0.1:9/hook"}).json()
    changes = {"url": "http://127.0.0.1:9/hook", "subscribedEvents": ["user.created"]}
    changed = partner.post(f"/notifications/webhooks/{made['id']}", json=changes).json()
    assert (changed["subscribedEvents"], changed["secret"]) == (["user.created"], made["secret"])


@pytest.mark.parametrize("extra", ["&redirect_uri=http%3A%2F%2Flocalhost", "&redirectUrl=x&userId=y", "&scope="])
def test_unknown_parameters_of_the_consent_ui_are_left_alone(partner: Partner, extra: str) -> None:
    """Basiq-pfm names a redirect address, older kits a user: the first is the dashboard's, the second the token's."""
    page = partner.client.get(f"/home?&token={partner.token('CLIENT_ACCESS', partner.user)}&action=null{extra}")
    assert "I consent" in page.text


def test_the_event_of_a_click_is_no_action(partner: Partner) -> None:
    """The upgrade page writes `onClick={goToConsent}`: React passes its event, and the URL says [object Object]."""
    assert "I consent" in partner.open_consent_ui("[object%20Object]").buttons
