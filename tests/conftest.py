"""What all tests share: asyncio as the one event loop, and a process that can be interrupted."""

from __future__ import annotations

import signal

import pytest

# Started in the background, a shell lets its children ignore Ctrl-C; the tests of interrupting, and the processes that they
# start, must not inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
