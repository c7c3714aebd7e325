"""What Kontomatik's documents leave open, or what varies between its customers: one field for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ScenarioName = Literal[
    "by-user-name",
    "access-blocked",
    "consent-revoked",
    "empty",
    "expired-session",
    "import-error",
    "import-fatal",
    "invalid-credentials",
    "locked-out",
    "manual-action",
    "outage",
    "partial",
    "refuse",
    "single-only",
    "slow",
    "unknown-status",
]


@dataclass(slots=True)
class Switches:
    """Sections are those of providers/kontomatik.md; a default is the convention that section 14 chose."""

    # Who may call (section 1)
    api_keys: str = "kontomatik-sandbox-key"  # comma-separated: several keys can be valid at once
    accept_key_parameter: bool = True  # the apiKey form or query parameter that clients sent until about 2018
    allowed_addresses: str = "loopback"  # "loopback", "any", or addresses and networks separated by commas

    # Everything at once: the scenario of every sign-in and import, whoever signs in
    scenario: ScenarioName = "by-user-name"

    # Fetch redirection (3.1, 14.10, 14.11)
    redirection_created_status: int = 200
    require_country_and_locale: bool = True
    target_parameter: str = "target"

    # Redirection status (3.3, 14.1 to 14.6)
    word_created: str = "created"  # the two non-final words are in no stored document
    word_in_progress: str = "in_progress"
    word_success: str = "success"
    word_error: str = "error"
    word_expired: str = "expired"
    word_unknown: str = "waiting_for_bank"  # said by the scenario unknown-status
    status_letter_case: Literal["as-written", "upper", "capitalised"] = "as-written"
    missing_access_id: Literal["null", "absent"] = "null"
    pending_params: Literal["empty", "null", "absent"] = "empty"
    error_params: Literal["full", "minimal"] = "full"
    json_errors: Literal["json", "xml"] = "json"

    # Time and rate of a redirection (3.4, 14.7 to 14.9)
    link_minutes: int = 60
    status_hours: int = 24
    status_hours_count_from: Literal["creation", "final-status"] = "creation"
    poll_burst: int = 3  # 0: no limit
    poll_refill_seconds: int = 300
    poll_retry_after: bool = False
    unknown_status_seconds: int = 600

    # The hosted page
    sign_in_outage: bool = False  # the bank cannot be reached: section 15
    outage_exception: str = "ServiceTemporarilyUnavailable"
    refusal_exception: str = "UserCancelled"  # undocumented name: no list has a word for a person who says no
    wrong_answers_allowed: int = 3  # then AccessTemporarilyBlocked; the number is undocumented
    page_language: Literal["english", "locale"] = "english"  # the real page speaks the locale; developers read English
    dead_link: Literal["send-back", "say-so"] = "send-back"  # opening a link that is over (3.4)

    # Sessions and imports (4, 14.13 to 14.17)
    session_minutes: int = 10
    import_setup_seconds: float = 1.0
    import_seconds: float = 3.0
    slow_import_seconds: float = 600.0
    running_status: Literal["200 OK", "202 Accepted"] = "200 OK"
    progress_moves: bool = False  # the recorded one stays 0
    command_hours: int = 24
    since_required: bool = True
    since_compares: Literal["bookedOn", "transactionOn"] = "bookedOn"
    history_days: int = 0  # how far back a first import reaches; 0: as far as the bank
    import_error_exception: str = "SessionExpired"
    import_fatal_exception: str = "InternalError"
    sessions_at_once: int = 0  # 0: no limit; else ConcurrentSessionsLimitExceeded (7)
    imports_at_once: int = 0  # 0: no limit; else JobsQuotaExceeded (7)

    # Multiple access (8)
    consent_days: int = 180
    consent_uses_per_day: int = 4
    first_import_counts: bool = False  # whether the import right after the sign-in is one of the four
    consent_history_days: int = 90
    older_since: Literal["clipped", "refused"] = "clipped"  # what a later import does with an older `since`
    access_id_place: Literal["session", "reply"] = "session"  # in mock-session's reply (11)

    # The result document (5, 14.18)
    labels: bool = True  # only for those who bought the labelling product
    owner_text: bool = False  # the deprecated comma-joined `owner` of an account
    pending_rows: Literal["hidden", "listed"] = "hidden"  # only DONE was ever observed
    pending_word: str = "PENDING"

    # Stored data (9)
    data_hours: int = 24
