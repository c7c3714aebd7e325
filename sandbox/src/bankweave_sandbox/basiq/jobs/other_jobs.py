"""Jobs that are not a connection's: reports and uploaded statements (providers/basiq.md, sections 4.2 and 5.3)."""

from __future__ import annotations

from datetime import datetime

from bankweave_sandbox.basiq.calls import Call
from bankweave_sandbox.basiq.state import Report, Upload

Shape = dict[str, object]

UPLOAD_STEPS = ("verify-credentials", "retrieve-accounts", "retrieve-transactions", "retrieve-statements")


def report_job(report: Report, call: Call) -> Shape:
    """Tell how a report stands; a failed one has no links (section 4.2)."""
    now = call.platform.now()
    is_over = report.due <= now
    status = ("failed" if report.fails else "success") if is_over else "in-progress"
    url = f"{call.base}/reports/{report.id}"
    links = {"self": f"{call.base}/jobs/{report.job_id}", **({"source": url} if is_over else {})}
    return {
        "type": "job",
        "id": report.job_id,
        "createdDate": call.instant(report.made),
        "updatedDate": call.instant(min(now, report.due)),
        "jobType": "report",
        "sourceId": report.id,
        "steps": [{"title": "create-report", "status": status, "result": _report_result(report, status, call)}],
        "links": None if status == "failed" else links,
    }


def _report_result(report: Report, status: str, call: Call) -> Shape | None:
    if status == "success":
        return {"type": call.switches.report_result_type, "url": f"/reports/{report.id}"}
    if status == "failed":
        return {"code": "unknown-error", "title": "Report failed", "detail": "The report could not be created."}
    return None


def upload_job(upload: Upload, call: Call) -> Shape:
    """Tell how an uploaded statement stands: shown as a connection's job, without a source (section 4.2)."""
    now = call.platform.now()
    return {
        "type": "job",
        "id": upload.job_id,
        "created": call.instant(upload.made),
        "updated": call.instant(min(now, upload.due)),
        "jobType": "connection",
        "steps": _upload_steps(upload, now),
        "links": {"self": f"{call.base}/jobs/{upload.job_id}"},
    }


def _upload_steps(upload: Upload, now: datetime) -> list[Shape]:
    """Let the steps share the time evenly."""
    share = (upload.due - upload.made) / len(UPLOAD_STEPS)
    begins = [upload.made + share * number for number in range(len(UPLOAD_STEPS))]
    return [
        _upload_step(upload, title, begin, begin + share, now)
        for title, begin in zip(UPLOAD_STEPS, begins, strict=True)
    ]


def _upload_step(upload: Upload, title: str, begin: datetime, end: datetime, now: datetime) -> Shape:
    if now < end:
        return {"title": title, "status": "pending" if now < begin else "in-progress", "result": None}
    failure = upload.failure
    if failure is not None and title == failure.step:
        result = {"code": failure.code, "title": failure.title, "detail": failure.detail}
        return {"title": title, "status": "failed", "result": result}
    kind = "accounts" if title in UPLOAD_STEPS[:2] else "transactions"
    url = f"/users/{upload.user_id}/{kind}?filter=institution.id.eq('{upload.institution}')"
    return {"title": title, "status": "success", "result": {"type": "link", "url": url}}
