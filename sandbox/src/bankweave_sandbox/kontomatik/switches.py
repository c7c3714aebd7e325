"""What Kontomatik's documents leave open, or what varies between its customers: one field for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bankweave_sandbox.switches import switch

ScenarioName = Literal[
    "by-user-name",
    "access-blocked",
    "cancelled",
    "consent-ends-early",
    "consent-revoked",
    "credentials-mismatch",
    "empty",
    "expired-session",
    "identification-level",
    "import-error",
    "import-fatal",
    "invalid-credentials",
    "language",
    "locked-out",
    "login-method",
    "manual-action",
    "outage",
    "partial",
    "partial-card",
    "refuse",
    "row-missing",
    "shared-access",
    "single-only",
    "slow",
    "unknown-status",
]


@dataclass(slots=True)
class Switches:
    """Numbers mean the sections of providers/kontomatik.md; a default is the convention that section 14 chose."""

    # Who may call
    api_keys: str = switch("1: the valid keys, separated by commas", default="kontomatik-sandbox-key")
    accept_key_parameter: bool = switch("1: the apiKey parameter that clients sent until about 2018", default=True)
    allowed_addresses: str = switch(
        '1: "loopback", "any", addresses and networks, separated by commas', default="loopback"
    )

    # Everything at once
    scenario: ScenarioName = switch(  # noqa: RUF009 - a name for a Literal, frozen as the others are
        "15: the fate of every sign-in and import, whoever signs in", default="by-user-name"
    )
    refuse_all_with: str = switch("7: the exception that answers every call of the API; empty: none", default="")

    # The catalog
    moved_to_fallback: str = switch(
        "8: institutions whose PSD2 target is down, separated by commas; their multiple access rests", default=""
    )
    moved_access_exception: Literal[
        "InvalidMultipleAccessId", "CommandNotAvailable", "ServiceTemporarilyUnavailable"
    ] = switch("8: undocumented what reusing such an access is answered with", default="InvalidMultipleAccessId")
    catalog_targets: Literal["all", "one-per-institution"] = switch(
        "2: the test catalog has all; in production one target of an institution is offered at a time", default="all"
    )

    # Fetch redirection
    redirection_created_status: Literal[200, 201] = switch("14.10: of a fetched redirection", default=200)
    require_country_and_locale: bool = switch("14.10: refuse an order without them", default=True)
    target_parameter: str = switch("14.11: the name of the field that preselects a bank", default="target")

    # Redirection status
    word_created: str = switch("14.1: link not opened; the true word is in no stored document", default="created")
    word_in_progress: str = switch(
        "14.1: opened, unfinished; the true word is in no stored document", default="in_progress"
    )
    word_success: str = switch("3.3: the sign-in is done; one client also accepts successful", default="success")
    word_error: str = switch("3.3: the sign-in failed", default="error")
    word_expired: str = switch("3.3: the hour of the link has passed", default="expired")
    word_unknown: str = switch("14.1: what the scenario unknown-status says", default="waiting_for_bank")
    status_letter_case: Literal["as-written", "upper", "capitalised"] = switch(
        "14.2: of every status word", default="as-written"
    )
    missing_access_id: Literal["null", "absent"] = switch("14.3: multipleAccessId when none was given", default="null")
    pending_params: Literal["empty", "null", "absent"] = switch("14.3: params of a status without any", default="empty")
    error_params: Literal["full", "minimal"] = switch("14.4: what stands beside the exception", default="full")
    json_errors: Literal["json", "xml"] = switch("14.5: the error body of the JSON endpoints", default="json")

    # Time and rate of a redirection
    link_minutes: int = switch("3.4: how long a link can be used", default=60)
    status_hours: int = switch("3.4: how long a status can be asked for", default=24)
    status_hours_count_from: Literal["creation", "final-status"] = switch(
        "14.7: where the 24 hours begin", default="creation"
    )
    poll_burst: int = switch("14.9: status calls in a row before 429; 0: no limit", default=3)
    poll_refill_seconds: int = switch("14.9: after how long one more call is allowed", default=300)
    poll_retry_after: bool = switch("14.9: say in the 429 when to come back", default=False)
    unknown_status_seconds: int = switch("15: how long the scenario unknown-status hides the success", default=600)

    # The hosted page
    sign_in_outage: bool = switch("15: no bank can be reached", default=False)
    outage_exception: str = switch("7: the error's name then; IO is another", default="ServiceTemporarilyUnavailable")
    sign_in_exception: str = switch("7: the name that ends every sign-in, any of them; empty: none", default="")
    refusal_exception: str = switch("7: undocumented; no list names a person who says no", default="UserCancelled")
    wrong_answers_allowed: int = switch("undocumented: after so many, AccessTemporarilyBlocked", default=3)
    page_language: Literal["english", "locale"] = switch(
        "3.1: the real page speaks the locale; developers read English", default="english"
    )
    dead_link: Literal["send-back", "say-so"] = switch("3.4: opening a link that is over", default="send-back")

    # Sessions, and what they import
    session_minutes: int = switch("14.13: how long a session waits for its import", default=10)
    expired_session_exception: Literal["InvalidSessionId", "SessionExpired"] = switch(
        "7: of a session that waited too long; the first is the recorded one", default="InvalidSessionId"
    )
    import_setup_seconds: float = switch("4.2: how long the state is setup", default=1.0)
    import_seconds: float = switch("4.2: how long an import takes in all", default=3.0)
    slow_import_seconds: float = switch("4.2: the same in the scenario slow", default=600.0)
    running_status: Literal["200 OK", "202 Accepted"] = switch("14.14: of a poll while it runs", default="200 OK")
    progress_moves: bool = switch("4.2: the recorded progress stays 0", default=False)
    command_hours: int = switch("14.15: how long a finished command can be read", default=24)
    since_required: bool = switch("14.17: refuse an import without it", default=True)
    since_compares: Literal["bookedOn", "transactionOn"] = switch(
        "4.1: undocumented which day counts", default="bookedOn"
    )
    history_days: int = switch("4.1: how far back a first import reaches; 0: as far as the bank does", default=0)
    import_error_exception: str = switch("4.2: what the scenario import-error ends with", default="SessionExpired")
    import_fatal_exception: str = switch("4.2: what import-fatal ends with; an invented name", default="InternalError")
    sessions_at_once: int = switch("7: then ConcurrentSessionsLimitExceeded; 0: no limit", default=0)
    imports_at_once: int = switch("7: then JobsQuotaExceeded; 0: no limit", default=0)

    # Multiple access
    consent_days: int = switch("8: how long it lasts; 90 in the older text", default=180)
    consent_uses_per_day: int = switch("8: imports within any 24 hours", default=4)
    uses_count_at: Literal["reuse", "import"] = switch(
        "8: undocumented which call counts, and is refused when they are used up", default="reuse"
    )
    uses_by_others: int = switch("8: how many of them another company with access takes", default=0)
    early_end_days: int = switch("8: how long it lasts in the scenario consent-ends-early", default=30)
    first_import_counts: bool = switch(
        "8: undocumented whether the one after the sign-in is one of the four", default=False
    )
    consent_history_days: int = switch("4.1: how far back later imports reach", default=90)
    older_since: Literal["clipped", "refused"] = switch(
        "4.1: what a later import does with an older since", default="clipped"
    )
    access_id_place: Literal["session", "reply"] = switch(
        "11: where mock-session puts multipleAccessId", default="session"
    )
    reuse_answers: Literal["session", "command"] = switch(
        "14.21: only a session was ever seen; a command is there to be refused clearly", default="session"
    )
    deletion_body: Literal["reply", "empty"] = switch("14.22: of deleting and signing out", default="reply")

    # The result document
    labels: bool = switch("5: only for those who bought the labelling product", default=True)
    owner_text: bool = switch("5: the deprecated comma-joined owner of an account", default=False)
    pending_rows: Literal["hidden", "listed"] = switch("14.18: payments made unbooked by a test", default="hidden")
    pending_word: str = switch("14.18: their status; only DONE was ever observed", default="PENDING")
    row_balances: bool = switch("5: the balance after each row, which is what tells twins apart", default=True)
    leave_out_row: int = switch(
        "5: which row of every account is lost on the way, counted from the newest; 0: none", default=0
    )
    title_changes: Literal["never", "re-wrapped", "reference-when-booked", "reference-next-day"] = switch(
        "5: from one import to the next; stored data wrap otherwise than imports do", default="never"
    )
    co_owner_word: Literal["CO_OWNER", "CO-OWNER"] = switch("5: one sample spells it with a hyphen", default="CO_OWNER")
    company_owner: bool = switch("5: the person's company holds the accounts, kind COMPANY", default=False)
    nationality: bool = switch("5: an owner's field that one client reads", default=False)
    credit_card: bool = switch("5: every customer has one, with a history of its own", default=False)
    card_terms: Literal["absent", "interest", "interests"] = switch(
        "5: a card's rate, under either spelling, and its dueDate", default="absent"
    )
    deposits: Literal["empty", "deposit", "deposit-and-loan"] = switch(
        "14.19: seen as an empty element of stored data only; the names inside, and loans, are invented",
        default="empty",
    )

    # Stored data
    data_hours: int = switch("9: how long the data of an owner is kept", default=24)
