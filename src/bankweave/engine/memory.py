"""What is kept for an adapter under a name, encrypted: of one owner, or of the application itself."""

from __future__ import annotations

from dataclasses import dataclass

from bankweave.store.base import Store
from bankweave.vault import Vault

APPLICATION = ""  # the owner of what belongs to nobody


@dataclass(frozen=True, slots=True)
class Memory:
    store: Store
    vault: Vault
    adapter: str
    owner: str = APPLICATION

    async def recall(self, name: str) -> str | None:
        sealed = await self.store.recall(self.adapter, self.owner, name)
        return None if sealed is None else self.vault.open(sealed, record=self._record(name)).decode()

    async def remember(self, name: str, value: str) -> None:
        sealed = self.vault.seal(value.encode(), record=self._record(name))
        await self.store.remember(self.adapter, self.owner, name, sealed)

    def _record(self, name: str) -> str:
        return f"memory/{self.adapter}/{self.owner}/{name}"
