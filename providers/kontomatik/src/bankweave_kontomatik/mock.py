"""Signing in at the mock bank without a browser (section 11). For tests: refused outside of them."""

from __future__ import annotations

from bankweave.adapter import Context
from bankweave.errors import ConfigurationError
from bankweave_kontomatik import protocol
from bankweave_kontomatik.protocol import MockSignIn
from bankweave_kontomatik.settings import KontomatikSettings
from bankweave_kontomatik.wire import WireSession


async def open_mock_session(
    ctx: Context, settings: KontomatikSettings, sign_in: MockSignIn
) -> tuple[WireSession, str | None]:
    """Open a session, and get the id of its multiple access if it has one. Never sent twice."""
    check_mock_allowed(settings)
    answer = await ctx.http.send(protocol.mock_session(settings, sign_in))
    return protocol.read_mock_session(answer, sign_in.owner)


def check_mock_allowed(settings: KontomatikSettings) -> None:
    """Raises `ConfigurationError` where real people sign in."""
    if not (settings.is_for_tests or settings.allow_mock):
        raise ConfigurationError(
            "A mock session signs nobody in and is meant for Kontomatik's test environment and for servers on this machine; "
            "set base_url to one of them, or allow_mock if you mean it"
        )
