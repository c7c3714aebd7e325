"""What the engine is put together from."""

from __future__ import annotations

from dataclasses import dataclass

from bankweave.clock import Clock
from bankweave.engine.providers import Providers
from bankweave.store.base import Store
from bankweave.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    providers: Providers
    store: Store
    vault: Vault
    clock: Clock
    actor: str = ""  # the program, as it calls itself in the access log
