"""For those who write adapters, and for those who test programs that use bankweave.

The conformance kit for adapters is in `bankweave.testing.contract`, which needs pytest; nothing else here does.
"""

from bankweave.testing.clock import StillClock
from bankweave.testing.context import FakeContext, ScriptedHttp
from bankweave.testing.echo import EchoAdapter, EchoBank
from bankweave.testing.rig import Person, Rig, TrueAccount, TrueRow
from bankweave.testing.socket import ScriptedSocket

__all__ = [
    "EchoAdapter",
    "EchoBank",
    "FakeContext",
    "Person",
    "Rig",
    "ScriptedHttp",
    "ScriptedSocket",
    "StillClock",
    "TrueAccount",
    "TrueRow",
]
