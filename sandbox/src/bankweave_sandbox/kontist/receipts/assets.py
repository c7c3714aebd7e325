"""Receipts on their way to a transaction: announced, uploaded, finalized (providers/kontist.md section 6.4).

Kontist's upload goes to a storage service, which is undocumented; here it is at the same origin, and its form fields are
opaque as they are there.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontist.people import user_id
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.kontist.transactions.bookkeeping import Bookkeeping, Receipt
from bankweave_sandbox.world import Person


@dataclass(slots=True)
class Asset:
    id: str
    person: Person
    movement_id: str
    name: str
    filetype: str
    path: str
    fields: Mapping[str, str] = field(repr=False)  # what has to come with the file
    upload_until: datetime
    content: bytes | None = field(default=None, repr=False)  # None: not uploaded
    is_finalized: bool = False

    @property
    def receipt(self) -> Receipt:
        return Receipt(self.id, self.name, self.filetype, self.path)


class Assets:
    def __init__(self, clock: Clock, notes: Bookkeeping, switches: Switches) -> None:
        self._clock = clock
        self._notes = notes
        self._switches = switches
        self._all: dict[str, Asset] = {}

    def announce(self, person: Person, movement_id: str, name: str, filetype: str) -> Asset:
        """Make room for a file."""
        if not name.strip() or not filetype.strip():
            raise Problem(400, "name and filetype are needed")
        asset_id = str(uuid.uuid4())
        path = f"users/{user_id(person)}/assets/{asset_id}"
        fields = {"key": path, "Content-Type": filetype, "policy": secrets.token_hex(16)}
        until = self._clock.now() + timedelta(seconds=self._switches.asset_upload_seconds)
        asset = Asset(asset_id, person, movement_id, name, filetype, path, fields, until)
        self._all[asset_id] = asset
        return asset

    def awaited(self, asset_id: str) -> Asset | None:
        """Find an asset whose file may still come."""
        asset = self._all.get(asset_id)
        if asset is None or asset.is_finalized or asset.upload_until <= self._clock.now():
            return None
        return asset

    def finalize(self, person: Person, asset_id: str) -> Asset:
        """Attach an uploaded file to its transaction; doing it again changes nothing."""
        asset = self.own(person, asset_id)
        if asset.content is None:
            raise Problem(400, "The asset has not been uploaded")
        if not asset.is_finalized:
            asset.is_finalized = True
            self._notes.attach(asset.movement_id, asset.receipt)
        return asset

    def delete(self, person: Person, asset_id: str) -> None:
        asset = self.own(person, asset_id)
        self._notes.detach(asset.movement_id, asset.id)
        self._all.pop(asset.id)

    def own(self, person: Person, asset_id: str) -> Asset:
        """Find an asset of the person; another's is as unknown as none."""
        asset = self._all.get(asset_id)
        if asset is None or asset.person.id != person.id:
            raise Problem(404, "Asset not found")
        return asset
