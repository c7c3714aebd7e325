"""What answers without a token: how Kontist is, and which features are switched on (providers/kontist.md section 6.5)."""

from __future__ import annotations

from typing import Any

from bankweave_sandbox.kontist.caller import Info, Resolvers


def _status(_root: object, info: Info) -> dict[str, Any]:
    message = info.context.switches.system_status_message
    return {"type": "ERROR", "message": message} if message else {"type": None, "message": None}


def _generic_features(_root: object, info: Info) -> list[dict[str, str]]:
    return [{"name": name} for name in info.context.switches.generic_features.split()]


RESOLVERS: Resolvers = {"Query": {"status": _status, "genericFeatures": _generic_features}}
