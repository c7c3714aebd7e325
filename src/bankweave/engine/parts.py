"""What the engine is put together from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bankweave.clock import Clock
from bankweave.engine.providers import Providers
from bankweave.model import ConsentStatus, Retention
from bankweave.store.base import Store
from bankweave.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    providers: Providers
    store: Store
    vault: Vault
    clock: Clock
    actor: str = ""  # the program, as it calls itself in the access log
    retention: Mapping[ConsentStatus, Retention] = field(default_factory=dict)  # by how a consent has ended; else kept
