"""Sync in the night, and have the person answer the bank's question from another process.

    python examples/basiq/answered_elsewhere.py sync anna           # in a job: stops where the bank asks
    python examples/basiq/answered_elsewhere.py pending anna        # in the web application: what is asked
    python examples/basiq/answered_elsewhere.py answer FLOW 1234    # there as well, when the person has answered

Nothing waits in between: the question is in the store, encrypted, until it is answered or the bank stops waiting. Then the
next sync asks anew.
"""

from __future__ import annotations

import sys

from bankweave import Bankweave, Challenge, Flow, FlowStatus


def sync(bank: Bankweave, owner: str) -> None:
    for one in bank.sync(owner=owner).connections:
        if one.flow is not None and one.flow.asks:
            print(f"{one.connection_id}: the bank asks; flow {one.flow.id}")
        else:
            print(f"{one.connection_id}: {one.outcome}, {one.counts.added} added")


def pending(bank: Bankweave, owner: str) -> None:
    """What a page would show to the person; `flow.public()` has it ready for JSON."""
    for flow in bank.flows(owner=owner):
        if isinstance(flow.interaction, Challenge):
            labels = ", ".join(field.label for field in flow.interaction.fields) or "confirm in the bank's app"
            print(f"{flow.id}: {flow.interaction.message} ({labels}), until {flow.expires_at}")


def answer(bank: Bankweave, flow_id: str, *answers: str) -> None:
    """Hand the answers over, in order, and take up the rows. A wrong one ends the flow, a late one does too."""
    flow = bank.answer(flow_id, answers)
    flow = bank.wait(flow.id) if flow.waits else flow
    if flow.status is FlowStatus.CONNECTED:
        report = bank.sync(connection_id=flow.connection_id)
        print(f"refreshed; {report.counts.added} added")
    else:
        print(f"not refreshed: {said(flow)}")


def said(flow: Flow) -> str:
    return flow.failure.message if flow.failure else str(flow.status)


def main(command: str, *arguments: str) -> None:
    with Bankweave() as bank:
        match command, arguments:
            case "sync", (owner,):
                sync(bank, owner)
            case "pending", (owner,):
                pending(bank, owner)
            case "answer", (flow_id, *answers):
                answer(bank, flow_id, *answers)
            case _:
                sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
