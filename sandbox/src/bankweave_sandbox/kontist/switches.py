"""What Kontist's documents leave open, or what varies between deployments. Sections are those of providers/kontist.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bankweave_sandbox.switches import switch


@dataclass(slots=True)
class Switches:
    # -- Tokens
    access_seconds: int = switch("2.3: exp - iat; `expires_in` says one second less", default=3600)
    refresh_seconds: int = switch("13.6: one year in the prose, 7200 in the 2019 samples", default=31_536_000)
    refresh_rotation: bool = switch("13.5: the documents say reusable, third parties report single use", default=False)
    token_errors: Literal["rfc6749", "status_only"] = switch(
        "13.1: what a refusal of the token endpoint looks like; undocumented", default="rfc6749"
    )
    code_seconds: int = switch("2.1: life of an authorization code; undocumented", default=120)
    pkce_with_secret_gets_refresh: bool = switch(
        "2.2: PKCE gives no refresh token; with a secret as well: undocumented", default=False
    )
    # -- Hosted page
    remember_consent: bool = switch(
        "2.5: also skip the consent page of an ordinary login for a remembered client", default=False
    )
    # -- Push MFA
    challenge_seconds: int = switch("3: undocumented; five minutes upstream", default=300)
    push_auto_approve_seconds: float = switch(
        "no rule of Kontist's: the phone confirms by itself; negative: off", default=-1.0
    )
    patch_needs_device: bool = switch(
        "3: PATCH needs a token confirmed by device binding; off: any confirmed token", default=True
    )
    # -- Confirmations and devices
    sms_code: str = switch("no rule of Kontist's: the code of every SMS; six digits (7.1)", default="212212")
    sms_random_codes: bool = switch("no rule of Kontist's: a new code for each SMS", default=False)
    confirmation_seconds: int = switch("7.1: undocumented; five minutes upstream", default=300)
    wrong_tan_destroys: bool = switch("13.11: one wrong code or signature ends the request, as upstream", default=True)
    unknown_confirmation_status: int = switch(
        "5: undocumented; 422 for an unknown change request upstream", default=422
    )
    device_challenge_seconds: int = switch("13.7: undocumented; five minutes upstream", default=300)
    device_binding_allowed: bool = switch(
        "4: binding needs a client with a special permission; off: no client has it", default=True
    )
    device_binding_needs_request: bool = switch(
        "4: a confirmed device binding request comes first; the SDK cannot make one", default=False
    )
    device_binding_seconds: int = switch("4: time to bind after such a request is confirmed", default=180)
    deleted_device_ends_tokens: bool = switch(
        "4: whether tokens that a deleted device has confirmed end with it; undocumented", default=False
    )
    accept_p1363_signatures: bool = switch(
        "4.1: whether raw r||s is accepted besides DER; there is no evidence", default=False
    )
    # -- Transfers
    sepa_booking_seconds: int = switch("7.2: how long CONFIRMED comes before BOOKED; undocumented", default=1800)
    transfer_shows_when: Literal["confirmed", "booked"] = switch(
        "13.12: when an own transfer shows as a transaction, and `newTransaction` fires", default="confirmed"
    )
    funds_checked_from: Literal["create", "confirm"] = switch(
        "5: the documented sample refuses createTransfer; `confirm`: only the confirmation is refused", default="create"
    )
    transfer_type_must_agree: bool = switch(
        "13.13: an explicit type has to agree with the other fields; off: it wins", default=True
    )
    transfer_reference_is_unique: bool = switch(
        "13.13: whether a `reference` used twice is recognised; undocumented, off: only stored", default=False
    )
    instant_needs_known_bank: bool = switch(
        "6.5: refuse instant transfers where getIBANInformation tells that there are none; undocumented", default=False
    )
    list_unconfirmed_transfers: bool = switch(
        "7.2: whether lists have transfers that wait for their confirmation; undocumented", default=False
    )
    list_canceled_timed_orders: bool = switch("7.1: they vanished from lists in the old REST API", default=False)
    created_status: int = switch("13.2: status of the POSTs that make challenges and devices", default=201)
    exchanged_status: int = switch("13.2: status of the POSTs that give confirmed tokens", default=200)
    device_id_means_signing: bool = switch(
        "7.1: a deviceId without a deliveryMethod; undocumented, off: an SMS is sent", default=False
    )
    # -- Access
    strict_mfa: Literal["off", "transfers", "banking"] = switch(
        "13.3: what a token without `cnf` may not reach", default="transfers"
    )
    enforce_scopes: bool = switch("13.4: which field needs which scope is a working assumption", default=True)
    unauthorized: Literal["http_401", "graphql_200"] = switch("5: both were seen live", default="http_401")
    # -- GraphQL
    graphql_error_status: int = switch(
        "5: '200 or 500'; for documents that do not validate 400 is likely as well (13.16)", default=200
    )
    requests_per_minute: int = switch("5: documented as 100; 0: off", default=0)
    max_query_characters: int = switch("5: documented; queries have to be shorter", default=10_000)
    max_distinct_fields: int = switch("5: the documented example of the complexity limit", default=500)
    system_status_message: str = switch("6.5: a text makes `status` report ERROR", default="")
    # -- Receipts
    asset_most_bytes: int = switch("6.4: the size limit of an upload; undocumented", default=10_000_000)
    asset_upload_seconds: int = switch("6.4: how long an announced upload may take; undocumented", default=900)
    # -- Cards
    card_processing_seconds: int = switch("8: how long a new card stays PROCESSING; undocumented", default=60)
    encrypted_pin_is_signed: bool = switch(
        "13.15: changeCardPINEncrypted checks a signature over the encryptedPin string; undocumented", default=True
    )
    card_details_are_signed: bool = switch(
        "8: virtualCardDetails checks a signature over the jwk's sorted pairs; undocumented", default=True
    )
    fraud_case_seconds: int = switch("8: how long a fraud case waits for an answer; undocumented", default=1800)
    whitelist_seconds: int = switch("8: how long whitelistCard holds; undocumented", default=600)
    # -- Subscriptions
    socket_init_seconds: float = switch(
        "6.6: real seconds until a socket without connection_init is closed with 4408; undocumented", default=3.0
    )
    socket_bad_token: Literal["close_4403", "error_on_subscribe"] = switch(
        "6.6: what a bad token in connection_init leads to; undocumented", default="close_4403"
    )
    socket_at_expiry: Literal["stay", "close_4401", "close_4403"] = switch(
        "6.6: what happens to an open socket when its token expires; undocumented", default="stay"
    )
    new_transaction_on_booking: bool = switch(
        "6.6: whether newTransaction fires again when a reservation is booked; unknown", default=False
    )
    new_transaction_accounts: Literal["main", "all"] = switch(
        "6.6: whether newTransaction tells of sub-accounts; undocumented", default="main"
    )
    resubscribe_repeats_last: bool = switch(
        "6.6: tell a new subscription of the last transaction again, as clients with two connections see it",
        default=False,
    )
    generic_features: str = switch("6.5: names that `genericFeatures` lists, separated by blanks", default="")
    # -- Kontist's own plans
    purchase_seconds: int = switch("9: how long a purchase stays PENDING; undocumented", default=60)
    # -- Movements
    page_above_50: Literal["clamp", "refuse"] = switch("13.8: what becomes of `first` above 50", default="clamp")
    sorted_by: Literal["bookingDate", "createdAt"] = switch(
        "13.9: by which of them, newest first", default="bookingDate"
    )
    default_operator: Literal["AND", "OR"] = switch("13.10: of a filter that names none", default="AND")
    original_amount_sign: Literal["amount", "positive"] = switch(
        "13.14: the sign of `originalAmount`: that of `amount`, or none", default="amount"
    )
    card_payment_method: Literal["card", "credit_card"] = switch("6.4: a free string, both were seen", default="card")
    booking_changes_id: bool = switch(
        "6.4: whether a reservation keeps its id when it is booked; undocumented", default=False
    )
