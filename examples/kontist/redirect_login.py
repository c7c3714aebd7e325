"""Sign a person in on Kontist's own page, and show their account.

    python examples/kontist/redirect_login.py anna

Settings are read from bankweave.toml and the environment (docs/how-to/configure.md). With a `client_secret` the access can
be renewed without the person; without one, PKCE is used. The programs beside this one take the connection that it prints.
"""

from __future__ import annotations

import sys

from bankweave import Bankweave, Redirect
from bankweave_kontist import KontistClient

CALLBACK = "http://127.0.0.1:8910/callback"  # one of the redirect URIs that Kontist knows of your client


def main(owner: str) -> None:
    with Bankweave() as bank:
        flow = bank.connect("kontist", owner=owner, redirect_uri=CALLBACK)
        if isinstance(flow.interaction, Redirect):
            callback = input(f"Open {flow.interaction.url}\nsign in, and paste the address you came back to: ")
            flow = bank.resume(callback, owner=owner)
        flow = bank.wait(flow.id)  # for the push, where the setting skip_mfa leaves the second factor to it
        if flow.failure is not None:
            sys.exit(f"not connected: {flow.failure.message}")
        print(f"connected: {flow.connection_id}")

        kontist = bank.client(flow.connection_id, KontistClient)
        account = kontist.accounts.main()
        print(f"{account.iban}: {account.balance} EUR, {account.available_balance} EUR available")
        print(f"end the browser's session: {kontist.logout_url()}")


if __name__ == "__main__":
    main(*sys.argv[1:])
