"""Mail a sign-in link, and learn what became of it although nobody ever comes back.

    python examples/kontomatik/mailed_link.py send zofia zofia@example.com
    */5 * * * *  python examples/kontomatik/mailed_link.py check

The link may be opened on any device, for an hour. Whoever signs in and closes the window sends no callback, so that `check`
has to look. However often it runs, and in however many places, Kontomatik is asked about a link every five minutes and no
faster (`sweep` sees to it), and for a day at the longest. A link that was not used is followed by a new one, twice.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NamedTuple

from bankweave import Bankweave, Flow, FlowStatus, Redirect

THANKS = "https://app.example/thank-you"  # where Kontomatik sends people: a page that needs to know nothing
LINKS = 3
MAILED = Path("mailed.json")  # a table of your own: which flow was mailed to whom


class Mailed(NamedTuple):
    address: str
    number: int  # which link to this person it is


def send(bank: Bankweave, owner: str, address: str, number: int = 1) -> None:
    flow = bank.connect("kontomatik", owner=owner, redirect_uri=THANKS)
    remember({**remembered(), flow.id: Mailed(address, number)})
    if isinstance(flow.interaction, Redirect):
        mail(address, f"please open within an hour: {flow.interaction.url}")


def check(bank: Bankweave) -> None:
    """Look at every link whose five minutes are over. An import that began is seen to its end."""
    for looked_at in bank.sweep(adapter="kontomatik"):
        flow = bank.wait(looked_at.id, seconds=60) if looked_at.waits else looked_at
        letter = remembered().get(flow.id)
        if letter is not None and flow.over:
            remember({key: value for key, value in remembered().items() if key != flow.id})
            conclude(bank, flow, letter)


def conclude(bank: Bankweave, flow: Flow, letter: Mailed) -> None:
    if flow.status is FlowStatus.CONNECTED:
        added = bank.sync(connection_id=flow.connection_id).counts.added
        mail(letter.address, f"your bank is connected; {added} transactions were read")
    elif is_expired(flow) and letter.number < LINKS:
        send(bank, flow.owner, letter.address, letter.number + 1)
    else:
        mail(letter.address, f"not connected: {flow.failure.message if flow.failure else flow.status}")


def is_expired(flow: Flow) -> bool:
    """Whether the link was not used in time: everything else (a refusal, a blocked login) is no case for another mail."""
    return flow.status is FlowStatus.EXPIRED or (flow.failure is not None and flow.failure.code == "expired")


def mail(address: str, text: str) -> None:
    print(f"To {address}: {text}")


def remembered() -> dict[str, Mailed]:
    read = json.loads(MAILED.read_text()) if MAILED.exists() else {}
    return {flow_id: Mailed(*letter) for flow_id, letter in read.items()}


def remember(letters: dict[str, Mailed]) -> None:
    MAILED.write_text(json.dumps(letters))


def main(command: str, *arguments: str) -> None:
    with Bankweave() as bank:
        match command, arguments:
            case "send", (owner, address):
                send(bank, owner, address)
            case "check", ():
                check(bank)
            case _:
                sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
