"""For those who write adapters, and for those who test programs that use bankweave.

The conformance kit for adapters is in `bankweave.testing.contract`, which needs pytest; nothing else here does.
"""

from bankweave.testing.clock import StillClock
from bankweave.testing.context import FakeContext, ScriptedHttp
from bankweave.testing.echo import EchoAdapter, EchoBank
from bankweave.testing.rig import Person, Rig, TrueAccount, TrueRow

__all__ = [
    "EchoAdapter",
    "EchoBank",
    "FakeContext",
    "Person",
    "Rig",
    "ScriptedHttp",
    "StillClock",
    "TrueAccount",
    "TrueRow",
]
