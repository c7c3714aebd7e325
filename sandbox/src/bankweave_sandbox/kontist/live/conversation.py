"""graphql-transport-ws as the server speaks it, without the socket (providers/kontist.md section 6.6).

The protocol's own document (PROTOCOL.md of enisdenjo/graphql-ws) gives the messages and the close codes; where it leaves
a choice, its reference server is followed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from graphql import DocumentNode, GraphQLError

from bankweave_sandbox.kontist.caller import Caller
from bankweave_sandbox.kontist.graphql.access import check_access
from bankweave_sandbox.kontist.graphql.documents import root_fields
from bankweave_sandbox.kontist.graphql.operations import (
    GraphQLRequest,
    InvalidDocumentError,
    Operations,
    has_not_run,
    is_subscription,
    read_request,
    render_errors,
    render_result,
)
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.kontist.transactions.arrivals import Arrival
from bankweave_sandbox.world import Person

Message: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Close:
    code: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Subscription:
    asked: GraphQLRequest
    document: DocumentNode


@dataclass(slots=True)
class Conversation:
    """One socket's state. What is to be sent goes to `say`, in order; nothing is said after a `Close`."""

    id: str
    opened_at: datetime
    origin: str  # where this server was reached
    operations: Operations
    switches: Switches
    say: Callable[[Message | Close], None]
    on_acknowledged: Callable[[Conversation], None]
    on_subscribed: Callable[[Conversation, str], None]
    has_begun: bool = False  # connection_init came
    is_over: bool = False
    token: str | None = field(default=None, repr=False)
    _caller: Caller | None = None  # None: not acknowledged
    _subscriptions: dict[str, _Subscription] = field(default_factory=dict)

    @property
    def person(self) -> Person | None:
        return self._caller.person if self._caller else None

    @property
    def expires_at(self) -> datetime | None:
        return self.operations.expiry(self.token) if self.token else None

    @property
    def subscription_ids(self) -> list[str]:
        return list(self._subscriptions)

    def hear(self, text: str | None) -> None:
        """Take what the client sent; None: a binary message, which the protocol does not know."""
        self.end_with_token()
        if self.is_over:
            return
        match _read(text):
            case {"type": "connection_init", **rest}:
                self._begin(rest.get("payload"))
            case {"type": "ping", **rest}:
                self._send({"type": "pong"} | ({"payload": rest["payload"]} if "payload" in rest else {}))
            case {"type": "pong"}:
                pass
            case {"type": "subscribe", "id": str(name), "payload": dict(payload)} if name:
                self._subscribe(name, payload)
            case {"type": "complete", "id": str(name)}:
                self._subscriptions.pop(name, None)
            case _:
                self.close(4400, "Invalid message received")

    def tell(self, arrival: Arrival, only: str | None = None) -> bool:
        """Answer the subscriptions of somebody who is to be told; False when there are none."""
        self.end_with_token()
        if self.is_over or self.person not in arrival.people:
            return False
        for name in self.subscription_ids:
            if only in {None, name}:
                self._send_next(name, arrival)
        return bool(self._subscriptions)

    def ping(self) -> None:
        self._send({"type": "ping"})

    def close(self, code: int, reason: str = "") -> None:
        if not self.is_over:
            self.is_over = True
            self._subscriptions.clear()
            self.say(Close(code, reason))

    def end_with_token(self) -> None:
        """Close when the token has expired and the switch says so. Undocumented."""
        if self._is_past_token():
            code = 4401 if self.switches.socket_at_expiry == "close_4401" else 4403
            self.close(code, "Unauthorized" if code == 4401 else "Forbidden")

    def close_unless_begun(self) -> None:
        """Give up on a client that has not sent connection_init in time."""
        if not self.has_begun:
            self.close(4408, "Connection initialisation timeout")

    def _is_past_token(self) -> bool:
        if self.switches.socket_at_expiry == "stay" or self._caller is None or self._caller.grant is None:
            return False
        return self.operations.caller(self.token, self.origin) is None

    def _begin(self, payload: object) -> None:
        if self.has_begun:
            return self.close(4429, "Too many initialisation requests")
        self.has_begun = True
        caller = self._sign_in(payload if isinstance(payload, dict) else {})
        if caller is None:
            return self.close(4403, "Forbidden")
        self._caller = caller
        self._send({"type": "connection_ack"})
        return self.on_acknowledged(self)

    def _sign_in(self, payload: dict[str, Any]) -> Caller | None:
        """Read the token from the `Authorization` key, the only place where it travels."""
        given = payload.get("Authorization")
        if given is None:
            return self.operations.anonymous(self.origin)
        scheme, _, self.token = str(given).partition(" ")
        caller = self.operations.caller(self.token, self.origin) if scheme.lower() == "bearer" else None
        if caller is None and self.switches.socket_bad_token == "error_on_subscribe":
            return self.operations.anonymous(self.origin)
        return caller

    def _subscribe(self, name: str, payload: dict[str, Any]) -> None:
        if self._caller is None:
            return self.close(4401, "Unauthorized")
        if name in self._subscriptions:
            return self.close(4409, f"Subscriber for {name} already exists")
        try:
            asked = read_request(payload)
            document = self.operations.check(asked, self._caller)
            if is_subscription(asked, document):
                return self._keep(name, asked, document, self._caller)
        except Problem as problem:
            return self._send_errors(name, [problem])
        except InvalidDocumentError as invalid:
            return self._send_errors(name, list(invalid.errors))
        return self._answer_once(name, asked, document, self._caller)

    def _keep(self, name: str, asked: GraphQLRequest, document: DocumentNode, caller: Caller) -> None:
        if caller.grant is not None:
            for root in root_fields(document):
                check_access(caller.grant, "Subscription", root, self.switches)
        self._subscriptions[name] = _Subscription(asked, document)
        self.on_subscribed(self, name)

    def _answer_once(self, name: str, asked: GraphQLRequest, document: DocumentNode, caller: Caller) -> None:
        result = self.operations.run(asked, document, caller)
        if has_not_run(result):
            return self._send_errors(name, result.errors or [])
        self._send({"id": name, "type": "next", "payload": render_result(result)})
        return self._send({"id": name, "type": "complete"})

    def _send_next(self, name: str, arrival: Arrival) -> None:
        subscription = self._subscriptions[name]
        if self._caller is None:
            return
        result = self.operations.run(subscription.asked, subscription.document, self._caller, arrival)
        self._send({"id": name, "type": "next", "payload": render_result(result)})

    def _send_errors(self, name: str, errors: list[GraphQLError]) -> None:
        self._send({"id": name, "type": "error", "payload": render_errors(errors)})

    def _send(self, message: Message) -> None:
        if not self.is_over:
            self.say(message)


def _read(text: str | None) -> object:
    try:
        return json.loads(text or "")
    except ValueError:
        return None
