"""Transfers (section 7)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from bankweave.errors import InvalidOrder, ProviderUnavailable
from bankweave.payment import TransferKind, TransferOrder
from bankweave_kontist.devices.bound import BoundDevice
from bankweave_kontist.queries.transfers import (
    TRANSFER_BETWEEN_OWN,
    TRANSFER_SUGGESTIONS,
    UNFINISHED_TRANSFERS,
)
from bankweave_kontist.session import Session
from bankweave_kontist.transfers.confirmation import Confirmation
from bankweave_kontist.transfers.confirming import confirm
from bankweave_kontist.transfers.ordering import ConfirmBy, cancel, confirming_device, create, create_many, update
from bankweave_kontist.transfers.orders import TransferChange, cents, identified, invalid
from bankweave_kontist.transfers.reader import find, pages
from bankweave_kontist.transfers.wire import (
    BetweenOwn,
    KontistTransfer,
    TransferSuggestion,
    TransferSuggestions,
    UnfinishedTransfer,
    UnfinishedTransfers,
)

_M = TypeVar("_M")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTransfer:
    """A transfer between accounts of the same customer."""

    id: str
    amount: Decimal  # euros
    created_at: datetime
    recipient_iban: str = field(repr=False)
    reference: str
    description: str | None = None


class Transfers:
    """Moves money: each order is taken down first and executed when it is confirmed. Amounts are euros.

    Nothing here is ever sent twice by itself. Where an answer is lost, `OutcomeUnknown` says how to find out. Kontist pays
    from the main account only.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._made: set[str] = set()  # confirmations that began here
        self._asked: set[str] = set()  # and those of which Kontist has perhaps heard from here

    async def create(self, order: TransferOrder, *, confirm_by: ConfirmBy | None = None) -> Confirmation:
        """Have a transfer taken down, to be confirmed within about 5 minutes; nothing is executed before.

        What is to be confirmed by SMS sends a code at once; by `device`, our bound one will sign. Without `confirm_by` the
        setting decides. An order without `end_to_end_id` gets one. Its options may hold category, personal_note (250
        characters), user_selected_booking_date (with tax categories) and reference.
        Raises `InvalidOrder`, whose code is the field, before anything is sent, and `ProviderRefused`, with the code
        insufficient_funds or Kontist's own.
        """
        return self._new(await create(self._session, self._identified(order), await self._device(confirm_by)))

    async def create_many(self, orders: Sequence[TransferOrder]) -> Confirmation:
        """Have several plain transfers taken down, all to be confirmed by one code. Otherwise as `create`."""
        return self._new(await create_many(self._session, [self._identified(order) for order in orders]))

    async def confirm(self, confirmation: Confirmation, code: str | None = None) -> KontistTransfer:
        """Confirm one transfer, a changed standing order, or a cancellation: by code, or by our device's signature.

        Raises `ProviderRefused` with the code wrong_code (it destroys the order), request_expired or insufficient_funds, and
        `OutcomeUnknown` when nobody knows whether it was done: look for its end-to-end id before you order again. That is
        so as well for what Kontist no longer knows, unless it was ordered and not yet confirmed by this very object.
        """
        if confirmation.action == "batch":
            raise invalid("confirmation", "is of several; use confirm_many")
        return (await self._confirm(confirmation, code))[0]

    async def confirm_many(self, confirmation: Confirmation, code: str) -> tuple[KontistTransfer, ...]:
        """Confirm several transfers by one code. Otherwise as `confirm`."""
        return await self._confirm(confirmation, code)

    async def confirm_cancel(self, confirmation: Confirmation, code: str | None = None) -> KontistTransfer:
        """Confirm that a standing order is cancelled. Otherwise as `confirm`."""
        return await self.confirm(confirmation, code)

    async def list(self, kind: TransferKind, *, status: str | None = None) -> AsyncIterator[KontistTransfer]:
        """Yield the transfers of one kind, newest first, read as they are needed.

        `status` is Kontist's own word, for example SCHEDULED. Kontist lists one kind at a time.
        """
        async for page in pages(self._session, kind, status):
            for row in page:
                yield row

    async def newest(self, kind: TransferKind) -> tuple[KontistTransfer, ...]:
        """Read the newest transfers of one kind, up to 50."""
        async for page in pages(self._session, kind):
            return tuple(page)
        return ()

    async def get(self, transfer: str, kind: TransferKind) -> KontistTransfer | None:
        """Read one transfer by its id; None: there is none of that kind."""
        return await find(self._session, transfer, kind)

    async def update(
        self, transfer: str, kind: TransferKind, change: TransferChange, *, confirm_by: ConfirmBy | None = None
    ) -> Confirmation | KontistTransfer:
        """Change a transfer. A standing order gives a `Confirmation` for `confirm`; others are changed at once.

        Kontist empties a standing order's purpose and end-to-end id where none are sent, so those it has are sent again;
        an empty text removes them.
        """
        device = await self._device(confirm_by) if kind is TransferKind.STANDING_ORDER else None
        return self._new(await update(self._session, transfer, kind, change, device))

    async def cancel(
        self, transfer: str, kind: TransferKind, *, confirm_by: ConfirmBy | None = None
    ) -> Confirmation | KontistTransfer:
        """Cancel a scheduled transfer, at once, or a standing order, which gives a `Confirmation` for `confirm_cancel`.

        Raises `InvalidOrder` for plain and instant transfers, which cannot be cancelled.
        """
        device = await self._device(confirm_by) if kind is TransferKind.STANDING_ORDER else None
        return self._new(await cancel(self._session, transfer, kind, device))

    async def suggestions(self) -> tuple[TransferSuggestion, ...]:
        """List whom the person may want to pay, from past transactions."""
        found = (await self._session.account(TRANSFER_SUGGESTIONS, TransferSuggestions)).transfer_suggestions
        return tuple(found or ())

    async def unfinished(self) -> tuple[UnfinishedTransfer, ...]:
        """List transfers that were begun in the Kontist app and not finished."""
        found = await self._session.viewer(UNFINISHED_TRANSFERS, UnfinishedTransfers)
        return tuple(found.unfinished_transfers)

    async def between_own(
        self, amount: Decimal, *, from_account: str, to_account: str, reference: str, description: str | None = None
    ) -> OwnTransfer:
        """Move euros between two accounts of the customer, by their public ids. It is executed at once, unconfirmed.

        Undocumented: the unit on the wire (setting own_transfer_amounts). A lost answer raises `OutcomeUnknown`: look for the
        reference among the transactions before you do it again.
        """
        scale = 2 if self._session.settings.own_transfer_amounts == "cents" else 0
        wanted = {
            "amount": float(Decimal(cents(amount)).scaleb(scale - 2)),
            "fromAccountPublicId": from_account,
            "toAccountPublicId": to_account,
            "reference": reference,
            "description": description,
        }
        sent = {name: value for name, value in wanted.items() if value is not None}
        done = (await self._session.run(TRANSFER_BETWEEN_OWN, BetweenOwn, input=sent)).create_intra_customer_transfer
        return OwnTransfer(
            id=done.id,
            amount=Decimal(str(done.amount)).scaleb(-scale),
            created_at=done.created_at,
            recipient_iban=done.recipient_iban,
            reference=done.reference,
            description=done.description,
        )

    def _new(self, made: _M) -> _M:
        if isinstance(made, Confirmation):
            self._made.add(made.id)
        return made

    async def _confirm(self, wanted: Confirmation, code: str | None) -> tuple[KontistTransfer, ...]:
        asked_before = True if wanted.id in self._asked else False if wanted.id in self._made else None
        self._asked.add(wanted.id)
        try:
            return await confirm(self._session, wanted, code, asked_before=asked_before)
        except (InvalidOrder, ProviderUnavailable):  # Kontist surely has not heard
            if not asked_before:
                self._asked.discard(wanted.id)
            raise

    def _identified(self, order: TransferOrder) -> TransferOrder:
        return identified(order, self._session.ctx.secret())

    async def _device(self, confirm_by: ConfirmBy | None) -> BoundDevice | None:
        return await confirming_device(self._session, confirm_by)
