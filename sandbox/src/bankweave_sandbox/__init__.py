"""Local servers that speak the protocols of Kontist, Kontomatik and Basiq v3, over one fictional world."""

from bankweave_sandbox.serve import PortInUseError, Sandbox

__all__ = ["PortInUseError", "Sandbox"]
