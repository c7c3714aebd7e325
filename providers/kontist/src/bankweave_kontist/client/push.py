"""The push to the Kontist app (section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bankweave.errors import FlowExpired, FlowOver, ProviderRefused, ProviderUnavailable
from bankweave_kontist.client.finishing import finish
from bankweave_kontist.push.protocol import (
    EXCHANGE_CHALLENGE,
    POLL_CHALLENGE,
    POLL_INTERVAL,
    create_challenge,
    decide_challenge,
    exchange_challenge,
    list_challenges,
    poll_challenge,
)
from bankweave_kontist.push.wire import ChallengeAnswer
from bankweave_kontist.refusals import another_user, origin
from bankweave_kontist.session import Session
from bankweave_kontist.signin.endings import confirmed_grant, is_other_user


@dataclass(frozen=True, slots=True)
class PushChallenge:
    """A question to the person's app. `status` is Kontist's word: PENDING, VERIFIED or DENIED."""

    id: str
    status: str
    expires_at: datetime


class Push:
    """Asks the person to confirm in the Kontist app, and answers such questions where a bound device is the app."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._cancellations = 0

    async def confirm(self, timeout: float | None = None) -> None:  # noqa: ASYNC109  no other bound can end it cleanly
        """Send a push and wait until the person has confirmed it; then the connection has confirmed tokens.

        It looks at once and every 3 seconds. `timeout` is in seconds; Kontist's own end of the challenge, about 5 minutes,
        comes first if it is earlier. Until the confirmed tokens are stored the connection keeps those that it has: a task that
        is cancelled while it waits leaves it as it was, and one that is cancelled while they are fetched has them stored
        first, because Kontist gives them once. Not idempotent: each call rings on somebody's phone.
        Raises `ProviderRefused` with the code DENIED when the person denied it, `FlowExpired` when nobody confirmed in time,
        `FlowOver` after `cancel()`, and `OutcomeUnknown` when Kontist's answer to what works only once was lost.
        """
        before = self._cancellations
        challenge = await create_challenge(self._session)
        beat = self._now()
        until = challenge.expires_at if timeout is None else beat + timedelta(seconds=timeout)
        while not await self._is_verified(challenge.id):
            if self._now() >= until:
                raise _late("the push was not confirmed in the given time; begin again")
            beat = min(_next_beat(beat, self._now()), until)
            await self._session.ctx.sleep((beat - self._now()).total_seconds())
            if self._cancellations != before:
                raise _cancelled()
        await finish(self._exchange(challenge.id))

    def cancel(self) -> None:
        """End every `confirm` of this client that waits, within 3 seconds. Kontist is not told: it has no way for it.

        Safe to call from another task or thread.
        """
        self._cancellations += 1

    async def pending(self) -> tuple[PushChallenge, ...]:
        """List the questions that wait for the person's answer. Kontist may show them to bound devices only."""
        return tuple(_shown(each) for each in await list_challenges(self._session))

    async def approve(self, challenge: str) -> None:
        """Approve a challenge in the app's place. Only with tokens that a bound device has confirmed; idempotent."""
        await decide_challenge(self._session, challenge, "VERIFIED")

    async def deny(self, challenge: str) -> None:
        """Deny a challenge in the app's place. Only with tokens that a bound device has confirmed; idempotent."""
        await decide_challenge(self._session, challenge, "DENIED")

    async def _is_verified(self, challenge: str) -> bool:
        """Look, in the order of the vendor's SDK: a challenge that has expired is lost, even a verified one."""
        try:
            answer = await poll_challenge(self._session, challenge)
        except ProviderUnavailable:  # the phone may have been answered all the same; the next look tells
            return False
        if answer.expires_at < self._now():
            raise _late("the push was not confirmed in the Kontist app in time; begin again")
        if answer.status == "DENIED":
            message = "the login was denied in the Kontist app; begin again"
            raise ProviderRefused(message, origin=origin(POLL_CHALLENGE), code="DENIED")
        return answer.status == "VERIFIED"

    async def _exchange(self, challenge: str) -> None:
        """Take the confirmed tokens, once, and store them."""
        subject = await self._session.subject()
        grant = confirmed_grant(await exchange_challenge(self._session, challenge), self._now())
        if is_other_user(subject, grant.subject):
            raise another_user(EXCHANGE_CHALLENGE)
        await self._session.ctx.save_grant(grant)

    def _now(self) -> datetime:
        return self._session.ctx.now()


def _next_beat(beat: datetime, now: datetime) -> datetime:
    """The next beat of the first look, so that a slow look does not make all later ones late."""
    return beat + max((now - beat) // POLL_INTERVAL + 1, 1) * POLL_INTERVAL


def _shown(answer: ChallengeAnswer) -> PushChallenge:
    return PushChallenge(id=answer.id, status=answer.status, expires_at=answer.expires_at)


def _late(message: str) -> FlowExpired:
    return FlowExpired(message, origin=origin(POLL_CHALLENGE))


def _cancelled() -> FlowOver:
    return FlowOver("waiting for the push was cancelled; begin again", origin=origin(POLL_CHALLENGE))
