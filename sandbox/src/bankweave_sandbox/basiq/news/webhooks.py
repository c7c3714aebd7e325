"""Webhooks over the API (providers/basiq.md, section 6.2)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.calls import UUID, Call, Gate
from bankweave_sandbox.basiq.errors import ApiError
from bankweave_sandbox.basiq.events.types import subscribable
from bankweave_sandbox.basiq.notifications.records import Webhook
from bankweave_sandbox.basiq.notifications.signing import make_secret
from bankweave_sandbox.basiq.switches import Switches


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a body asks for; None: not mentioned."""

    url: str
    name: str | None
    description: str | None
    events: tuple[str, ...] | None


def routes(gate: Gate) -> list[Route]:
    path = "/notifications/webhooks"
    return [
        gate.route("POST", path, create_webhook),
        gate.route("GET", path, list_webhooks),
        gate.route("GET", path + "/{webhook_id}", get_webhook),
        gate.route("POST", path + "/{webhook_id}", update_webhook),
        gate.route("DELETE", path + "/{webhook_id}", delete_webhook),
    ]


def create_webhook(call: Call) -> Response:
    """Create a webhook. One without events is told nothing (undocumented)."""
    wanted = _wanted(call)
    _check_free(wanted, call, None)
    now = call.platform.now()
    webhook = Webhook(
        id=str(uuid.uuid4()),
        url=wanted.url,
        name=wanted.name or "",
        description=wanted.description or "",
        events=wanted.events or (),
        secret=make_secret(prefixed=call.switches.secret_prefix, padded=call.switches.secret_padding),
        served_from=now + timedelta(seconds=call.switches.cool_off_seconds),
        status="pending-approval" if call.switches.webhooks_need_approval else "active",
    )
    call.platform.postbox.webhooks[webhook.id] = webhook
    return JSONResponse(_webhook(webhook, call, with_secret=True), status_code=201)


def list_webhooks(call: Call) -> Response:
    data = [_webhook(webhook, call) for webhook in call.platform.postbox.webhooks.values()]
    links = {"self": f"{call.base}/notifications/webhooks"}
    shown = data[0] if call.switches.webhook_shapes == "printed" and len(data) == 1 else data
    return JSONResponse({"type": "list", "size": len(data), "count": len(data), "data": shown, "links": links})


def get_webhook(call: Call) -> Response:
    return JSONResponse(_webhook(webhook_of(call), call))


def update_webhook(call: Call) -> Response:
    """Change what is sent and leave the rest; the secret stays, and is told again."""
    webhook = webhook_of(call)
    wanted = _wanted(call)
    _check_free(wanted, call, webhook)
    webhook.url = wanted.url
    webhook.name = webhook.name if wanted.name is None else wanted.name
    webhook.description = webhook.description if wanted.description is None else wanted.description
    webhook.events = webhook.events if wanted.events is None else wanted.events
    return JSONResponse(_webhook(webhook, call, with_secret=True))


def delete_webhook(call: Call) -> Response:
    call.platform.postbox.remove(webhook_of(call).id)
    return Response(status_code=204)


def webhook_of(call: Call) -> Webhook:
    """Find the webhook that the path names."""
    wanted = call.path("webhook_id")
    if not UUID.fullmatch(wanted):
        raise errors.path_not_valid("Webhook ID parameter is not valid", "webhookId")
    webhook = call.platform.postbox.webhooks.get(wanted)
    if webhook is None:
        raise errors.not_found("Requested webhook does not exist.")
    return webhook


def _wanted(call: Call) -> _Wanted:
    call.demand_json_type()
    body = call.json()
    url, name, description = body.get("url"), body.get("name"), body.get("description")
    texts = all(text is None or isinstance(text, str) for text in (name, description))
    if not isinstance(url, str) or not _is_address(url) or not texts:
        raise errors.invalid_request_content()
    return _Wanted(url, name, description, _events(body.get("subscribedEvents"), call.switches))


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # "http://[" is one, a port beyond 65535 another
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0


def _events(value: object, switches: Switches) -> tuple[str, ...] | None:
    """Read the subscribed events: an array, or the bare text of the specification's examples."""
    if value is None:
        return None
    events = [value] if isinstance(value, str) else value
    if not isinstance(events, list) or not all(isinstance(event, str) for event in events):
        raise errors.invalid_request_content()
    if not set(events) <= subscribable(switches):
        raise errors.invalid_request_content("Posted subscribedEvents contains unsupported event types.")
    return tuple(dict.fromkeys(events))


def _check_free(wanted: _Wanted, call: Call, updated: Webhook | None) -> None:
    """Refuse a second webhook with the same address or one of the same events: each stands once in an application."""
    others = [webhook for webhook in call.platform.postbox.webhooks.values() if webhook is not updated]
    if any(webhook.url == wanted.url for webhook in others):
        detail = "Webhook with provided url already exists."
        raise ApiError(409, "resource-already-exists", "Resource already exists", detail)
    if any(set(webhook.events) & set(wanted.events or ()) for webhook in others):
        detail = "Posted subscribedEvents contains events that are already subscribed to for this application."
        raise ApiError(400, "event-already-subscribed", "Event already subscribed", detail)


def _webhook(webhook: Webhook, call: Call, *, with_secret: bool = False) -> dict[str, object]:
    secret = {"secret": webhook.secret} if with_secret else {}
    is_printed = call.switches.webhook_shapes == "printed"
    return {
        "type": "webhook",
        "id": webhook.id,
        "name": webhook.name,
        "description": webhook.description,
        "url": webhook.url,
        "status": webhook.status,
        **secret,
        "subscribedEvents": webhook.events[0] if is_printed and len(webhook.events) == 1 else list(webhook.events),
        "links": {"self": f"{call.base}/notifications/webhooks/{webhook.id}"},
    }
