"""For those who write adapters, and for those who test programs that use bankweave."""

from bankweave.testing.context import FakeContext, ScriptedHttp
from bankweave.testing.echo import EchoAdapter, EchoBank

__all__ = ["EchoAdapter", "EchoBank", "FakeContext", "ScriptedHttp"]
