"""Jobs: read, list, answer a challenge; and the shapes that results come in (providers/basiq.md, section 4)."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.banks.catalogue import institution_reference
from bankweave_sandbox.basiq.banks.failures import Failure
from bankweave_sandbox.basiq.banks.mfa import Challenge
from bankweave_sandbox.basiq.calls import Call, Gate
from bankweave_sandbox.basiq.errors import ApiError
from bankweave_sandbox.basiq.filters import EQUALITY, parse_filter, select
from bankweave_sandbox.basiq.job_runner import MFA, VERIFY
from bankweave_sandbox.basiq.jobs.other_jobs import report_job, upload_job
from bankweave_sandbox.basiq.state import Job, Link, Step, Upload


def routes(gate: Gate) -> list[Route]:
    return [
        gate.route("GET", "/jobs/{job_id}", get_job, right="job.read"),
        gate.route("POST", "/jobs/{job_id}/mfa", answer_challenge, right="job.answer"),
        gate.route("GET", "/users/{user_id}/jobs", list_jobs),
    ]


def get_job(call: Call) -> Response:
    wanted, platform = call.path("job_id"), call.platform
    report = next((report for report in platform.reports.values() if report.job_id == wanted), None)
    if report is not None and call.token.scope == "SERVER_ACCESS":
        return JSONResponse(report_job(report, call))
    upload = platform.uploads.get(wanted)
    if upload is not None:
        call.demand_user(upload.user_id)
        return JSONResponse(upload_job(upload, call))
    return JSONResponse(_connection_job(_job(call), call))


def list_jobs(call: Call) -> Response:
    """List a user's jobs of the last days; each names its institution here."""
    user = call.user
    terms = parse_filter(call.query("filter"), {"connection.id": EQUALITY})
    jobs = [job for job in call.platform.jobs.values() if job.user_id == user.id]
    data = [_listed(job, call) for job in select(jobs, terms, lambda job, _: job.connection_id)]
    if not terms:
        data += [_listed_upload(one, call) for one in call.platform.uploads.values() if one.user_id == user.id]
    return call.listing(data, size=len(data))


def answer_challenge(call: Call) -> Response:
    """Take the answers; any content type will do, since Basiq's own page sent them as plain text (section 4.4)."""
    job = _job(call)
    answers = _answers(call)
    challenge = job.challenge
    if not job.awaits_answer or challenge is None:  # it comes too late, twice, too early
        if call.switches.unawaited_answer == 404:
            raise errors.not_found("The job is not waiting for an MFA response")
        raise errors.not_valid("The job is not waiting for an MFA response", "mfa-response")
    if len(answers) != len(challenge.inputs):
        raise errors.not_valid("mfa-response must have one answer for each input", "mfa-response")
    call.platform.answer(job, answers)
    return JSONResponse(call.job_reference(job.id), status_code=202)


def _answers(call: Call) -> tuple[str, ...]:
    answers = call.json().get("mfa-response")
    if answers is None:
        raise errors.not_supplied("mfa-response is required", "mfa-response")
    if not isinstance(answers, list) or not all(isinstance(answer, str) for answer in answers):
        raise errors.not_valid("mfa-response must be an array of strings", "mfa-response")
    return tuple(answers)


def _job(call: Call) -> Job:
    job = call.platform.jobs.get(call.path("job_id"))
    if job is None:
        unknown = errors.not_found("Requested job does not exist.")
        raise ApiError(call.switches.unknown_job_status, unknown.code, unknown.title, unknown.detail)
    call.demand_user(job.user_id)
    return job


def _connection_job(job: Job, call: Call) -> dict[str, object]:
    return {
        "type": "job",
        "id": job.id,
        "created": call.instant(job.created),
        "updated": call.instant(job.updated),
        "jobType": "connection",
        "steps": [_step(step, job, call) for step in job.steps],
        "links": _links(job, call),
    }


def _listed(job: Job, call: Call) -> dict[str, object]:
    return _with_institution(_connection_job(job, call), job.connector.id, call)


def _listed_upload(upload: Upload, call: Call) -> dict[str, object]:
    return _with_institution(upload_job(upload, call), upload.institution, call)


def _with_institution(shown: dict[str, object], institution: str, call: Call) -> dict[str, object]:
    del shown["jobType"]
    return {**shown, "institution": institution_reference(institution, call.base, call.switches)}


def _links(job: Job, call: Call) -> dict[str, str]:
    seed = call.switches.result_shape == "seed"
    base = "" if seed or call.switches.job_link_style == "relative" else call.base
    links = {"self": f"{base}/jobs/{job.id}"}
    first = job.steps[0]
    # The connection is not known before the bank has answered (sections 4.2).
    if first.title == VERIFY and first.status in {"success", "failed"}:
        links["source"] = f"{base}/users/{job.user_id}/connections/{job.connection_id}"
    return links


def _step(step: Step, job: Job, call: Call) -> dict[str, object]:
    result = _result(step, job, call)
    in_list = result is not None and _is_listed(step, call)
    title = call.switches.mfa_title if step.title == MFA else step.title
    return {"title": title, "status": step.status, "result": [result] if in_list else result}


def _is_listed(step: Step, call: Call) -> bool:
    """Say whether the result stands in a list; printed examples put all there but the security questions (4.3)."""
    if call.switches.result_shape == "seed":
        return not (isinstance(step.result, Challenge) and step.result.method == "security-questions")
    return call.switches.result_shape == "list"


def _result(step: Step, job: Job, call: Call) -> dict[str, object] | None:
    match step.result:
        case Link(path):
            base = call.base if call.switches.result_link_style == "absolute" else ""
            return {"type": "link", "url": base + path}
        case Failure(_, code, title, detail):
            return {"code": code, "title": title, call.switches.failed_detail_field: detail}
        case Challenge():
            return _challenge(step.result, job, call)
    return None


def _challenge(challenge: Challenge, job: Job, call: Call) -> dict[str, object]:
    seed_token = call.switches.result_shape == "seed" and challenge.method == "token"
    seed_questions = call.switches.result_shape == "seed" and not seed_token
    absolute = seed_questions or (call.switches.response_link_style == "absolute" and not seed_token)
    return {
        "type": "mfa",
        "method": challenge.method,
        "description": challenge.description,
        "input": list(challenge.inputs),
        # The printed example of a code says 3600, that of questions 120000 (section 4.3).
        "expiryMs": 3600 if seed_token else call.switches.expiry_ms,
        "links": {"response": f"{call.base if absolute else ''}/jobs/{job.id}/mfa"},
    }
