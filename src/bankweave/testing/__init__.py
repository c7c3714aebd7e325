"""For those who write adapters: a context without a network, and the conformance kit."""

from bankweave.testing.context import FakeContext, ScriptedHttp

__all__ = ["FakeContext", "ScriptedHttp"]
