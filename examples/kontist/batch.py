"""Send money to many accounts with one confirmation.

    python examples/kontist/batch.py CONNECTION salaries.csv

The file has the columns name, iban, amount, text and id. Ids of your own make it possible to find each transfer again.
"""

from __future__ import annotations

import csv
import sys
from decimal import Decimal
from pathlib import Path

from bankweave import Bankweave, TransferOrder
from bankweave.errors import InvalidOrder, OutcomeUnknown, ProviderRefused
from bankweave_kontist import KontistClient


def read_orders(file: Path) -> list[TransferOrder]:
    with file.open(encoding="utf-8", newline="") as lines:
        return [
            TransferOrder(
                creditor_name=row["name"],
                creditor_iban=row["iban"],
                amount=Decimal(row["amount"]),
                remittance_information=row["text"],
                end_to_end_id=row["id"],
            )
            for row in csv.DictReader(lines)
        ]


def main(connection_id: str, file: str) -> None:
    orders = read_orders(Path(file))
    with Bankweave() as bank:
        kontist = bank.client(connection_id, KontistClient)
        try:
            wanted = kontist.transfers.create_many(orders)
            total = sum(order.amount for order in orders)
            code = input(f"{len(orders)} transfers, {total} EUR. Code from the SMS: ")
            done = kontist.transfers.confirm_many(wanted, code)
        except (InvalidOrder, ProviderRefused) as error:
            sys.exit(f"nothing was sent: {error}")
        except OutcomeUnknown as lost:  # an answer was lost; it says whether to look for the ids, or to order again
            sys.exit(str(lost))
    for transfer in done:
        print(f"{transfer.status}: {transfer.amount} EUR to {transfer.recipient}, {transfer.end_to_end_id}")


if __name__ == "__main__":
    main(*sys.argv[1:])
