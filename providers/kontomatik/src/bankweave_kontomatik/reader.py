"""Accounts and pages, out of the document of a finished import.

A bank statement is read whole or not at all, and what a page holds is committed before the next one is asked for. So `pull`
reads the document to its end first, checking every row and keeping the wanted ones (compressed, in memory: an account's
history does not belong on a disk unencrypted, and it shrinks to a twentieth), and only then yields pages of what it kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pydantic_core import to_json

from bankweave.adapter import Context, Page, Records, Request, Snapshot, Stream, Streamed
from bankweave.errors import (
    BankweaveError,
    ConsentExpired,
    MalformedAnswer,
    ProviderRefused,
    WrongSubject,
)
from bankweave_kontomatik import mapping, protocol
from bankweave_kontomatik.grant import Access, Grant
from bankweave_kontomatik.holdings import Row
from bankweave_kontomatik.kept import Kept
from bankweave_kontomatik.refusals import UNKNOWN_COMMAND, refusal
from bankweave_kontomatik.result import Result, ResultReader
from bankweave_kontomatik.settings import KontomatikSettings
from bankweave_kontomatik.wire import WireAccount, WireCommand

BATCH = 500
"""Rows of a page, which is what one transaction of the store commits."""
STREAM = "import"
SUCCESSFUL = "successful"


@dataclass(frozen=True, slots=True)
class _Account:
    provider_id: str
    currency: str
    partial: bool


async def see_command(ctx: Context, settings: KontomatikSettings, access: Access, command_id: str) -> WireCommand:
    """Read how a command stands, without reading the data of one that is done."""
    request = protocol.ask_command(settings, command_id)
    reader = ResultReader()
    async with ctx.http.stream(request) as answer:
        await check_streamed(answer, request)
        async for chunk in answer.chunks():
            deque(reader.feed(chunk), maxlen=0)
            if reader.command is not None and reader.command.state.lower() == SUCCESSFUL:
                break
        else:
            reader.close()
    return _same(ctx, reader, access, command_id)


async def open_import(ctx: Context, settings: KontomatikSettings, grant: Grant) -> Snapshot:
    """Read accounts, balances and people. All accounts come out of one stream, since they are one document."""
    result = await _read(ctx, settings, grant, take=_check_row)
    ids = mapping.identify_accounts(result.accounts)
    accounts = [(account, known_as) for account, known_as in zip(result.accounts, ids, strict=True) if known_as]
    return Snapshot(
        accounts=tuple(mapping.map_account(account, known_as) for account, known_as in accounts),
        balances=tuple(
            balance
            for account, known_as in accounts
            for balance in mapping.map_balances(account, known_as, grant.imported_at)
        ),
        parties=mapping.map_parties(result.owners, result.accounts, ids),
        # A later import of a consent reaches 90 days back (section 8): what it leaves out is not gone.
        streams=(_stream(accounts, grant),) if accounts else (),
    )


def _stream(accounts: Sequence[tuple[WireAccount, str]], grant: Grant) -> Stream:
    return Stream(
        id=STREAM,
        accounts=tuple(known_as for _, known_as in accounts),
        reaches_back_to=grant.since,
        # The balance after the newest row is the account's (section 5); of cards and others nobody has seen it.
        booked_balances={
            known_as: balance
            for account, known_as in accounts
            if account.kind == "account"
            and (balance := mapping.read_optional_amount(account.currency_balance)) is not None
        },
    )


async def pull_import(
    ctx: Context, settings: KontomatikSettings, grant: Grant, since: date | None
) -> AsyncIterator[Page]:
    """Yield the rows of the whole import since a day, account by account.

    Pages have no cursor: there is nowhere to go on but at the beginning. A page is partial where the bank ran into
    Kontomatik's time limit.
    """
    kept = Kept(since, BATCH)
    result = await _read(ctx, settings, grant, take=kept.take)
    kept.seal()
    ids = mapping.identify_accounts(result.accounts)
    accounts = {
        index: _Account(known_as, mapping.currency_of(account), account.partial or index in kept.unread)
        for index, (account, known_as) in enumerate(zip(result.accounts, ids, strict=True))
        if known_as
    }
    for page in _pages(kept, accounts):
        yield page


# Reading the document -------------------------------------------------------------------------------------------------


async def _read(ctx: Context, settings: KontomatikSettings, grant: Grant, *, take: Callable[[Row], object]) -> Result:
    """Read a finished import to its end. `take` is given every row, and checks it."""
    request = protocol.read_result(settings, grant.command_id)
    reader = ResultReader()
    try:
        async with ctx.http.stream(request) as answer:
            await check_streamed(answer, request)
            async for chunk in answer.chunks():
                for row in reader.feed(chunk):
                    take(row)
    except ProviderRefused as error:
        raise _without_result(grant, error) from None
    result = reader.close()
    if _same(ctx, reader, grant.access, grant.command_id).state.lower() != SUCCESSFUL:
        raise MalformedAnswer("Kontomatik's import was finished and is not any more; nothing of it was used")
    return result


async def check_streamed(answer: Streamed, request: Request) -> None:
    if not answer.head.ok:
        body = b"".join([chunk async for chunk in answer.chunks()])
        raise refusal(replace(answer.head, body=body), request.operation)


def _same(ctx: Context, reader: ResultReader, access: Access, command_id: str) -> WireCommand:
    """The command that was read, if it is the one that was asked for."""
    protocol.check_owner(reader.owner_external_id, access.owner_external_id or ctx.owner)
    if reader.command is None or reader.command.id != command_id:
        raise WrongSubject("Kontomatik answered about another import than was asked for; nothing of it was used")
    return reader.command


def _without_result(grant: Grant, error: ProviderRefused) -> BankweaveError:
    """What it means that an import cannot be read: how long Kontomatik keeps it is undocumented (section 14)."""
    if error.code not in {UNKNOWN_COMMAND, "404"}:
        return error
    if grant.access.multiple_access_id is None:
        message = "This access worked once, and its import is not kept any more; renew the connection to sign in again"
        return ConsentExpired(message, origin=error.origin, code=error.code)
    message = "Kontomatik does not keep this import any more; sync again to have a new one made"
    return ProviderRefused(message, origin=error.origin, code=error.code)


def _check_row(row: Row) -> None:
    """Keep nothing: `open` wants what is around the rows, but not of a document that cannot be read."""
    if not row.is_vague:
        mapping.check_transaction(row.record)


# Making pages ---------------------------------------------------------------------------------------------------------


def _pages(kept: Kept, accounts: Mapping[int, _Account]) -> Iterator[Page]:
    silent = dict.fromkeys(accounts)
    for index, records in kept.batches():
        if index in accounts:
            silent.pop(index, None)
            yield _page(accounts[index], records)
    # An account without rows was read as well, and that is worth knowing.
    yield from (_page(accounts[index], []) for index in silent)


def _page(account: _Account, records: list[Any]) -> Page:
    return Page(
        account=account.provider_id,
        rows=tuple([mapping.map_transaction(record, account.currency) for record in records]),
        raw=Records(len(records), lambda: map(to_json, records)),
        partial=account.partial,
    )
