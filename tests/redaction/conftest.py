"""The redaction tests share a sandbox."""

from __future__ import annotations

from sandboxed import clock, control, control_origin, running_sandbox, sandbox

__all__ = ["clock", "control", "control_origin", "running_sandbox", "sandbox"]
