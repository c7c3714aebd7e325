"""Fetches aggregated data: read to their end before any of them is handed out, with their rows kept compressed."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError

from bankweave.errors import MalformedAnswer, Origin, ProviderRefused
from bankweave_kontomatik import protocol
from bankweave_kontomatik.aggregate import AggregateReader, Bank
from bankweave_kontomatik.client.aggregated import (
    Aggregated,
    AggregatedAccount,
    AggregatedCard,
    AggregatedDeposit,
    AggregatedHolding,
    AggregatedTarget,
    RowsOfAccount,
)
from bankweave_kontomatik.client.records import Record
from bankweave_kontomatik.client.session import Session
from bankweave_kontomatik.holdings import LISTS_OF
from bankweave_kontomatik.reader import check_streamed
from bankweave_kontomatik.refusals import NO_DATA

R = TypeVar("R", bound=Record)

_LIST_OF = {kind: name for name, kind in LISTS_OF.items()}
_SHAPES: dict[str, type[AggregatedHolding]] = {
    "account": AggregatedAccount,
    "creditCard": AggregatedCard,
    "deposit": AggregatedDeposit,
    "loan": AggregatedDeposit,
}


async def fetch_aggregated(session: Session, owner: str) -> Aggregated:
    reader = AggregateReader()
    request = protocol.fetch_data(session.settings, owner)
    try:
        async with session.ctx.http.stream(request) as answer:
            await check_streamed(answer, request)
            async for chunk in answer.chunks():
                reader.feed(chunk)
    except ProviderRefused as error:
        if error.code != NO_DATA:
            raise
        message = "Kontomatik keeps no data of this owner (any more); it does for about a day after an import"
        raise ProviderRefused(
            message, origin=Origin(adapter="kontomatik", operation="fetch_data"), code=NO_DATA
        ) from None
    reader.close()
    return read_aggregated(reader, owner)


def read_aggregated(reader: AggregateReader, owner: str) -> Aggregated:
    """Make the record of a document that has been read to its end."""
    head = reader.owner or {}
    for named in (reader.owner_external_id, head.get("externalId")):
        protocol.check_owner(named, owner)
    return _read(Aggregated, {**head, "targets": [_target(bank) for bank in reader.banks]})


def _target(bank: Bank) -> AggregatedTarget:
    lists: dict[str, list[AggregatedHolding]] = {name: [] for name in LISTS_OF}
    for place, found in enumerate(bank.holdings.accounts):
        lists[_LIST_OF[found["kind"]]].append(_holding(bank, place, found))
    return _read(AggregatedTarget, {**bank.attributes, "owners": bank.holdings.owners, **lists})


def _holding(bank: Bank, place: int, found: dict[str, Any]) -> AggregatedHolding:
    own = {name: value for name, value in found.items() if name not in {"kind", "partial"}}
    partial = found["partial"] or place in bank.rows.unread
    return _read(_SHAPES[found["kind"]], {**own, "fields": own, "partial": partial}, RowsOfAccount(bank.rows, place))


def _read(record: type[R], found: dict[str, Any], rows: RowsOfAccount | None = None) -> R:
    try:
        return record.model_validate(found, context=rows)
    except ValidationError:
        raise MalformedAnswer("Kontomatik's aggregated data have another shape; nothing of them was used") from None
