"""Set up a standing order, raise it, and stop it; each of the three is confirmed by a code.

python examples/kontist/standing_order.py CONNECTION 2027-01-01
"""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal

from bankweave import Bankweave, Frequency, TransferKind, TransferOrder
from bankweave_kontist import KontistClient
from bankweave_kontist.client import Confirmation, KontistTransfer, TransferChange


def confirmed(kontist: KontistClient, wanted: Confirmation | KontistTransfer) -> KontistTransfer:
    """What Kontist does at once needs no code; orders and changes of standing orders do."""
    if isinstance(wanted, KontistTransfer):
        return wanted
    return kontist.transfers.confirm(wanted, input("Code from the SMS: "))


def show(order: KontistTransfer) -> None:
    print(
        f"{order.status}: {order.amount} EUR {order.reoccurrence} to {order.recipient}, next on {order.next_occurrence}"
    )


def main(connection_id: str, first_day: str) -> None:
    rent = TransferOrder(
        creditor_name="Vera Vermieter",
        creditor_iban="DE89370400440532013000",
        amount=Decimal("650.00"),
        remittance_information="Rent",
        requested_execution_date=date.fromisoformat(first_day),
        frequency=Frequency.MONTHLY,
    )
    standing = TransferKind.STANDING_ORDER
    with Bankweave() as bank:
        kontist = bank.client(connection_id, KontistClient)
        order = confirmed(kontist, kontist.transfers.create(rent))
        show(order)

        raised = kontist.transfers.update(order.id, standing, TransferChange(amount=Decimal("680.00")))
        show(confirmed(kontist, raised))
        for each in kontist.transfers.list(standing):
            print(f"listed: {each.purpose}, since {each.execution_day}")

        show(confirmed(kontist, kontist.transfers.cancel(order.id, standing)))


if __name__ == "__main__":
    main(*sys.argv[1:])
