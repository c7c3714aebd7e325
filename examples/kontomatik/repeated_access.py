"""Sign in once, sync for half a year without the person, and renew before it ends.

    python examples/kontomatik/repeated_access.py connect zofia
    python examples/kontomatik/repeated_access.py sync zofia              # as a cron job would
    python examples/kontomatik/repeated_access.py sync zofia --present    # the person waits for it
    python examples/kontomatik/repeated_access.py renew zofia

Multiple access: the person allows it at the sign-in (access mode MULTIPLE, or MIXED at a bank that can). A consent is good
for up to 180 days and four imports in any 24 hours, each reaching 90 days back. The last of the four is kept for a person
who waits. When they are used up, a sync fails with `RateLimited`, and says until when. While a new consent is asked for, the
old one goes on working.
"""

from __future__ import annotations

import sys

from bankweave import Bankweave, ConnectionReport, Flow, Outcome, Redirect

CALLBACK = "http://127.0.0.1:8910/callback"


def connect(bank: Bankweave, owner: str) -> None:
    options = {"access_mode": "MULTIPLE"}  # MIXED takes single access where a bank cannot do better
    flow = bank.connect("kontomatik", owner=owner, redirect_uri=CALLBACK, options=options)
    sign_in(bank, flow)
    sync(bank, owner, present=True)


def renew(bank: Bankweave, owner: str) -> None:
    """Ask for a new consent. Until it is there, and if it never comes, the old access stays as it is."""
    for connection in bank.connections(owner=owner, adapter="kontomatik"):
        sign_in(bank, bank.renew(connection.id, redirect_uri=CALLBACK))


def sign_in(bank: Bankweave, flow: Flow) -> None:
    if isinstance(flow.interaction, Redirect):
        flow = bank.resume(input(f"Open {flow.interaction.url}\nsign in, and paste the address you came back to: "))
    flow = bank.wait(flow.id)  # the import
    if flow.failure is not None:
        sys.exit(f"not connected: {flow.failure.message}")
    (connection,) = [one for one in bank.connections(owner=flow.owner) if one.id == flow.connection_id]
    until = connection.consent and connection.consent.valid_until
    print(f"connected: {connection.institution_name}, " + (f"until {until:%Y-%m-%d}" if until else "for one import"))


def sync(bank: Bankweave, owner: str, *, present: bool = False) -> None:
    """`user_present` may take the import that unattended syncs keep back for the person."""
    report = bank.sync(owner=owner, adapter="kontomatik", user_present=present)
    for one in report.connections:
        print(f"{one.institution_name}: {told(one)}")
        if one.consent_warning is not None:
            print(f"  the consent ends in {one.consent_warning.days_left} days: renew it")


def told(one: ConnectionReport) -> str:
    """What came, or who has to do what."""
    limited = next((failure for failure in one.failures if failure.kind == "RateLimited"), None)
    if limited is not None:
        return "used up for now" + (f", again at {limited.retry_at:%Y-%m-%d %H:%M} UTC" if limited.retry_at else "")
    if one.outcome is Outcome.NEEDS_USER:
        return f"{one.owner} has to renew it"
    if one.failures:
        return "; ".join(failure.message for failure in one.failures)
    if one.outcome is Outcome.PARTIAL:
        return f"{one.counts.added} added, but not all there is (cut short, or longer ago than an import reaches)"
    return f"{one.counts.added} added" if one.outcome is Outcome.SYNCED else str(one.outcome)


def main(command: str, owner: str, *flags: str) -> None:
    with Bankweave() as bank:
        match command:
            case "connect":
                connect(bank, owner)
            case "sync":
                sync(bank, owner, present="--present" in flags)
            case "renew":
                renew(bank, owner)
            case _:
                sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
