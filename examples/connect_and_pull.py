"""Connect one bank in the terminal, pull everything, print the newest rows.

    python examples/connect_and_pull.py kontist
    python examples/connect_and_pull.py kontomatik --institution KontoBankApi
    python examples/connect_and_pull.py basiq --institution AU00000 --option email=anna@example.com

Settings are read from bankweave.toml and the environment (docs/how-to/configure.md).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import islice

from bankweave import Bankweave, Challenge, Flow, Redirect, SyncReport


def connect(bank: Bankweave, adapter: str, owner: str, institution: str | None, options: dict[str, str]) -> Flow:
    """Take a person through a flow, from its link to its end."""
    flow = bank.connect(
        adapter,
        owner=owner,
        redirect_uri="http://127.0.0.1:8910/callback",
        institution=institution,
        options=options,
    )
    while not flow.over:
        flow = next_step(bank, flow)
    return flow


def next_step(bank: Bankweave, flow: Flow) -> Flow:
    match flow.interaction:
        case Redirect(url=url):
            return bank.resume(input(f"Open {url}\nsign in, and paste the address you came back to: "))
        case Challenge() as challenge:
            return bank.answer(flow.id, answers_to(challenge))
        case None:
            return bank.wait(flow.id)  # the provider is fetching


def answers_to(challenge: Challenge) -> list[str]:
    print(challenge.message)
    if not challenge.fields:  # an approval in the bank's app
        input("Press Enter when you have approved it: ")
    return [input(f"{field.label}: ") for field in challenge.fields]


def print_report(report: SyncReport) -> None:
    for one in report.connections:
        print(f"{one.institution_name}: {one.outcome}, {one.counts.added} added in {one.seconds:.1f} s")
        for failure in one.failures:
            print(f"  {failure.message}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Connect one bank and pull everything.")
    parser.add_argument("adapter")
    parser.add_argument("--owner", default="anna")
    parser.add_argument("--institution")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE")
    chosen = parser.parse_args(arguments)
    options = dict(option.split("=", 1) for option in chosen.option)

    with Bankweave() as bank:
        flow = connect(bank, chosen.adapter, chosen.owner, chosen.institution, options)
        if flow.failure is not None:
            print(f"not connected: {flow.failure.message}")
            return
        print_report(bank.sync(connection_id=flow.connection_id))
        for tx in islice(bank.transactions(connection_id=flow.connection_id), 10):
            print(tx.date, tx.status, tx.amount, tx.currency, tx.counterparty)


if __name__ == "__main__":
    main()
