"""The dialect over the seeded world: what it says of itself, and whether all that is true can be read."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest
from sandbox.tests.kontist.callers import CALLBACK, ORIGIN, Kontist, callback_query

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.history import make_world
from bankweave_sandbox.kontist import KontistDialect
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.world import World

PAGE = """query($after: String) { viewer { mainAccount { balance transactions(after: $after) {
  edges { node { id amount valutaDate } } pageInfo { hasNextPage endCursor } } } } }"""


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(Clock(datetime(2026, 6, 15, 10, tzinfo=UTC)))


@pytest.fixture
def seeded(world: World) -> Kontist:
    [account] = [a for a in world.accounts if a.holders[0].username == "anna@kontist.example"]
    return Kontist(world, KontistDialect(world), account)


def sign_in(kontist: Kontist, person: dict[str, Any], settings: dict[str, Any]) -> str:
    """Get a token as an application with these settings would."""
    browser = kontist.browser()
    asked = {"response_type": "code", "redirect_uri": CALLBACK, "client_id": settings["client_id"]}
    browser.open("/api/oauth/authorize", asked | {"scope": " ".join(settings["scopes"])})
    browser.sign_in(person["username"], person["password"])
    browser.submit("Confirm in the app")
    code = callback_query(browser.submit("Accept"))["code"]
    client = {key: settings[key] for key in ("client_id", "client_secret")}
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    return str(kontist.exchange(**grant, **client).json()["access_token"])


def test_everybody_in_the_description_can_sign_in_and_read_the_truth(seeded: Kontist) -> None:
    description = seeded.dialect.describe(ORIGIN)
    assert len(description["people"]) >= 2
    for person in description["people"]:
        token = sign_in(seeded, person, description["settings"])
        account = seeded.world.account(person["accounts"][0])
        assert account is not None
        nodes = read_all(seeded, token)
        truth = {e.movement.id: int(e.movement.amount * 100) for e in seeded.world.entries(account)}
        assert {node["id"]: node["amount"] for node in nodes} == truth
        booked = [node["amount"] for node in nodes if node["valutaDate"]]
        assert sum(booked) + int(account.opening_balance * 100) == int(seeded.world.booked_balance(account) * 100)


def read_all(kontist: Kontist, token: str) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = []
    info: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while info["hasNextPage"]:
        found = kontist.read(PAGE, token, after=info["endCursor"])["viewer"]["mainAccount"]["transactions"]
        nodes += [edge["node"] for edge in found["edges"]]
        info = found["pageInfo"]
    return nodes


def test_the_description_is_plain_json_with_settings_for_both_clients(seeded: Kontist) -> None:
    description = json.loads(json.dumps(seeded.dialect.describe(ORIGIN)))
    assert description["url"] == description["settings"]["base_url"] == ORIGIN
    assert set(description["settings"]) == {"base_url", "client_id", "client_secret", "scopes"}
    assert set(description["settings_pkce"]) == {"base_url", "client_id", "scopes"}
    assert description["scenarios"]["refuse"]
    assert all(set(switch) == {"value", "meaning"} for switch in description["switches"].values())


def test_clients_keep_their_ids_over_a_reset(world: World) -> None:
    first, second = KontistDialect(world).describe(ORIGIN), KontistDialect(world).describe(ORIGIN)
    assert first["credentials"] == second["credentials"]


def test_a_reset_ends_every_token(seeded: Kontist) -> None:
    person = seeded.dialect.describe(ORIGIN)["people"][0]
    token = sign_in(seeded, person, seeded.dialect.describe(ORIGIN)["settings"])
    fresh = Kontist(seeded.world, KontistDialect(seeded.world), seeded.account)
    assert fresh.send("POST", "/api/graphql", token, json={"query": "{viewer{email}}"}).status_code == 401


def test_switches_are_served_and_changed_at_the_control_origin(seeded: Kontist) -> None:
    assert seeded.control("GET", "/switches").json() == asdict(Switches())
    changed = seeded.control("PATCH", "/switches", {"refresh_rotation": True})
    assert changed.json() == asdict(Switches(refresh_rotation=True))
    assert seeded.control("PATCH", "/switches", {"strict_mfa": "perhaps"}).status_code == 400


def test_switches_of_one_dialect_leave_another_alone(world: World) -> None:
    first, second = KontistDialect(world), KontistDialect(world)
    first.switches.booking_changes_id = True
    assert not second.switches.booking_changes_id
