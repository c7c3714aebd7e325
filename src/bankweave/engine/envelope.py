"""What is sealed in a flow's record: all that a stranger could use."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from bankweave.errors import StoreTooNew
from bankweave.flow import FlowRecord, Interaction
from bankweave.payment import Transfer
from bankweave.vault import Vault


@dataclass(frozen=True, slots=True)
class Payment:
    """What a payment flow is about: enough to find out what became of it."""

    account: str  # its provider id
    end_to_end_ids: tuple[str, ...] = ()
    cancels: str | None = None  # the provider's id of the transfer that is to be cancelled
    transfers: tuple[Transfer, ...] = ()  # as the provider showed them when it was done

    def is_about(self, transfer: Transfer) -> bool:
        return transfer.id == self.cancels or transfer.end_to_end_id in self.end_to_end_ids


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is sealed in a record."""

    state: str = ""  # the adapter's state, as its own JSON; empty before the first step and after the last
    interaction: Interaction | None = None
    payment: Payment | None = None
    grant_version: int | None = None  # of the grant that a refresh began with


_ENVELOPES: TypeAdapter[Envelope] = TypeAdapter(Envelope)


def seal(vault: Vault, record: FlowRecord, envelope: Envelope) -> bytes:
    return vault.seal(_ENVELOPES.dump_json(envelope), record=f"flow/{record.id}")


def unseal(vault: Vault, record: FlowRecord) -> Envelope:
    """Open a record; an empty one holds nothing. Raises `VaultError`, `StoreTooNew`."""
    if not record.sealed:
        return Envelope()
    plain = vault.open(record.sealed, record=f"flow/{record.id}")
    with suppress(ValidationError):  # it would carry the state along
        return _ENVELOPES.validate_json(plain)
    raise StoreTooNew("this flow was written by a newer bankweave; upgrade, or begin a new flow")
