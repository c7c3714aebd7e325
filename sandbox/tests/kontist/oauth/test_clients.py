"""OAuth clients that people register for themselves."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox.tests.kontist.callers import CALLBACK, Kontist, callback_query

_FIELDS = "id name redirectUri grantTypes scopes"
_CREATE = f"mutation ($client: CreateClientInput!) {{ createClient(client: $client) {{ {_FIELDS} }} }}"
_UPDATE = f"mutation ($client: UpdateClientInput!) {{ updateClient(client: $client) {{ {_FIELDS} }} }}"
_DELETE = "mutation ($id: String!) { deleteClient(id: $id) { id } }"
_MINE = {
    "name": "My tool",
    "secret": "my-own-secret",
    "redirectUri": "https://tool.example/back",
    "grantTypes": ["AUTHORIZATION_CODE", "REFRESH_TOKEN"],
    "scopes": ["OFFLINE", "ACCOUNTS"],
}


@pytest.fixture
def manager(kontist: Kontist) -> str:
    return kontist.token("clients")


def create(kontist: Kontist, token: str, **changed: Any) -> dict[str, Any]:
    created: dict[str, Any] = kontist.read(_CREATE, token, client=_MINE | changed)["createClient"]
    return created


def sign_in(kontist: Kontist, client_id: str, **changed: str) -> dict[str, str]:
    """Walk the hosted page for a client, and return what its callback learns."""
    asked = {"client_id": client_id, "redirect_uri": str(_MINE["redirectUri"]), "response_type": "code"}
    browser = kontist.browser()
    page = browser.open("/api/oauth/authorize", asked | {"scope": "offline accounts", "state": "s"} | changed)
    if page.status_code == 302:
        return callback_query(page)
    assert page.status_code == 200, page.text
    browser.sign_in()
    browser.submit("Confirm in the app")
    return callback_query(browser.submit("Accept"))


def test_a_registered_client_signs_people_in_and_stays_connected(kontist: Kontist, manager: str) -> None:
    client = create(kontist, manager)
    assert client["name"] == "My tool"
    assert "secret" not in client
    own = {"client_id": client["id"], "client_secret": "my-own-secret"}
    code = sign_in(kontist, client["id"])["code"]
    tokens = kontist.exchange(
        grant_type="authorization_code", code=code, redirect_uri=str(_MINE["redirectUri"]), **own
    ).json()
    assert kontist.read("{viewer{mainAccount{iban}}}", tokens["access_token"])["viewer"]["mainAccount"]["iban"]
    refreshed = kontist.exchange(grant_type="refresh_token", refresh_token=tokens["refresh_token"], **own)
    assert refreshed.status_code == 200


def test_a_registered_client_is_bound_to_its_redirect_uri(kontist: Kontist, manager: str) -> None:
    client = create(kontist, manager)
    query = {"client_id": client["id"], "redirect_uri": CALLBACK, "response_type": "code", "scope": "accounts"}
    assert kontist.browser().open("/api/oauth/authorize", query).status_code == 400


def test_a_registered_client_gets_no_scope_that_it_was_not_registered_for(kontist: Kontist, manager: str) -> None:
    client = create(kontist, manager)
    assert "InvalidScopeError" in sign_in(kontist, client["id"], scope="transactions")["error"]


def test_a_client_without_a_secret_has_to_use_pkce(kontist: Kontist, manager: str) -> None:
    client = create(kontist, manager, secret=None)
    assert "InvalidRequestError" in sign_in(kontist, client["id"])["error"]
    challenge = "xc3uY4-XMuobNWXzzfEqbYx3rUYBH69_zu4EFQIJH8w"
    answer = sign_in(kontist, client["id"], code_challenge=challenge, code_challenge_method="S256")
    exchanged = kontist.exchange(
        grant_type="authorization_code",
        code=answer["code"],
        redirect_uri=str(_MINE["redirectUri"]),
        client_id=client["id"],
        code_verifier="Huag6ykQU7SaEYKtmNUeM8txt4HzEIfG",
    )
    assert exchanged.status_code == 200


def test_an_update_changes_what_it_names_and_nothing_else(kontist: Kontist, manager: str) -> None:
    client = create(kontist, manager)
    updated = kontist.read(_UPDATE, manager, client={"id": client["id"], "name": "Renamed"})["updateClient"]
    assert updated == client | {"name": "Renamed"}
    assert kontist.read(f"{{viewer{{clients{{{_FIELDS}}}}}}}", manager)["viewer"]["clients"] == [updated]


def test_a_new_secret_replaces_the_old_one(kontist: Kontist, manager: str) -> None:
    client = create(kontist, manager, grantTypes=["PASSWORD"], scopes=["USERS"])
    kontist.read(_UPDATE, manager, client={"id": client["id"], "secret": "another"})
    person = {"username": "anna@kontist.example", "password": "anna-secret", "scope": "users"}
    for secret, status in (("my-own-secret", 401), ("another", 200)):
        answer = kontist.exchange(grant_type="password", client_id=client["id"], client_secret=secret, **person)
        assert answer.status_code == status


def test_a_deleted_client_is_gone(kontist: Kontist, manager: str) -> None:
    client = create(kontist, manager, grantTypes=["PASSWORD"], scopes=["USERS"])
    assert kontist.read(_DELETE, manager, id=client["id"])["deleteClient"] == {"id": client["id"]}
    assert kontist.read("{viewer{clients{id}}}", manager)["viewer"]["clients"] == []
    answer = kontist.exchange(grant_type="password", client_id=client["id"], client_secret="my-own-secret")
    assert answer.json()["error"] == "invalid_client"


def test_nobody_sees_or_changes_clients_of_others_or_of_the_sandbox(kontist: Kontist, manager: str) -> None:
    client, bens = create(kontist, manager), kontist.token("clients", name="ben")
    find = "query ($id: String!) {viewer{client(id: $id){id}}}"
    assert kontist.read(find, manager, id=client["id"])["viewer"]["client"] == {"id": client["id"]}
    for foreign in (client["id"], kontist.client["client_id"]):
        assert kontist.read(find, bens, id=foreign)["viewer"]["client"] is None
        assert kontist.ask(_DELETE, bens, id=foreign)["errors"][0]["extensions"]["status"] == 404


def test_clients_need_their_scope(kontist: Kontist) -> None:
    answer = kontist.ask("{viewer{clients{id}}}", kontist.token("users accounts"))
    assert answer["errors"][0]["extensions"]["status"] == 403


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"redirectUri": "no uri"}, {"redirectUri": "https://a.example/#f"}, {"scopes": ["ADMIN"]}]
)
def test_a_client_that_could_not_work_is_refused(kontist: Kontist, manager: str, wrong: dict[str, Any]) -> None:
    assert "errors" in kontist.ask(_CREATE, manager, client=_MINE | wrong)
