"""What may vary in the Basiq dialect: every behaviour that the documents leave open or contradict themselves about."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeVar

_T = TypeVar("_T")


def _switch(meaning: str, *, default: _T) -> _T:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(slots=True)
class Switches:
    """Numbers mean the sections of the provider notes, providers/basiq.md."""

    # Tokens (sections 1 and 7.2)
    token_seconds: int = _switch("1: life of a token, documented", default=3600)
    token_limit: int = _switch("1: token calls per window, per origin", default=1500)
    token_window_seconds: int = _switch("1: the window of token_limit", default=300)
    token_limit_status: Literal[403, 429] = _switch(
        "7.2: the older table says 403, the newer one lists 429 as well", default=403
    )
    expired_token: Literal["documented", "401", "403"] = _switch(
        "7.2: 401 on POST /users and mfa, else 403", default="documented"
    )
    client_rights: Literal["strict", "default", "wide"] = _switch(
        "1: sources disagree on what CLIENT_ACCESS may do", default="default"
    )
    mfa_needs_client_token: bool = _switch(
        "1 and 4.4: POST /jobs/{id}/mfa with a server token is forbidden", default=True
    )
    unauthorized_spelling: Literal["unauthorized-access", "unauthorised-access"] = _switch(
        "7.1: the specification and the newer table spell it differently", default="unauthorized-access"
    )

    # Requests (section 7)
    requests_per_minute: int = _switch("7.3: of the whole application; 0: no limit is documented", default=0)
    too_many_requests_status: Literal[429, 403] = _switch("7.2: the documents say either", default=429)
    service_status: Literal[200, 500, 503] = _switch("7.2: what every call but /token is answered with", default=200)
    unavailable_code: Literal["service-unavailable", "Service unavailable"] = _switch(
        "7.2: codes may have spaces and capitals", default="service-unavailable"
    )
    missing_token: Literal["envelope", "gateway"] = _switch(
        "7.1: without any token the gateway may answer before Basiq does", default="envelope"
    )

    # Connectors (section 3.2)
    institutions_down: tuple[str, ...] = _switch(
        "3.2: these have a major outage: their jobs fail, and nobody can connect them", default=()
    )
    institutions_live: tuple[str, ...] = _switch(
        "7.2: these count as live banks, which a sandbox key may not refresh", default=()
    )
    institutions_degraded: tuple[str, ...] = _switch("3.2: these work, but are told to be degraded", default=())

    # Jobs (sections 4 and 13)
    verify_seconds: float = _switch("13: length of the step, 1 to 4 s", default=2.0)
    mfa_seconds: float = _switch("undocumented: from the answer to the bank's verdict", default=1.0)
    accounts_seconds: float = _switch("13: length of the step", default=2.0)
    transactions_seconds: float = _switch("13: length of the step", default=2.0)
    job_days: int = _switch("4.1: older jobs are gone", default=7)
    unknown_job_status: Literal[400, 404] = _switch("7.2: S3 says 400, the specification 404", default=404)
    result_shape: Literal["object", "list", "seed"] = _switch(
        "4.3; 'seed' mixes both, and the link styles, as printed", default="object"
    )
    result_link_style: Literal["relative", "absolute"] = _switch("4.3: result.url", default="relative")
    response_link_style: Literal["relative", "absolute"] = _switch("4.3: result.links.response", default="absolute")
    job_link_style: Literal["relative", "absolute"] = _switch(
        "4.3: links.self and links.source of a job", default="absolute"
    )
    failed_detail_field: Literal["detail", "details"] = _switch("4.3: one schema calls it details", default="detail")
    timestamps: Literal["seconds", "milliseconds"] = _switch("preamble: both are seen", default="seconds")

    # MFA (sections 4.4 and 8)
    mfa_window_seconds: float = _switch("4.3: how long a challenge really waits", default=120.0)
    expiry_ms: int = _switch("4.3: what the challenge says; 3600 in one example", default=120_000)
    intermittent_mfa: Literal["alternate", "always", "never"] = _switch(
        "8: AU00003 asks half of the time", default="alternate"
    )
    mfa_method: Literal["person", "app"] = _switch(
        "4.4: 'app' asks everybody to approve in the bank's app, and to say so", default="person"
    )
    mfa_result_kept: bool = _switch("4.3: after success the result is null, or the challenge is kept", default=False)
    wrong_answer: Literal["failed", "asked-again"] = _switch(
        "4.4: what a wrong answer does to the step", default="failed"
    )

    # Connections (section 3.1)
    method_spelling: Literal["open-banking", "openbanking", "mixed"] = _switch(
        "3.1: examples disagree; mixed: without hyphen in the list", default="open-banking"
    )
    profile_included: bool = _switch("3.1: 'unbundled' for partners without that product", default=True)
    refresh_with_bad_credentials: Literal["refuse", "job"] = _switch(
        "7.2: 400 invalid-credentials, else a failing job", default="refuse"
    )
    open_banking_refreshes_per_day: int = _switch("3.1; the answer (429) is not documented", default=20)
    sandbox_connections: int = _switch("7.3: more connections of test banks are refused", default=500)
    pre_init_kept: bool = _switch(
        "3.1: somebody who leaves an open-banking flow leaves a pre-init connection behind", default=False
    )
    same_credentials_pause_seconds: float = _switch(
        "3.1 says 6 minutes; off, since a demo connects one person often", default=0.0
    )
    failing_step: Literal["retrieve-accounts", "verify-credentials"] = _switch(
        "8: erlich, jianYang", default="retrieve-accounts"
    )

    # Data (section 5)
    data_is_live: bool = _switch(
        "undocumented; False: what the last successful job retrieved is what is shown", default=False
    )
    retrieval_days: int = _switch("2.2: data retrieval span, counted back from the connecting", default=730)
    page_limit: int = _switch("5.2: default and maximum of limit", default=500)
    size_means: Literal["total", "limit"] = _switch("5.2: examples disagree on `size`", default="total")
    paging: Literal["frozen", "offset"] = _switch(
        "undocumented: may a refresh move rows between two pages?", default="frozen"
    )
    next_on_last_page: Literal["absent", "null"] = _switch("5.2: links.next of the last page", default="absent")
    pending_in_date_filters: Literal["last-7-days", "always", "never"] = _switch(
        "5.2: worded ambiguously", default="last-7-days"
    )
    pending_text_churn: bool = _switch(
        "5.2: a pending row may have another description after every refresh", default=False
    )
    transaction_dates: Literal["cards", "always", "pending"] = _switch(
        "5.2: which rows have one; '' for the others", default="cards"
    )
    payment_sub_classes: bool = _switch("5.2: payments have a subClass only for partners with Enrich", default=False)

    # Summaries, reports, statements, enrichment (section 5.3)
    snapshots_per_day: int = _switch("5.3: affordability, income and expenses together", default=1000)
    snapshot_limit: Literal["snapshots_per_day", "users-of-the-day"] = _switch(
        "5.3: documented are as many as users were made that day, at most snapshots_per_day",
        default="snapshots_per_day",
    )
    report_seconds: float = _switch("undocumented: how long a report takes", default=3.0)
    reports_fail: bool = _switch("4.2: a failed report's job has no links", default=False)
    statement_bytes: int = _switch(
        "7.2: larger uploads are answered 413; the limit is undocumented", default=10_000_000
    )
    enrich_included: bool = _switch("5.2: transactions carry `enrich` for partners with that product", default=False)
    enrich_calls: int = _switch("5.3: calls of /enrich in 30 days", default=100)

    # Events and webhooks (section 6)
    event_days: int = _switch("6.1: older events are gone", default=7)
    events_order: Literal["newest-first", "oldest-first"] = _switch("undocumented", default="newest-first")
    deliver_anywhere: bool = _switch(
        "ours: webhooks go to loopback addresses only, unless this says otherwise", default=False
    )
    delivery_seconds: float = _switch("undocumented: how long an endpoint may take to answer", default=15.0)
    cool_off_seconds: float = _switch("6.2: up to 15 minutes before a new webhook is served", default=0.0)
    webhooks_need_approval: bool = _switch(
        "6.2: status pending-approval until the control origin approves", default=False
    )
    secret_prefix: bool = _switch("6.3: one example of a secret has no whsec_", default=True)
    after_last_attempt: Literal["removed", "disabled"] = _switch(
        "6.3: what becomes of an endpoint that never answered well", default="removed"
    )

    # Consents and the consent UI (sections 2.2 and 2.4)
    consent_days: int = _switch("2.2: how long a consent lasts", default=365)
    policy_version: int = _switch("2.4: raise it, and action=update asks the person anew", default=1)
    allow_multiple_connections: bool = _switch("2.2: a dashboard option; several banks in one visit", default=True)
    skip_success_screen: bool = _switch("2.2: a dashboard option; straight back to the application", default=False)


def explain(switches: Switches) -> dict[str, dict[str, Any]]:
    return {f.name: {"value": getattr(switches, f.name), "meaning": f.metadata["meaning"]} for f in fields(switches)}
