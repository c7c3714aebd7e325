"""Bind this program as a device: from then on its key confirms sign-ins and transfers, and no person is needed.

    python examples/kontist/device_binding.py CONNECTION

The key is made here and stays encrypted in the store. `Kontist.signer` can be overridden for keys in hardware.
"""

from __future__ import annotations

import sys

from bankweave import Bankweave
from bankweave.errors import ProviderRefused
from bankweave_kontist import KontistClient


def main(connection_id: str) -> None:
    with Bankweave() as bank:
        kontist = bank.client(connection_id, KontistClient)
        binding = kontist.devices.bind("my server")  # Kontist sends a code by SMS
        try:
            device = kontist.devices.verify(binding, input("Code from the SMS: "))
        except ProviderRefused as refusal:  # one wrong code, and it has to be bound anew
            sys.exit(f"not bound: {refusal}")
        print(f"bound: {device.name}")

        kontist.devices.confirm()  # whenever confirmed tokens have run out: the key signs, nobody is asked
        print("the key has confirmed the tokens anew")
        for each in kontist.devices.list():
            print(f"device {each.id}: {each.name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
