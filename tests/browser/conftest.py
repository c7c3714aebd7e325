"""A person at a real browser, a sandbox with its pages, and an application that they come back to.

Debian's chromium, or another that is on the PATH, is driven; without one, or without playwright, the tests are skipped.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from application import Application
from sandboxed import START, Control, SandboxClock, clock, control, control_origin, sandbox

from bankweave import Bankweave, Config
from bankweave.vault import generate_key
from bankweave_basiq import Basiq
from bankweave_kontist import Kontist
from bankweave_kontomatik import Kontomatik
from bankweave_sandbox import Sandbox

if TYPE_CHECKING:  # else imported where it is used, for this file to be read where playwright is missing
    from person import Person
    from playwright.sync_api import Browser, Playwright

__all__ = ["clock", "control", "control_origin", "sandbox"]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",  # root, as whom CI runs, has no other way
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AUDIT = Path(__file__).with_name("audit.js")


def pytest_pycollect_makemodule() -> None:
    """Skip the files beside this one before they import what is missing."""
    pytest.importorskip("playwright", reason="playwright is missing: pip install -e .[dev]")


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no browser is on the PATH: apt-get install chromium (looked for {', '.join(NAMES)})")
    return found


# Playwright keeps an event loop running in the thread of the tests until it is stopped, and no other test could begin one:
# hence one browser per file, and not for the whole session. Each takes half a second.
@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(chromium: str, playwright: Playwright) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def running_application() -> Iterator[Application]:
    with Application() as running:
        yield running


@pytest.fixture
def application(running_application: Application) -> Application:
    running_application.arrivals.clear()
    return running_application


@pytest.fixture(scope="session")
def running_sandbox(chromium: str, running_application: Application) -> Iterator[Sandbox]:  # noqa: ARG001 - skip first
    with Sandbox(seed=1, start=START, redirect_url=running_application.callback) as running:
        yield running


@pytest.fixture
def bank(control: Control, clock: SandboxClock, tmp_path: Path) -> Iterator[Bankweave]:
    settings = {name: control.settings(name) for name in ("basiq", "kontist", "kontomatik")}
    config = Config(store=tmp_path / "bank.db", vault_keys=generate_key(), adapters=settings)
    with Bankweave(config=config, adapters=[Basiq, Kontist, Kontomatik], clock=clock) as opened:
        yield opened


@pytest.fixture
def person(browser: Browser, application: Application) -> Iterator[Person]:
    """Somebody with a phone. Whatever a test is about, their browser met nothing strange on the way."""
    from person import Person, Watch

    context = browser.new_context(viewport={"width": 375, "height": 667}, locale="en-GB")
    context.set_default_timeout(5000)
    context.add_init_script(path=AUDIT)
    watch = Watch()
    watch.over(context)
    yield Person(context.new_page(), watch)
    referers = [*watch.referers(), *(one.referer for one in application.arrivals if one.referer)]
    context.close()
    assert watch.complaints == []
    assert watch.strangers == set()
    assert referers == []
