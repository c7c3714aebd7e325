"""How the demo tells what happens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from bankweave import Account, Balance, Bankweave, SyncReport
from bankweave.cli.listing import account_row
from bankweave.cli.statements import transaction_row
from bankweave.cli.syncing import report_row
from bankweave.cli.terminal import Column, Terminal

_NEWEST = 3  # transactions shown of each bank
_ACCOUNTS = (
    Column("owner"),
    Column("account"),
    Column("iban or number", "id"),
    Column("type"),
    Column("booked", "number"),
    Column("available", "number"),
    Column("currency"),
)
_TRANSACTIONS = (
    Column("date", "id"),
    Column("status"),
    Column("amount", "number"),
    Column("currency"),
    Column("counterparty"),
    Column("text"),
    Column("account"),
)
_REPORT = (
    Column("owner"),
    Column("bank"),
    Column("outcome"),
    Column("added", "number"),
    Column("modified", "number"),
    Column("removed", "number"),
    Column("seconds", "number"),
)


class Narration:
    """Speaks to the person who watches."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self._chapters = 0

    def chapter(self, title: str) -> None:
        self._chapters += 1
        self.terminal.say()
        self.terminal.say(f"{self._chapters}. {title}", "bold cyan")

    def tell(self, text: str) -> None:
        self.terminal.say(f"   {text}")

    def aside(self, text: str) -> None:
        self.terminal.say(f"     {text}", "dim")

    def good(self, text: str) -> None:
        self.terminal.say(f"   {text}", "green")

    def bad(self, text: str) -> None:
        self.terminal.say(f"   {text}", "red")

    def report(self, reports: Sequence[SyncReport]) -> None:
        """The last word on each connection: a parked one is told when it has gone on."""
        last = {one.connection_id: one for report in reports for one in report.connections}
        self.terminal.table(_REPORT, [report_row(one)[1:] for one in last.values()])

    def accounts(self, bank: Bankweave) -> None:
        rows = [_short(one, bank.balances(one.id)) for one in bank.accounts()]
        self.terminal.table(_ACCOUNTS, rows)

    def newest(self, bank: Bankweave) -> None:
        accounts = {one.id: one for one in bank.accounts()}
        rows = [row for one in bank.connections() for row in islice(bank.transactions(connection_id=one.id), _NEWEST)]
        self.terminal.table(_TRANSACTIONS, [transaction_row(row, accounts.get(row.account_id)) for row in rows])

    def differences(self, differences: Iterable[str]) -> None:
        for one in differences:
            self.bad(one)


def _short(account: Account, balances: Sequence[Balance]) -> tuple[object, ...]:
    return account_row(account, balances)[1:]
