"""What is done in the recordings of Basiq's own client; see kontist_courses.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from bankweave import Flow
from bankweave.testing.driver import Driver
from bankweave_basiq.blocking import BasiqClient

from .steps import ClientSteps


class Steps(ClientSteps):
    kind: ClassVar[type[Any]] = BasiqClient


@dataclass(frozen=True)
class Told:
    """What was read about a person, and what events told of them."""

    flow: Flow
    email: str | None
    consent: str
    permissions: tuple[str, ...]
    first_read: list[str]
    read_again: list[str]
    refused: str | None
    after_the_end: list[str]
    ended: str


def consents_and_events(drive: Driver) -> Told:
    """Events are read once each; the consent is ended, which is an event of its own."""
    flow = drive.connected()
    steps = Steps(drive)
    user = steps.call("users.get")
    (consent,) = steps.call("consents.list")
    unread = steps.call("events.unread")
    steps.call("events.mark_read", unread)
    again = steps.call("events.unread")
    refused = steps.refused("consents.get", "no-such-consent")
    steps.call("consents.delete", consent.id)
    return Told(
        flow=flow,
        email=user.email,
        consent=consent.status,
        permissions=consent.permissions,
        first_read=[event.kind for event in unread.events],
        read_again=[event.kind for event in again.events],
        refused=refused,
        after_the_end=[event.kind for event in steps.call("events.unread").events],
        ended=steps.call("consents.list")[0].status,
    )
