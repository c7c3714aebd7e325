"""One conversation of graphql-transport-ws (section 6.6), without its socket: what to say, and what was meant. Pure.

gql speaks this protocol as well, but not for us: its transport runs tasks and timers of its own beside the program's, closes
from one of them a connection that is not its own, and writes every message into its log, the access token among them. Its
parser still reads our documents.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bankweave.adapter import Response
from bankweave_kontist.queries import Query
from bankweave_kontist.refusals import decode, malformed, refusal_by_graphql
from bankweave_kontist.wire import GraphQLError

SUBPROTOCOL = "graphql-transport-ws"
SUBSCRIPTION = "live-1"  # an id of ours; a socket carries one subscription


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The token was taken."""


@dataclass(frozen=True, slots=True)
class Pinged:
    """The other side wants to know whether we are there."""


@dataclass(frozen=True, slots=True)
class Ponged:
    """The other side has read all that was sent before our ping."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event. `data` is what was asked for, under the names of the document."""

    data: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ended:
    """The other side has ended the subscription, without an error."""


Heard: TypeAlias = Acknowledged | Pinged | Ponged | Delivered | Ended


class _Message(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, allow_inf_nan=False)
    type: Literal["connection_ack", "ping", "pong", "next", "error", "complete"]
    id: str | None = None
    payload: Any = None


class _Result(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, allow_inf_nan=False)
    data: dict[str, Any] | None = None
    errors: list[GraphQLError] | None = None


_MESSAGE = TypeAdapter(_Message)
_RESULT = TypeAdapter(_Result)
_ERRORS = TypeAdapter(list[GraphQLError])


def introduce(token: str) -> str:
    """Begin. The token travels here and nowhere else."""
    return _written("connection_init", payload={"Authorization": f"Bearer {token}"})


def subscribe(query: Query) -> str:
    """Ask for events. The vendor's SDK sends neither variables nor the operation's name."""
    return _written("subscribe", id=SUBSCRIPTION, payload={"query": query.text})


def unsubscribe() -> str:
    return _written("complete", id=SUBSCRIPTION)


def ping() -> str:
    return _written("ping")


def pong() -> str:
    return _written("pong")


def hear(text: str, operation: str) -> Heard:
    """Read a message.

    Raises what the errors in it mean: `AccessRevoked` when the token is no longer taken, else `ProviderRefused` or
    `ProviderUnavailable`. Raises `MalformedAnswer` for what is not of this protocol.
    """
    message = decode(_MESSAGE, text, operation)
    match message.type:
        case "connection_ack":
            return Acknowledged()
        case "ping":
            return Pinged()
        case "pong":
            return Ponged()
    if message.id != SUBSCRIPTION:
        raise malformed(operation)
    if message.type == "complete":
        return Ended()
    return _delivered(message, operation)


def _delivered(message: _Message, operation: str) -> Delivered:
    """Read an event. Partial data beside errors are no event: what is missing in them would look as if it did not exist."""
    if message.type == "error":
        raise _refusal(decode(_ERRORS, json.dumps(message.payload), operation), operation)
    result = decode(_RESULT, json.dumps(message.payload), operation)
    if result.errors:
        raise _refusal(result.errors, operation)
    if result.data is None:
        raise malformed(operation)
    return Delivered(result.data)


def _refusal(errors: list[GraphQLError], operation: str) -> Exception:
    if not errors:
        return malformed(operation)
    return refusal_by_graphql(errors, Response(status=200), operation)


def _written(kind: str, **more: object) -> str:
    return json.dumps({**more, "type": kind}, separators=(",", ":"))
