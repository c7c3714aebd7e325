"""What a client needs to use the Basiq dialect."""

from __future__ import annotations

from typing import Any

from bankweave_sandbox.basiq.platform import Platform
from bankweave_sandbox.basiq.tokens import API_KEY
from bankweave_sandbox.switches import explain
from bankweave_sandbox.world import Bank, Person

_SCENARIOS = {
    "connect": "sign in as gavinBelson at Hooli (AU00000): four accounts, more than 2,500 rows",
    "loans": "sign in as Wentworth-Smith: a mortgage and a car loan; jared has a term deposit, Whistler pays later",
    "two banks in one visit": "on the success page choose to connect another institution; jobIds then names two jobs",
    "code": "sign in as jared or richard at Pied Piper (AU00002): asked for 1234 at connecting and at every refresh",
    "security questions": "sign in as gavinBelson (one question) or Whistler (two) at Pied Piper (AU00002)",
    "questions now and then": "sign in at Nucleus (AU00003): every other job asks, the others skip; switch intermittent_mfa",
    "open banking": "sign in at HooliGov (AU00004): real instants instead of days, and a connection that expires",
    "permissions left out": 'switch optional_scopes, e.g. to ["account.detail"]: numbers are masked for who leaves it out',
    "business": "sign in as laurieBream: her identity names the organisation that she acts for",
    "same login twice": "connect one login again while its first job runs: the new job waits for six minutes",
    "locked": "sign in as bighead: verify-credentials fails with invalid-credentials, 'Account is locked'",
    "user action": "sign in as erlich: account-not-accessible-requires-user-action",
    "unavailable": "sign in as jianYang: service-unavailable",
    "wrong password": "any other password makes a failed job and an invalid connection",
    "failing refresh": "POST /basiq/failures on the control origin: the next job of a connection fails as told",
    "expired token": "advance the clock by an hour; switch expired_token chooses 401 or 403",
    "webhooks": "POST /notifications/webhooks with a loopback URL; deliveries are signed, and tried again with the clock",
    "test message": "POST /notifications/messages/test; GET /basiq/messages on the control origin shows every attempt",
    "redelivery": "POST /basiq/messages/{id}/redeliver on the control origin",
    "events": "GET /events for a week; consent.warning comes seven days before a consent ends",
    "approval in an app": "switch mfa_method to app: challenges are answered with the word confirmed",
    "summaries": "POST /users/{id}/affordability, /income or /expenses: made from the rows of posted transactions",
    "report": "POST /reports, then follow its job; switch reports_fail lets it fail",
    "statement": "POST /users/{id}/statements with a CSV of Date, Description, Amount and Balance (not for AU00000)",
    "enrichment": "switch enrich_included puts merchants and industries into transactions",
    "left at the bank": "switch pre_init_kept or denied_job, then leave HooliGov's pages at the choice of accounts",
    "another way": 'switch institutions_open_banking, e.g. to ["AU00000"], and connect a web institution once more',
    "refreshed unasked": "switch auto_refresh_hours; banks that ask for a code are left alone",
    "outage": 'switch institutions_down, e.g. to ["AU00000"]: its jobs fail until it is taken off the list',
    "rate limit": "switch requests_per_minute, token_limit or open_banking_refreshes_per_day",
    "expired consent": "advance the clock by a year (switch consent_days): connections and their data are gone",
}


def describe(url: str, platform: Platform) -> dict[str, Any]:
    return {
        "url": url,
        "credentials": {"api_key": API_KEY},
        "people": [
            _person(person, bank) for bank in platform.world.banks_of("basiq") for person in _customers(platform, bank)
        ],
        "settings": {"base_url": url, "consent_url": f"{url}/home", "api_key": API_KEY},
        "scenarios": _SCENARIOS,
        "switches": explain(platform.switches),
    }


def _customers(platform: Platform, bank: Bank) -> list[Person]:
    """List who can sign in at a bank: those for whom the bank answers to the name."""
    named = [person for person in platform.world.people if person.username]
    return [person for person in named if platform.world.person_at(bank, person.username) == person]


def _person(person: Person, bank: Bank) -> dict[str, Any]:
    return {
        "username": person.username,
        "password": person.password,
        "code": person.code,
        "answers": [{"question": question, "answer": answer} for question, answer in person.answers],
        "institution": bank.provider_ids[0],
        "bank": bank.name,
    }
