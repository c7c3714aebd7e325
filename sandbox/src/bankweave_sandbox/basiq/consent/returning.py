"""Where the Consent UI sends people back to, and what it says there (providers/basiq.md, section 2.2)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from bankweave_sandbox.basiq.consent.visits import Visit
from bankweave_sandbox.basiq.switches import Switches


def address_of_return(setting: str, visit: Visit, jobs: Sequence[str], switches: Switches) -> str:
    """Build the address from the application's `setting`; no job in it means that nothing was connected."""
    query: dict[str, str] = {}
    if jobs and switches.jobs_returned == "both":
        query["jobId"] = jobs[-1]
    if jobs:
        query["jobIds"] = ",".join(jobs)
    if visit.state is not None:
        query["state"] = visit.state
    asked = visit.redirect if switches.redirect_from_query else None
    address = asked or setting
    joint = "&" if "?" in address else "?"
    return address + (joint + urlencode(query, safe=",") if query else "")
