"""Reading transfers: those of one kind, or of all kinds (section 7.3)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from bankweave.errors import ProviderRefused
from bankweave.payment import Transfer, TransferKind
from bankweave_kontist.paging import PAGE_SIZE, LoopGuard
from bankweave_kontist.queries.transfers import GET_TRANSFER, LIST_TRANSFERS
from bankweave_kontist.refusals import origin
from bankweave_kontist.transfers.mapping import neutral_transfer
from bankweave_kontist.transfers.orders import TYPES
from bankweave_kontist.transfers.wire import KontistTransfer, TransferFound, TransferPages

if TYPE_CHECKING:
    from bankweave_kontist.session import Session


async def read_transfers(session: Session, account: str, kind: TransferKind | None) -> AsyncIterator[Transfer]:
    """Yield the transfers of one kind, or of all kinds one after the other, newest first within each."""
    kinds = tuple(TransferKind) if kind is None else (kind,)
    for each in kinds:
        async for page in pages(session, each, account=account):
            for row in page:
                yield neutral_transfer(row, account, each)


async def find(session: Session, transfer: str, kind: TransferKind) -> KontistTransfer | None:
    """Read one transfer by its id; None: there is none of that kind."""
    return (await session.account(GET_TRANSFER, TransferFound, id=transfer, type=TYPES[kind])).transfer


async def pages(
    session: Session, kind: TransferKind, status: str | None = None, account: str | None = None
) -> AsyncIterator[list[KontistTransfer]]:
    """Yield the transfers of one kind page by page, newest first. Kontist lists no two kinds at once (section 7.3)."""
    where = None if status is None else {"status": status}
    variables = {"type": TYPES[kind], "where": where, "first": PAGE_SIZE}
    guard = LoopGuard(LIST_TRANSFERS.operation)
    after: str | None = None
    while True:
        found = await session.account(LIST_TRANSFERS, TransferPages, **variables, after=after)
        if account is not None and found.public_id != account:
            raise not_the_account()
        yield [edge.node for edge in found.transfers.edges]
        if not found.transfers.page_info.has_next_page:
            return
        after = guard.accept(found.transfers.page_info.end_cursor, is_empty=not found.transfers.edges)


def not_the_account() -> ProviderRefused:
    message = "Kontist pays from, and lists transfers of, the main account only; this connection's is another"
    return ProviderRefused(message, origin=origin(LIST_TRANSFERS.operation), code="not_main_account")
