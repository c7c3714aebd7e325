"""What may vary in the Basiq dialect: every behaviour that the documents leave open or contradict themselves about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bankweave_sandbox.switches import switch


@dataclass(slots=True)
class Switches:
    """Numbers mean the sections of the provider notes, providers/basiq.md."""

    # Tokens (sections 1 and 7.2)
    token_seconds: int = switch("1: life of a token, documented", default=3600)
    token_limit: int = switch("1: token calls per window, per origin", default=1500)
    token_window_seconds: int = switch("1: the window of token_limit", default=300)
    token_limit_status: Literal[403, 429] = switch(
        "7.2: the older table says 403, the newer one lists 429 as well", default=403
    )
    untyped_token_form: bool = switch(
        "undocumented: POST /token reads a form that has no content type, as the client basiq-go sends it", default=True
    )
    expired_token: Literal["documented", "401", "403"] = switch(
        "7.2: 401 on POST /users and mfa, else 403", default="documented"
    )
    client_rights: Literal["strict", "default", "wide"] = switch(
        "1: sources disagree on what CLIENT_ACCESS may do", default="default"
    )
    mfa_needs_client_token: bool = switch(
        "1 and 4.4: POST /jobs/{id}/mfa with a server token is forbidden", default=True
    )
    unauthorized_spelling: Literal["unauthorized-access", "unauthorised-access"] = switch(
        "7.1: the specification and the newer table spell it differently", default="unauthorized-access"
    )

    # Requests (section 7)
    requests_per_minute: int = switch("7.3: of the whole application; 0: no limit is documented", default=0)
    too_many_requests_status: Literal[429, 403] = switch("7.2: the documents say either", default=429)
    service_status: Literal[200, 500, 503] = switch("7.2: what every call but /token is answered with", default=200)
    server_error_code: Literal["internal-server-error", "parameter-not-valid"] = switch(
        "7.2: the newer table has another code for a 500", default="internal-server-error"
    )
    account_disabled: bool = switch("7.2: every call is answered 403 access-denied, as once disabled", default=False)
    unavailable_code: Literal["service-unavailable", "Service unavailable"] = switch(
        "7.2: codes may have spaces and capitals", default="service-unavailable"
    )
    missing_token: Literal["envelope", "gateway"] = switch(
        "7.1: without any token the gateway may answer before Basiq does", default="envelope"
    )

    # Connectors (section 3.2)
    public_lists_served: bool = switch(
        "3.2: /public/connectors and /public/institutions need no token; v2.1 documents them, Basiq's own pages read them",
        default=True,
    )
    institutions_served: bool = switch(
        "3.2: /connectors replaced /institutions, but links still lead there and Basiq's own kits call it", default=True
    )
    institutions_down: tuple[str, ...] = switch(
        "3.2: these have a major outage: their jobs fail, and nobody can connect them", default=()
    )
    institutions_open_banking: tuple[str, ...] = switch(
        "8: no method is named for the test banks; these are reached by open banking, the others over the web",
        default=("AU00004",),
    )
    institutions_live: tuple[str, ...] = switch(
        "7.2: these count as live banks, which a sandbox key may not refresh", default=()
    )
    institution_links: Literal["institutions", "connectors"] = switch(
        "3.2: links lead to /institutions/<id>, and are to move to /connectors/<id>, which is served then",
        default="institutions",
    )
    durations_known: bool = switch("3.2: averageDurationMs is null where it is not known", default=True)
    institutions_degraded: tuple[str, ...] = switch("3.2: these work, but are told to be degraded", default=())

    # Jobs (sections 4 and 13)
    verify_seconds: float = switch("13: length of the step, 1 to 4 s", default=2.0)
    mfa_seconds: float = switch("undocumented: from the answer to the bank's verdict", default=1.0)
    accounts_seconds: float = switch("13: length of the step", default=2.0)
    transactions_seconds: float = switch("13: length of the step", default=2.0)
    job_days: int = switch("4.1: older jobs are gone", default=7)
    unknown_job_status: Literal[400, 404] = switch("7.2: S3 says 400, the specification 404", default=404)
    result_shape: Literal["object", "list", "seed"] = switch(
        "4.3; 'seed' mixes both, and the link styles, as printed", default="object"
    )
    result_link_style: Literal["relative", "absolute"] = switch("4.3: result.url", default="relative")
    response_link_style: Literal["relative", "absolute"] = switch("4.3: result.links.response", default="absolute")
    job_link_style: Literal["relative", "absolute"] = switch(
        "4.3: links.self and links.source of a job", default="absolute"
    )
    mfa_title: Literal["mfa-challenge", "mfa-challenege"] = switch(
        "4.2: one example misspells the step", default="mfa-challenge"
    )
    report_result_type: Literal["report", "link"] = switch("4.3: both are seen for a report", default="report")
    failed_detail_field: Literal["detail", "details"] = switch("4.3: one schema calls it details", default="detail")
    timestamps: Literal["seconds", "milliseconds"] = switch("preamble: both are seen", default="seconds")

    # MFA (sections 4.4 and 8)
    mfa_window_seconds: float = switch("4.3: how long a challenge really waits", default=120.0)
    expiry_ms: int = switch("4.3: what the challenge says; 3600 in one example", default=120_000)
    intermittent_mfa: Literal["alternate", "always", "never"] = switch(
        "8: AU00003 asks half of the time", default="alternate"
    )
    mfa_method: Literal["person", "app"] = switch(
        "4.4: 'app' asks everybody to approve in the bank's app, and to say so", default="person"
    )
    institution_id_answer: Literal["AU00000", "its-own"] = switch(
        "8: to a bank that asks for its ID the table answers AU00000, whichever it is; an example at AU00002 says AU00002",
        default="AU00000",
    )
    mfa_result_kept: bool = switch("4.3: after success the result is null, or the challenge is kept", default=False)
    unawaited_answer: Literal[400, 404] = switch(
        "undocumented: how an answer is refused that comes too late, twice or too early", default=400
    )
    wrong_answer: Literal["failed", "asked-again"] = switch(
        "4.4: what a wrong answer does to the step", default="failed"
    )

    # Connections (section 3.1)
    ended_connections: Literal["gone", "listed"] = switch(
        "3.1: the guides know the statuses revoked and deleted; 'listed' shows connections that have ended with one",
        default="gone",
    )
    method_spelling: Literal["open-banking", "openbanking", "mixed"] = switch(
        "3.1: examples disagree; mixed: without hyphen in the list", default="open-banking"
    )
    users_listed: bool = switch(
        "2.1: GET /users is in no specification, and one of Basiq's kits calls it", default=True
    )
    user_name: Literal["empty", "full"] = switch("2.1: `name` of a user may be empty", default="empty")
    profile_included: bool = switch("3.1: 'unbundled' for partners without that product", default=True)
    refresh_with_bad_credentials: Literal["refuse", "job"] = switch(
        "7.2: 400 invalid-credentials, else a failing job", default="refuse"
    )
    open_banking_refreshes_per_day: int = switch(
        "3.1; the answer is not documented: too_many_requests_status", default=20
    )
    auto_refresh_hours: float = switch(
        "3.1: connections without MFA are refreshed unasked, how often is undocumented; 0: never", default=0.0
    )
    retries_after_update: bool = switch(
        "4.5: a login that was corrected in vain is tried again every 2 hours, for 7 days", default=False
    )
    purge_of_inactive: Literal["refuse", "allow"] = switch(
        "3.1: only while active; how a refusal reads is undocumented", default="refuse"
    )
    refresh_while_running: Literal[200, 202] = switch(
        "3.1: the guide answers 200 with the job that runs, the specification lists 202 only", default=200
    )
    refresh_of_pre_init: Literal["refuse", "not-found", "job"] = switch(
        "undocumented: 400, 404, or a job that fails with authorization-failed", default="refuse"
    )
    other_method: Literal["replaced", "refused"] = switch(
        "3.1: an institution is not connected by web and open banking at once; which gives way is undocumented",
        default="replaced",
    )
    sandbox_connections: int = switch("7.3: more connections of test banks are refused", default=500)
    pre_init_kept: bool = switch(
        "3.1: somebody who leaves an open-banking flow leaves a pre-init connection behind", default=False
    )
    denied_job: bool = switch(
        "4.6: somebody who leaves an open-banking flow leaves a job that failed with authorization-failed",
        default=False,
    )
    same_credentials_pause_seconds: float = switch(
        "3.1: how long the first job of a login that is in use already waits", default=360.0
    )
    same_credentials: Literal["in-use", "ever"] = switch(
        "3.1: whether that is for a login whose job still runs, as the vendor's advice has it, or for any known one",
        default="in-use",
    )
    failing_step: Literal["retrieve-accounts", "verify-credentials"] = switch(
        "8: erlich, jianYang", default="retrieve-accounts"
    )

    # Data (section 5)
    data_is_live: bool = switch(
        "undocumented; False: what the last successful job retrieved is what is shown", default=False
    )
    product_details: Literal["all", "open-banking"] = switch(
        "5.1: BSB, masked number, rates, amortised limits and `meta` come mostly from open banking", default="all"
    )
    retrieval_days: int = switch("2.2: data retrieval span, counted back from the connecting", default=730)
    page_limit: int = switch("5.2: default and maximum of limit", default=500)
    size_means: Literal["total", "limit"] = switch("5.2: examples disagree on `size`", default="total")
    paging: Literal["frozen", "offset"] = switch(
        "undocumented: may a refresh move rows between two pages?", default="frozen"
    )
    next_on_last_page: Literal["absent", "null"] = switch("5.2: links.next of the last page", default="absent")
    pending_in_date_filters: Literal["last-7-days", "always", "never"] = switch(
        "5.2: worded ambiguously", default="last-7-days"
    )
    pending_text_churn: bool = switch(
        "5.2: a pending row may have another description after every refresh", default=False
    )
    transaction_dates: Literal["cards", "always", "pending"] = switch(
        "5.2: which rows have one; the others as absent_dates says", default="cards"
    )
    absent_dates: Literal["empty", "null"] = switch(
        "5.2 and 9.10: examples have '' where there is no transactionDate or expiryDate, schemas allow null as well",
        default="empty",
    )
    payment_sub_classes: bool = switch("5.2: payments have a subClass only for partners with Enrich", default=False)

    # Summaries, reports, statements, enrichment (section 5.3)
    snapshots_per_day: int = switch("5.3: affordability, income and expenses together", default=1000)
    snapshot_limit: Literal["snapshots_per_day", "users-of-the-day"] = switch(
        "5.3: documented are as many as users were made that day, at most snapshots_per_day",
        default="snapshots_per_day",
    )
    report_seconds: float = switch("undocumented: how long a report takes", default=3.0)
    reports_fail: bool = switch("4.2: a failed report's job has no links", default=False)
    statement_bytes: int = switch("7.2: larger uploads are answered 413; the limit is undocumented", default=10_000_000)
    enrich_included: bool = switch("5.2: transactions carry `enrich` for partners with that product", default=False)
    enrich_calls: int = switch("5.3: calls of /enrich in 30 days", default=100)

    # Events and webhooks (section 6)
    event_days: int = switch("6.1: older events are gone", default=7)
    events_order: Literal["newest-first", "oldest-first"] = switch("undocumented", default="newest-first")
    event_ids: Literal["hexadecimal", "uuid"] = switch("6.1: 64 digits or a UUID", default="hexadecimal")
    event_data: Literal["object", "text"] = switch(
        "6.1: an object is on the wire, the specification said a string", default="object"
    )
    consent_archived: bool = switch("6.1: the guide alone knows this type of events", default=False)
    reminders_repeat: bool = switch("6.1: consent.reminder comes every 90 days, or once", default=True)
    webhook_shapes: Literal["arrays", "printed"] = switch(
        "6.2: 'printed' shows one subscribed event as a bare text, and a list of one as an object", default="arrays"
    )
    deliver_anywhere: bool = switch(
        "ours: webhooks go to loopback addresses only, unless this says otherwise", default=False
    )
    delivery_seconds: float = switch("undocumented: how long an endpoint may take to answer", default=15.0)
    cool_off_seconds: float = switch("6.2: up to 15 minutes before a new webhook is served", default=0.0)
    webhooks_need_approval: bool = switch(
        "6.2: status pending-approval until the control origin approves", default=False
    )
    secret_prefix: bool = switch("6.3: one example of a secret has no whsec_", default=True)
    secret_padding: bool = switch("6.3: the printed secret lacks the padding of its base64", default=True)
    signatures: Literal["one", "two"] = switch(
        "6.3: the header is a list; 'two' as while a secret is being changed", default="one"
    )
    retry_pauses: tuple[float, ...] = switch(
        "6.3: seconds from one attempt to the next, as documented; the first is made at once",
        default=(5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 36_000.0),
    )
    after_last_attempt: Literal["removed", "disabled"] = switch(
        "6.3: what becomes of an endpoint that never answered well", default="removed"
    )

    # Consents and the consent UI (sections 2.2 and 2.4)
    consent_days: int = switch("2.2: how long a consent lasts", default=365)
    optional_scopes: tuple[str, ...] = switch(
        "2.4: permissions say whether they are required, and all that were seen are; people may leave these out",
        default=(),
    )
    retain_data: bool = switch("2.2: a dashboard option, told in consents", default=False)
    consent_disclosure: bool = switch(
        "2.4: data.disclosure was seen, and the specification forbids what it does not list", default=False
    )
    policies_served: bool = switch(
        "2.4: consents link to /policies/<id>, and nothing is documented to be served there", default=True
    )
    policy_version: int = switch("2.4: raise it, and action=update asks the person anew", default=1)
    consents_read_alone: bool = switch(
        "2.4: consents link to themselves, and the specification has no GET for one", default=True
    )
    second_revocation: Literal[204, 404] = switch(
        "undocumented: how the revocation of an ended consent is answered", default=204
    )
    redirect_from_query: bool = switch(
        "2.2: clients send redirect_uri or redirectUrl, the documents know only the dashboard's address", default=False
    )
    jobs_returned: Literal["both", "jobIds"] = switch(
        "2.2: jobId and jobIds come back; one example has jobIds alone", default="both"
    )
    allow_multiple_connections: bool = switch("2.2: a dashboard option; several banks in one visit", default=True)
    skip_success_screen: bool = switch("2.2: a dashboard option; straight back to the application", default=False)
