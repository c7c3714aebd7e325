"""Look after consents: warn before they end, lengthen them, and end the access when somebody wants that.

python examples/basiq/consents.py check                    # every day: whose consent ends within 30 days
python examples/basiq/consents.py extend CONNECTION        # an address for the person, and what came of it
python examples/basiq/consents.py revoke CONNECTION        # at Basiq and here
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

from bankweave import Bankweave, FlowStatus, Redirect
from bankweave_basiq import BasiqClient

WARN = timedelta(days=30)


def check(bank: Bankweave) -> None:
    """Ask Basiq itself: a consent may have been revoked on its page since the last sync."""
    for connection in bank.connections(adapter="basiq"):
        active = [each for each in bank.client(connection.id, BasiqClient).consents.list() if each.is_active]
        if not active:
            print(f"{connection.id}: there is no consent any more; renew it or disconnect")
        for consent in active:
            end = consent.expiry_date
            hint = "ends soon" if end and end - datetime.now(UTC) < WARN else "is good"
            print(f"{connection.id}: {hint}, until {end and end.date()}; may read {', '.join(consent.permissions)}")


def extend(bank: Bankweave, connection_id: str) -> None:
    """Renew. Accounts stay what they are; `consent.provider_id` shows whether another consent took the place."""
    before = consent_of(bank, connection_id)
    flow = bank.renew(connection_id, options={"action": "extend"})
    while isinstance(flow.interaction, Redirect):  # more than once where a bank has to be connected again
        flow = bank.resume(input(f"Open {flow.interaction.url}\nand paste the address you came back to: "))
        flow = bank.wait(flow.id) if flow.waits else flow
    if flow.status is not FlowStatus.CONNECTED:
        sys.exit(f"not extended: {flow.failure.message if flow.failure else flow.status}")
    print("replaced by a new consent" if consent_of(bank, connection_id) != before else "extended")


def revoke(bank: Bankweave, connection_id: str) -> None:
    """End the consent at Basiq, which deletes its connections to banks, and erase what is stored here."""
    client = bank.client(connection_id, BasiqClient)
    for consent in client.consents.list():
        if consent.is_active:
            client.consents.delete(consent.id)
    bank.disconnect(connection_id)
    print("revoked, and erased here")


def consent_of(bank: Bankweave, connection_id: str) -> str | None:
    found = next(each for each in bank.connections() if each.id == connection_id)
    return found.consent.provider_id if found.consent else None


def main(command: str, *arguments: str) -> None:
    with Bankweave() as bank:
        match command, arguments:
            case "check", ():
                check(bank)
            case "extend", (connection_id,):
                extend(bank, connection_id)
            case "revoke", (connection_id,):
                revoke(bank, connection_id)
            case _:
                sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
