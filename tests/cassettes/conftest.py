"""What tests of cassettes share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_socket import disable_socket, enable_socket


@pytest.fixture
def no_network() -> Iterator[None]:
    """No network, loopback included."""
    disable_socket(allow_unix_socket=True)  # an event loop wakes itself up through a pair of those
    yield
    enable_socket()
