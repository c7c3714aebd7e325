"""Connect an Australian bank on Basiq's consent page, pull everything, print accounts and the newest rows.

    python examples/basiq/connect_and_pull.py anna anna@example.com AU00000

The address of the page lives an hour and carries a token: it is for the person, and not for any log.
"""

from __future__ import annotations

import sys
from itertools import islice

from bankweave import Bankweave, Flow, FlowStatus, Redirect


def connect(bank: Bankweave, owner: str, email: str, institution: str | None) -> Flow:
    flow = bank.connect("basiq", owner=owner, institution=institution, options={"email": email})
    if isinstance(flow.interaction, Redirect):
        back = input(f"Open {flow.interaction.url}\nconnect your bank, and paste the address you came back to: ")
        flow = bank.resume(back)
    return bank.wait(flow.id) if flow.waits else flow  # Basiq fetches for 3 to 30 seconds


def show(bank: Bankweave, connection_id: str) -> None:
    for account in bank.accounts(connection_id=connection_id):
        for balance in bank.balances(account.id):
            print(f"{account.name}: {balance.amount} {balance.currency} ({balance.type})")
    for row in islice(bank.transactions(connection_id=connection_id), 5):
        print(row.date, row.status, row.amount, row.currency, row.counterparty, row.category or "")


def main(owner: str, email: str, institution: str | None = None) -> None:
    with Bankweave() as bank:
        flow = connect(bank, owner, email, institution)
        if flow.status is not FlowStatus.CONNECTED:
            sys.exit(f"not connected: {flow.failure.message if flow.failure else flow.status}")
        report = bank.sync(connection_id=flow.connection_id)
        print(f"{report.counts.added} transactions were read")
        show(bank, flow.connection_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
