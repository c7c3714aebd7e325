"""What is done in the recordings of Basiq's own client; see kontist_courses.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from bankweave import AsyncBankweave, Bankweave, Flow
from bankweave.testing.driver import Driver
from bankweave_basiq.blocking import BasiqClient

from .steps import ClientSteps

ENDPOINT = "https://app.example/basiq"


class Steps(ClientSteps):
    kind: ClassVar[type[Any]] = BasiqClient


class ApplicationSteps(Steps):
    """The client of the application alone: nobody is connected."""

    def client(self, bank: Bankweave) -> Any:
        return bank.client_of("basiq", BasiqClient)

    async def client_async(self, bank: AsyncBankweave) -> Any:
        return await bank.client_of("basiq", BasiqClient.twin_of)


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


@dataclass(frozen=True)
class Registered:
    """What became of a webhook."""

    secret: str
    subscribed: tuple[str, ...]
    refused: str | None  # another webhook for the same event
    listed: list[tuple[str | None, str | None]]  # addresses, and secrets where Basiq tells them
    told: list[tuple[str, str]]  # the events that it was told of, and what they are about
    moved_to: str | None
    kept_secret: bool
    left: int


def webhooks(drive: Driver) -> Registered:
    """A webhook is made, tested, listed, moved to another address, and deleted."""
    steps = ApplicationSteps(drive)
    made = steps.call("webhooks.create", ENDPOINT, ["consent.revoked", "transactions.updated"], name="bankweave")
    refused = steps.refused("webhooks.create", f"{ENDPOINT}/other", ["consent.revoked"])
    steps.call("webhooks.test", "consent.revoked", "hello")
    messages = steps.call("webhooks.messages", made.id)
    listed = [(each.url, each.secret) for each in steps.call("webhooks.list")]
    moved = steps.call("webhooks.update", made.id, f"{ENDPOINT}/new", ["consent.revoked"])
    steps.call("webhooks.delete", made.id)
    return Registered(
        secret=made.secret,
        subscribed=made.subscribed_events,
        refused=refused,
        listed=listed,
        told=[(message.payload["eventTypeId"], message.payload["links"]["eventEntity"]) for message in messages],
        moved_to=moved.url,
        kept_secret=moved.secret == made.secret,
        left=len(steps.call("webhooks.list")),
    )
