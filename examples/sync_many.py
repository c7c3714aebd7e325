"""Sync every bank of every owner side by side, show how far each one is, and say who has to do what.

    python examples/sync_many.py            # as a cron job would; exit code 1 if a connection is not synced

A sync that needs a person does not stop the others. Its challenge waits in the store: show it where that person is.
"""

from __future__ import annotations

import asyncio
import sys

from bankweave import AsyncBankweave, ConnectionReport, Outcome, SyncEvent, SyncReport


def show_progress(event: SyncEvent) -> None:
    """Called from the event loop, so it has to return quickly."""
    if event.stage == "page":
        print(f"{event.adapter}: {event.rows} rows read, {event.counts.added} new", file=sys.stderr)


def advice(report: ConnectionReport) -> str:
    """What to do about a connection that is not synced."""
    match report:
        case ConnectionReport(flow=flow) if flow is not None and flow.asks:
            return f"{report.owner} has to answer flow {flow.id}: {flow.public()['interaction']}"
        case ConnectionReport(outcome=Outcome.NEEDS_USER):
            return f"{report.owner} has to renew connection {report.connection_id}"
        case ConnectionReport(outcome=Outcome.WAITING | Outcome.BUSY):
            return "nothing: the next sync goes on with it"
        case _:
            times = [failure.retry_at for failure in report.failures if failure.retry_at]
            return f"try again at {min(times)}" if times else "look at the failures"


def print_report(report: SyncReport) -> None:
    for one in report.connections:
        counts = one.counts
        print(
            f"{one.adapter} / {one.institution_name} of {one.owner}: {one.outcome}, {counts.added} added, "
            f"{counts.modified} modified, {counts.removed} removed, {one.seconds:.1f} s"
        )
        for failure in one.failures:
            print(f"  {failure.kind}: {failure.message}")
        if one.outcome is not Outcome.SYNCED:
            print(f"  to do: {advice(one)}")


async def sync_all() -> SyncReport:
    async with AsyncBankweave() as bank:
        return await bank.sync(on_event=show_progress)


def main() -> None:
    report = asyncio.run(sync_all())
    print_report(report)
    if any(one.outcome is not Outcome.SYNCED for one in report.connections):
        sys.exit(1)


if __name__ == "__main__":
    main()
