"""What became of the sign-ins that were begun, by provider, country and bank. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bankweave.flow import Flow, FlowStatus, Purpose

_OPEN = frozenset({FlowStatus.STARTED, FlowStatus.ASKING, FlowStatus.WAITING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """The sign-ins at one bank, or of those who never got so far as to choose one."""

    adapter: str
    country: str | None
    institution_id: str | None
    begun: int
    connected: int
    open: int  # the person may still come
    expired: int  # the person never came, or came too late
    cancelled: int
    failed: Mapping[str, int]  # by reason: "user_refused", "unavailable", ...

    @property
    def rate(self) -> float | None:
        """Of those that have ended, how many are connected, from 0 to 1; None while none has."""
        ended = self.begun - self.open
        return self.connected / ended if ended else None


def count(flows: Iterable[Flow]) -> tuple[Conversion, ...]:
    """Count connects and renewals; refreshes and payments are none."""
    groups: defaultdict[tuple[str, str, str], list[Flow]] = defaultdict(list)
    for flow in flows:
        if flow.purpose in {Purpose.CONNECT, Purpose.RENEW}:
            groups[flow.adapter, flow.country or "", flow.institution_id or ""].append(flow)
    return tuple(_conversion(*key, groups[key]) for key in sorted(groups))


def _conversion(adapter: str, country: str, institution: str, flows: list[Flow]) -> Conversion:
    statuses = Counter(flow.status for flow in flows)
    failures = Counter(flow.failure.code or flow.failure.kind for flow in flows if flow.failure is not None)
    return Conversion(
        adapter=adapter,
        country=country or None,
        institution_id=institution or None,
        begun=len(flows),
        connected=statuses[FlowStatus.CONNECTED],
        open=sum(statuses[status] for status in _OPEN),
        expired=statuses[FlowStatus.EXPIRED],
        cancelled=statuses[FlowStatus.CANCELLED],
        failed=dict(sorted(failures.items())),
    )
