"""Print transactions the moment they happen, with all that Kontist knows of them.

    python examples/kontist/watch.py CONNECTION       # until Ctrl-C
    python examples/kontist/watch.py CONNECTION 3     # until the third

None comes twice and none is lost, even when the connection is: it is made anew, and what happened meanwhile is read up.
examples/watch.py is the same for programs that know no provider.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import aclosing, suppress

from bankweave import AsyncBankweave
from bankweave_kontist import AsyncKontistClient


async def watch(connection_id: str, most: int | None) -> None:
    async with AsyncBankweave() as bank:
        kontist = await bank.client(connection_id, AsyncKontistClient)
        count = 0
        async with aclosing(kontist.live.transactions()) as news:  # unsubscribes at the end, at once
            async for tx in news:
                print(f"{tx.booking_date} {tx.amount:>10} EUR {tx.type} {tx.name}: {tx.purpose}", flush=True)
                count += 1
                if count == most:
                    return


def main(connection_id: str, most: str | None = None) -> None:
    with suppress(KeyboardInterrupt):
        asyncio.run(watch(connection_id, int(most) if most else None))


if __name__ == "__main__":
    main(*sys.argv[1:])
