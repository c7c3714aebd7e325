"""What a client has to know: the key, who can sign in, the scenarios, the switches."""

from __future__ import annotations

from typing import Any

from bankweave_sandbox.kontomatik.catalog import Target
from bankweave_sandbox.kontomatik.desk import Desk
from bankweave_sandbox.kontomatik.scenarios import PASSWORD, SCENARIOS, customers_of
from bankweave_sandbox.switches import explain
from bankweave_sandbox.world import Person


def describe(desk: Desk, url: str) -> dict[str, Any]:
    key = desk.switches.api_keys.split(",")[0].strip()
    return {
        "url": url,
        "credentials": {"api_key": key, "header": "X-Api-Key"},
        "people": _people(desk),
        "settings": {"base_url": url, "api_key": key, "country": "pl", "locale": "pl", "access_mode": "MULTIPLE"},
        "scenarios": _scenarios(),
        "switches": explain(desk.switches),
    }


def _people(desk: Desk) -> list[dict[str, Any]]:
    """Everybody who can sign in, once per bank."""
    targets = desk.catalog.offered("all", "MIXED")
    return [_person(p, target) for target in targets for p in customers_of(desk.world, target)]


def _person(person: Person, target: Target) -> dict[str, Any]:
    return {
        "name": person.name,
        "username": person.username,
        "password": person.password,
        "code": person.code,
        "answers": {},
        "institution": target.institution,
        "target": target.name,
        "country": target.country,
    }


def _scenarios() -> dict[str, str]:
    how = f"sign in at any bank as {{}} (password and code {PASSWORD}), or set the switch scenario"
    named = {s.name: f"{s.meaning}; {how.format(s.name)}" for s in SCENARIOS.values()}
    return named | {
        "expired": "leave the link alone for an hour (advance the clock): status expired",
        "forgotten": "ask for a status after 24 hours: 404 InvalidRedirectionId",
        "polled-too-fast": "ask for a status four times within five minutes: 429",
        "imported-twice": "start a second import in one session: DefaultImportAlreadyExecuted",
        "access-used-up": "reuse a multiple access five times within 24 hours: MultipleAccessLimitExceeded",
        "twins": "every account with card payments has pairs of rows equal in all but the balance; row_balances hides it",
        "moved-to-fallback": "set the switch moved_to_fallback to an institution: its multiple access rests",
        "consent-ended": "DELETE /kontomatik/consents/{id} at the control origin, or advance the clock by 180 days",
        "unknown-caller": "send another key, or set the switch allowed_addresses: 401",
    }
