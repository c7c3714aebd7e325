"""What tests may see and bring about behind Basiq's back, on the control origin."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq.banks.failures import Failure
from bankweave_sandbox.basiq.platform import Platform
from bankweave_sandbox.basiq.state import Connection, Job
from bankweave_sandbox.basiq.timestamps import instant
from bankweave_sandbox.switches import switch_routes

FAILING_STEPS = ("verify-credentials", "retrieve-accounts", "retrieve-transactions")


def control_routes(platform: Platform) -> list[Route]:
    """Serve the switches, the jobs with what the bank wants to hear, connections, auth links and planned failures."""
    return [
        *switch_routes(platform.switches),
        Route("/jobs", _serving(platform, _jobs), methods=["GET"]),
        Route("/connections", _serving(platform, _connections), methods=["GET"]),
        Route("/auth-links", _serving(platform, _auth_links), methods=["GET"]),
        Route("/webhooks", _serving(platform, _webhooks), methods=["GET"]),
        Route("/webhooks/{webhook}/approve", _approver(platform), methods=["POST"]),
        Route("/messages", _serving(platform, _messages), methods=["GET"]),
        Route("/messages/{message}/redeliver", _redeliverer(platform), methods=["POST"]),
        Route("/failures", _planner(platform), methods=["POST"]),
    ]


def _serving(
    platform: Platform, view: Callable[[Platform], list[dict[str, object]]]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(_request: Request) -> Response:
        platform.settle()
        await platform.all_delivered()
        return JSONResponse(view(platform))

    return endpoint


def _jobs(platform: Platform) -> list[dict[str, object]]:
    return [_job(job, platform) for job in platform.jobs.values()]


def _job(job: Job, platform: Platform) -> dict[str, object]:
    return {
        "id": job.id,
        "user": job.user_id,
        "connection": job.connection_id,
        "institution": job.connector.id,
        "steps": {step.title: step.status for step in job.steps},
        "due": None if job.due is None else instant(job.due, platform.switches),
        "awaits_answer": job.awaits_answer,
        "answers": None if job.challenge is None else list(job.challenge.expected),
    }


def _connections(platform: Platform) -> list[dict[str, object]]:
    return [
        {
            "id": connection.id,
            "user": user.id,
            "institution": connection.connector.id,
            "login": connection.login.name,
            "status": connection.status,
        }
        for user in platform.users.values()
        for connection in user.connections.values()
    ]


def _auth_links(platform: Platform) -> list[dict[str, object]]:
    return [
        {"id": user.auth_link.id, "user": user.id, "mobile": user.auth_link.mobile, "code": user.auth_link.code}
        for user in platform.users.values()
        if user.auth_link is not None
    ]


def _webhooks(platform: Platform) -> list[dict[str, object]]:
    return [
        {"id": hook.id, "url": hook.url, "status": hook.status, "events": list(hook.events), "secret": hook.secret}
        for hook in platform.postbox.webhooks.values()
    ]


def _messages(platform: Platform) -> list[dict[str, object]]:
    """List what was sent, once everything that is due has been tried."""
    return [
        {
            "id": message.id,
            "webhook": message.webhook_id,
            "event_type": message.event_type,
            "status": message.status,
            "attempts": [attempt.status_code for attempt in message.attempts],
            "answers": [attempt.response for attempt in message.attempts],
            "due": None if message.due is None else instant(message.due, platform.switches),
        }
        for message in platform.postbox.messages.values()
    ]


def _approver(platform: Platform) -> Callable[[Request], Awaitable[Response]]:
    async def approve(request: Request) -> Response:
        """Let a webhook that waits for approval, or was disabled, be served."""
        webhook = platform.postbox.webhooks.get(request.path_params["webhook"])
        if webhook is None:
            return JSONResponse({"error": "no such webhook; GET /basiq/webhooks lists them"}, status_code=404)
        webhook.status = "active"
        platform.settle()
        return JSONResponse({"id": webhook.id, "status": webhook.status})

    return approve


def _redeliverer(platform: Platform) -> Callable[[Request], Awaitable[Response]]:
    async def redeliver(request: Request) -> Response:
        """Send a message again, under the same id."""
        message = platform.postbox.messages.get(request.path_params["message"])
        if message is None:
            return JSONResponse({"error": "no such message; GET /basiq/messages lists them"}, status_code=404)
        platform.postbox.redeliver(message)
        platform.settle()
        return JSONResponse({"id": message.id}, status_code=202)

    return redeliver


def _planner(platform: Platform) -> Callable[[Request], Awaitable[Response]]:
    async def plan(request: Request) -> Response:
        """Let the next job of a connection fail: `{"connection", "step", "code", "title"?, "detail"?}`."""
        try:
            body = json.loads(await request.body())
        except ValueError:
            body = None
        connection, problem = _planned(platform, body)
        if connection is None:
            return JSONResponse({"error": problem}, status_code=400)
        title = body.get("title", "The bank could not do what was asked")
        connection.next_failure = Failure(body["step"], body["code"], title, body.get("detail", ""))
        return JSONResponse({"connection": connection.id}, status_code=201)

    return plan


def _planned(platform: Platform, body: Any) -> tuple[Connection | None, str]:
    if not isinstance(body, dict) or not all(isinstance(value, str) for value in body.values()):
        return None, "expected a JSON object of texts with connection, step and code"
    if body.get("step") not in FAILING_STEPS or not body.get("code"):
        return (
            None,
            f"step must be one of {', '.join(FAILING_STEPS)}, and code must be given (e.g. service-unavailable)",
        )
    users = platform.users.values()
    found = (user.connections[body["connection"]] for user in users if body.get("connection") in user.connections)
    connection = next(found, None)
    return connection, "no such connection; GET /basiq/connections lists them"
