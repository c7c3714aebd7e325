"""Send money to one account, confirmed by the code of an SMS.

    python examples/kontist/transfer_with_tan.py CONNECTION "Vera Vermieter" DE89370400440532013000 12.34

Needs the scope `transfers`, and tokens that a second factor has confirmed. With a bound device,
`create(order, confirm_by="device")` and `confirm(wanted)` do without the code.
"""

from __future__ import annotations

import sys
from decimal import Decimal

from bankweave import Bankweave, TransferKind, TransferOrder
from bankweave.errors import InvalidOrder, OutcomeUnknown, ProviderRefused
from bankweave_kontist import KontistClient
from bankweave_kontist.client import KontistTransfer


def pay(kontist: KontistClient, order: TransferOrder) -> KontistTransfer | None:
    """Order and confirm. None: nobody knows whether Kontist has done it, and it is not among the newest transfers."""
    wanted = kontist.transfers.create(order)  # nothing moves before it is confirmed
    try:
        return kontist.transfers.confirm(wanted, input("Code from the SMS: "))
    except OutcomeUnknown:  # the answer was lost; never send it again without looking
        newest = kontist.transfers.newest(TransferKind.CREDIT_TRANSFER)
        return next((each for each in newest if each.end_to_end_id in wanted.end_to_end_ids), None)


def main(connection_id: str, name: str, iban: str, euros: str) -> None:
    order = TransferOrder(
        creditor_name=name, creditor_iban=iban, amount=Decimal(euros), remittance_information="Sent by bankweave"
    )
    with Bankweave() as bank:
        try:
            done = pay(bank.client(connection_id, KontistClient), order)
        except (InvalidOrder, ProviderRefused) as error:  # a wrong code destroys the order, too
            sys.exit(f"nothing was sent: {error}")
    if done is None:
        sys.exit("nobody knows whether it was sent; look again in some minutes, before you order it again")
    print(f"{done.status}: {done.amount} EUR to {done.recipient}, end-to-end id {done.end_to_end_id}")


if __name__ == "__main__":
    main(*sys.argv[1:])
