"""Sign in with a password instead of a page, and have the person confirm it in the Kontist app.

    python examples/kontist/password_and_push.py anna@kontist.example

For clients whom Kontist allows the password grant. What a password alone has opened reads; transfers and the like want
confirmed tokens, which the push brings.
"""

from __future__ import annotations

import sys
from getpass import getpass

from bankweave import Bankweave
from bankweave.errors import FlowExpired, ProviderRefused
from bankweave_kontist import KontistClient


def main(username: str) -> None:
    options = {"username": username, "password": getpass(), "second_factor": "none"}
    with Bankweave() as bank:
        flow = bank.connect("kontist", owner=username, options=options)  # without an address to come back to
        if flow.failure is not None:
            sys.exit(f"not connected: {flow.failure.message}")
        print(f"connected: {flow.connection_id}")

        kontist = bank.client(flow.connection_id, KontistClient)
        print("confirm in the Kontist app, please")
        try:
            kontist.push.confirm(timeout=120)
        except (FlowExpired, ProviderRefused) as error:
            sys.exit(f"not confirmed: {error}")
        print("confirmed")


if __name__ == "__main__":
    main(*sys.argv[1:])
