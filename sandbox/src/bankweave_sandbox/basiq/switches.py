"""What may vary in the Basiq dialect: every behaviour that the documents leave open or contradict themselves about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Switches:
    """Section numbers mean the provider notes, providers/basiq.md."""

    # Tokens (sections 1 and 7.2)
    token_seconds: int = 3600  # section 1
    token_limit: int = 1500  # section 1: token calls per window, per origin
    token_window_seconds: int = 300  # section 1
    token_limit_status: Literal[403, 429] = 403  # 7.2: the older table says 403, the newer one lists 429 as well
    expired_token: Literal["documented", "401", "403"] = "documented"  # 7.2: 401 on POST /users and mfa, else 403
    client_rights: Literal["strict", "default", "wide"] = "default"  # section 1: sources disagree on CLIENT_ACCESS
    mfa_needs_client_token: bool = True  # sections 1 and 4.4
    unauthorized_spelling: Literal["unauthorized-access", "unauthorised-access"] = "unauthorized-access"  # 7.1

    # Jobs (sections 4 and 13)
    verify_seconds: float = 2.0  # section 13: 1 to 4 s
    mfa_seconds: float = 1.0  # undocumented: from the answer to the bank's verdict
    accounts_seconds: float = 2.0  # section 13
    transactions_seconds: float = 2.0  # section 13
    job_days: int = 7  # 4.1: older jobs are gone
    unknown_job_status: Literal[400, 404] = 404  # 7.2: S3 says 400, the specification 404
    result_shape: Literal["object", "list", "seed"] = (
        "object"  # 4.3; "seed" mixes both, and the link styles, as printed
    )
    result_link_style: Literal["relative", "absolute"] = "relative"  # 4.3: result.url
    response_link_style: Literal["relative", "absolute"] = "absolute"  # 4.3: result.links.response
    job_link_style: Literal["relative", "absolute"] = "absolute"  # 4.3: links.self and links.source of a job
    failed_detail_field: Literal["detail", "details"] = "detail"  # 4.3: one schema calls it details
    timestamps: Literal["seconds", "milliseconds"] = "seconds"  # preamble: both are seen

    # MFA (sections 4.4 and 8)
    mfa_window_seconds: float = 120.0  # 4.3: how long a challenge really waits
    expiry_ms: int = 120_000  # 4.3: what the challenge says; 3600 in one example
    intermittent_mfa: Literal["alternate", "always", "never"] = "alternate"  # section 8: AU00003 asks half of the time
    mfa_result_kept: bool = False  # 4.3: after success the result is null, or the challenge is kept
    wrong_answer: Literal["failed", "asked-again"] = "failed"  # 4.4

    # Connections (section 3.1)
    method_spelling: Literal["open-banking", "openbanking", "mixed"] = "open-banking"  # mixed: list without hyphen
    profile_included: bool = True  # "unbundled" for partners without that product
    refresh_with_bad_credentials: Literal["refuse", "job"] = (
        "refuse"  # 7.2: 400 invalid-credentials, else a failing job
    )
    open_banking_refreshes_per_day: int = 20  # 3.1; the answer (429) is not documented
    same_credentials_pause_seconds: float = 0.0  # 3.1 says 6 minutes; off, since a demo connects one person often
    failing_step: Literal["retrieve-accounts", "verify-credentials"] = (
        "retrieve-accounts"  # section 8: erlich, jianYang
    )

    # Data (section 5)
    data_is_live: bool = False  # undocumented; False: what the last successful job retrieved is what is shown
    retrieval_days: int = 730  # section 2.2: data retrieval span, counted back from the connecting
    page_limit: int = 500  # 5.2: default and maximum of limit
    size_means: Literal["total", "limit"] = "total"  # 5.2: examples disagree on `size`
    paging: Literal["frozen", "offset"] = "frozen"  # undocumented: may a refresh move rows between two pages?
    next_on_last_page: Literal["absent", "null"] = "absent"  # 5.2
    pending_in_date_filters: Literal["last-7-days", "always", "never"] = "last-7-days"  # 5.2: worded ambiguously
    pending_text_churn: bool = False  # 5.2: a pending row may have another description after every refresh
    transaction_dates: Literal["cards", "always", "pending"] = "cards"  # 5.2: which rows have one; "" for the others
    payment_sub_classes: bool = False  # 5.2: payments have a subClass only for partners with Enrich

    # Consents and the consent UI (sections 2.2 and 2.4)
    consent_days: int = 365  # section 2.2
    policy_version: int = 1  # 2.4: raise it, and action=update asks the person anew
    allow_multiple_connections: bool = True  # section 2.2, a dashboard option
    skip_success_screen: bool = False  # section 2.2, a dashboard option
