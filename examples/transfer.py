"""Order a transfer, confirm it with the code that the bank sends, and find out what happened when its answer is lost.

    python examples/transfer.py --to "Anna Blum" --iban DE89370400440532013000 --amount 12.50 --text "Invoice 1001"
    python examples/transfer.py --to Landlord --iban DE89370400440532013000 --amount 840 --on 2027-01-01 --every monthly

The account must be connected already, at a provider with transfers (examples/connect_and_pull.py; at Kontist with the scope
`transfers` in the settings). docs/how-to/transfers.md explains every step.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from bankweave import Account, Bankweave, BankweaveError, Challenge, Flow, Frequency, Transfer, TransferOrder
from bankweave.errors import OutcomeUnknown
from bankweave.sepa import written_out


def paying_account(bank: Bankweave, wanted: str | None) -> Account:
    """The account of that id or IBAN; the only one there is, if none is named."""
    accounts = [one for one in bank.accounts() if wanted in {None, one.id, one.iban}]
    if len(accounts) != 1:
        raise SystemExit(f"{len(accounts)} accounts fit; name one with --account")
    return accounts[0]


def code_for(flow: Flow) -> list[str]:
    """Ask for what the bank asks; nothing is typed for the signature of a device."""
    if not isinstance(flow.interaction, Challenge):
        return []
    print(flow.interaction.message)
    return [input(f"{field.label}: ") for field in flow.interaction.fields]


def pay(bank: Bankweave, account: Account, order: TransferOrder) -> tuple[Transfer, ...]:
    flow = bank.transfer(account.id, order)
    try:
        return bank.confirm(flow.id, code_for(flow))
    except OutcomeUnknown as error:
        print(error, file=sys.stderr)
        return bank.outcome(flow.id)  # asks what the bank shows, and moves nothing


def read_order(arguments: Sequence[str] | None) -> tuple[str | None, TransferOrder]:
    parser = argparse.ArgumentParser(description="Order a transfer, and confirm it.")
    parser.add_argument("--account")
    parser.add_argument("--to", required=True)
    parser.add_argument("--iban", required=True)
    parser.add_argument("--amount", type=Decimal, required=True)
    parser.add_argument("--text")
    parser.add_argument("--on", type=date.fromisoformat)
    parser.add_argument("--every", type=Frequency)
    chosen = parser.parse_args(arguments)
    order = TransferOrder(
        creditor_name=written_out(chosen.to),  # SEPA knows no umlauts
        creditor_iban=chosen.iban,
        amount=chosen.amount,
        remittance_information=written_out(chosen.text) if chosen.text else None,
        requested_execution_date=chosen.on,
        frequency=chosen.every,
    )
    return chosen.account, order


def main(arguments: Sequence[str] | None = None) -> None:
    wanted, order = read_order(arguments)
    with Bankweave() as bank:
        try:
            transfers = pay(bank, paying_account(bank, wanted), order)
        except BankweaveError as error:  # it says what happened, and what to do
            raise SystemExit(f"{type(error).__name__}: {error}") from None
    for one in transfers:
        print(f"{one.status}: {one.amount} {one.currency} to {one.creditor_name} ({one.kind})")
    if not transfers:
        print("the bank does not show it (yet): look again before you order it a second time")


if __name__ == "__main__":
    main()
