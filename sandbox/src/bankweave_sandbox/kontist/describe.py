"""What a person or a program needs to use the sandbox's Kontist."""

from __future__ import annotations

from typing import Any

from bankweave_sandbox.kontist.oauth.clients import CLIENTS, CONFIDENTIAL, PUBLIC, OAuthClient
from bankweave_sandbox.kontist.people import People
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.switches import explain
from bankweave_sandbox.world import Person

# What reading needs. Kontist's own playground asks for more (section 5).
READING_SCOPES = ("offline", "accounts", "users", "transactions")
_SCENARIOS = {
    "connect": "Sign in on the hosted page, press “Confirm in the app”, then Accept.",
    "refuse": "Press Refuse on the consent page: the callback carries AccessDeniedError as JSON.",
    "login_denied": "Press Deny on the push page, or POST DENIED to /kontist/challenges/{id}.",
    "phone": "GET /kontist/challenges lists pending pushes; POST /kontist/challenges/{id} decides one.",
    "sms": "GET /kontist/sms lists the codes that were sent, newest first; 212212 unless a switch changes it.",
    "wrong_code": "Confirm with any other code: 403, and the request is gone.",
    "device": "Bind a device over REST with the code of an SMS; GET /kontist/devices lists everybody's. "
    "A request for binding is decided with POST /kontist/device-binding-requests/{id}.",
    "transfer": "Confirm createTransfer with the code; it is CONFIRMED, and BOOKED half an hour later on the sandbox's "
    "clock. Paid to an IBAN of the sandbox, the money arrives there.",
    "insufficient_funds": "Send more than availableBalance.",
    "timed_order": "Give executeAt and advance the clock past noon (UTC) of that day: EXECUTED, or FAILED without funds.",
    "standing_order": "Give executeAt and reoccurrence and advance the clock: each occurrence is a transaction.",
    "live": "Subscribe to newTransaction, then POST /payments, or advance the clock: each new transaction is sent.",
    "socket_closed": 'POST /kontist/sockets/close {"code": 1012} closes every open socket; 1006 cuts the connections. '
    "GET /kontist/sockets lists them, POST /kontist/sockets/ping pings them.",
    "receipt": "createTransactionAsset, post the form to its url, finalizeTransactionAssetUpload.",
    "cards": "GET /kontist/cards lists everybody's cards with number, PIN and the printed code, whose first six "
    "characters activate a card. A new card can be activated after a minute of the sandbox's clock.",
    "card_payment": 'POST /kontist/cards/{id}/pay {"amount": "12.34", "merchant": "Café"}: reserved, or declined as '
    "FAILED_CARD_USAGE when the card is not active, the funds are insufficient or a limit is reached.",
    "card_3ds": 'POST /kontist/cards/{id}/verify {"amount": "12.34"}: the payment waits in pendingTransactionVerification; '
    "a bound device confirms one of its two change requests.",
    "card_fraud": "POST /kontist/cards/{id}/suspect opens a fraud case for whitelistCard or confirmFraud.",
    "email": 'POST /kontist/emails {"to": an alias or e-mail address, "filename": "r.pdf", "amount": "12.34"}: a receipt '
    "arrives, and is matched when one transaction has its amount.",
    "documents": "viewer.documents has a statement of every month that has ended; its url gives a PDF to a bearer token.",
    "own_client": "createClient with the scope `clients` registers a client that signs people in at once.",
    "coupon": "SANDBOX50 halves the fees of Kontist's plans.",
    "skip_mfa": "Add skip_mfa=true to the authorize URL: the token is not confirmed until a push is exchanged.",
    "no_refresh": "Use the PKCE client: there is no refresh token unless the redirect URI has a scheme of its own.",
    "rotation": "Switch refresh_rotation on: each refresh token works once.",
    "mfa_needed": 'Switch strict_mfa to "banking": unconfirmed tokens get 403 for everything below mainAccount.',
    "unauthorized_in_body": 'Switch unauthorized to "graphql_200": a bad token is an error inside HTTP 200.',
    "new_id_at_booking": "Switch booking_changes_id on: a reservation gets another id when it is booked.",
    "expired_token": "Advance the clock by an hour.",
    "expired_push": "Advance the clock by five minutes while a push is pending.",
}


def describe(url: str, people: People, switches: Switches) -> dict[str, Any]:
    return {
        "url": url,
        "credentials": {"clients": [_client(client) for client in CLIENTS.values()]},
        "people": [_person(people, person, switches) for person in people.everyone()],
        "settings": _settings(url, CONFIDENTIAL) | {"client_secret": CONFIDENTIAL.secret},
        "settings_pkce": _settings(url, PUBLIC),
        "scenarios": dict(_SCENARIOS),
        "switches": explain(switches),
    }


def _client(client: OAuthClient) -> dict[str, Any]:
    return {
        "client_id": client.id,
        "client_secret": client.secret,
        "name": client.name,
        "grant_types": sorted(client.grant_types),
        "redirect_uris": [*client.redirect_uris, "any http address on loopback"],
    }


def _person(people: People, person: Person, switches: Switches) -> dict[str, Any]:
    return {
        "username": person.username,
        "password": person.password,
        "name": person.name,
        "code": person.code or switches.sms_code,
        "institution": people.accounts(person)[0].bank.name,
        "accounts": [account.iban for account in people.accounts(person)],
    }


def _settings(url: str, client: OAuthClient) -> dict[str, Any]:
    return {"base_url": url, "client_id": client.id, "scopes": list(READING_SCOPES)}
