"""What was sent to a webhook, and test messages (providers/basiq.md, section 6.2)."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.calls import UUID, Call, Gate
from bankweave_sandbox.basiq.errors import ApiError
from bankweave_sandbox.basiq.events.types import subscribable
from bankweave_sandbox.basiq.filters import EQUALITY, ORDER, parse_filter, select
from bankweave_sandbox.basiq.news.webhooks import webhook_of
from bankweave_sandbox.basiq.notifications.records import Attempt, Message
from bankweave_sandbox.basiq.tokens import APPLICATION_ID

# The specification names the properties only; the spelling of the filter is undocumented.
_FILTERS = {**dict.fromkeys(("status", "eventTypeId", "webhookId", "eventId"), EQUALITY), "date": ORDER}
_SAMPLE_EVENT = "0" * 64
_SAMPLE_USER = "00000000-0000-4000-8000-000000000000"


def routes(gate: Gate) -> list[Route]:
    path = "/notifications/webhooks/{webhook_id}/messages"
    return [
        gate.route("GET", path, list_messages),
        gate.route("GET", path + "/{message_id}", get_message),
        gate.route("POST", "/notifications/messages/test", send_test),
    ]


def list_messages(call: Call) -> Response:
    """List the messages to a webhook, the newest first (undocumented)."""
    webhook = webhook_of(call)
    terms = parse_filter(call.query("filter"), _FILTERS, dates=("date",))
    messages = [m for m in reversed(call.platform.postbox.messages.values()) if m.webhook_id == webhook.id]
    found = select(messages, terms, _field)
    data = [_message(message, call) for message in found[: call.limit]]
    return call.listing(data, count=len(data), size=len(found))


def get_message(call: Call) -> Response:
    webhook, wanted = webhook_of(call), call.path("message_id")
    if not UUID.fullmatch(wanted):
        raise errors.path_not_valid("Message ID parameter is not valid", "messageId")
    message = call.platform.postbox.messages.get(wanted)
    if message is None or message.webhook_id != webhook.id:
        raise errors.not_found("Requested message does not exist.")
    return JSONResponse(_message(message, call))


def send_test(call: Call) -> Response:
    """Send a message about nothing real to the webhook that is subscribed to the type; else to the first one.

    Which webhook is meant is undocumented; the links of a test message lead nowhere.
    """
    call.demand_json_type()
    body = call.json()
    wanted = body.get("eventTypeId")
    if not isinstance(wanted, str) or not isinstance(body.get("Text", ""), str):
        raise errors.invalid_request_content()
    if wanted not in subscribable(call.switches):
        raise errors.invalid_request_content("Posted eventTypeId doesn't exists.")
    webhooks = list(call.platform.postbox.webhooks.values())
    if not webhooks:
        detail = f"No webhooks found for an app: {APPLICATION_ID}, at least one webhook should exist in the system"
        raise ApiError(400, "no-webhooks-found", "No webhooks found for an app", detail)
    subscribed = next((webhook for webhook in webhooks if wanted in webhook.events), webhooks[0])
    call.platform.postbox.post(subscribed, wanted, _SAMPLE_EVENT, f"/users/{_SAMPLE_USER}")
    return Response(status_code=201)


def _field(message: Message, prop: str) -> str:
    match prop:
        case "status":
            return message.status
        case "eventTypeId":
            return message.event_type
        case "webhookId":
            return message.webhook_id
        case "eventId":
            return message.event_id
    return message.attempts[0].at.date().isoformat() if message.attempts else ""


def _message(message: Message, call: Call) -> dict[str, object]:
    webhook = f"{call.base}/notifications/webhooks/{message.webhook_id}"
    return {
        "id": message.id,
        "payload": call.platform.postbox.payload(message),
        "attempts": [_attempt(attempt, call) for attempt in message.attempts],
        "links": {"self": f"{webhook}/messages/{message.id}", "webhook": webhook},
    }


def _attempt(attempt: Attempt, call: Call) -> dict[str, object]:
    return {
        "id": attempt.id,
        "url": attempt.url,
        "response": attempt.response,
        "responseStatusCode": attempt.status_code,
        "timestamp": call.instant(attempt.at),
        "status": "Success" if attempt.succeeded else "Failed",
    }
