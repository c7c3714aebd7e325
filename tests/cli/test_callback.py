"""The catcher of callbacks: loopback only, one path, no log, no foreign names."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import httpx
import pytest

from bankweave.cli.callback import Catcher, catching
from bankweave.errors import ConfigurationError

SECRET = "code=very-secret&state=key"


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    with catching(0) as mine:
        yield mine


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=5) as mine:
        yield mine


def test_the_whole_address_is_caught_and_the_person_sent_back(catcher: Catcher, client: httpx.Client) -> None:
    page = client.get(f"{catcher.redirect_uri}?{SECRET}&x=%C3%A4")
    assert page.status_code == 200
    assert "Go back to the terminal" in page.text
    assert catcher.next(5) == f"{catcher.redirect_uri}?{SECRET}&x=%C3%A4"


def test_nothing_is_caught_while_nobody_comes(catcher: Catcher) -> None:
    assert catcher.next(0.01) is None


@pytest.mark.parametrize("path", ["/favicon.ico", "/", "/callback", "/callback/x?state=key"])
def test_other_paths_are_not_there(catcher: Catcher, client: httpx.Client, path: str) -> None:
    origin = catcher.redirect_uri.removesuffix("/callback")
    assert client.get(f"{origin}{path}").status_code == 404
    assert catcher.next(0.01) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_other_methods_catch_nothing(catcher: Catcher, client: httpx.Client, method: str) -> None:
    assert client.request(method, f"{catcher.redirect_uri}?{SECRET}").status_code == 501
    assert catcher.next(0.01) is None


def test_a_foreign_name_that_leads_to_this_machine_is_refused(catcher: Catcher, client: httpx.Client) -> None:
    answer = client.get(f"{catcher.redirect_uri}?{SECRET}", headers={"Host": "evil.example"})
    assert answer.status_code == 404
    assert catcher.next(0.01) is None


def test_the_page_can_neither_be_kept_nor_tell_where_it_came_from(catcher: Catcher, client: httpx.Client) -> None:
    headers = client.get(f"{catcher.redirect_uri}?{SECRET}").headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith("default-src 'none'")


def test_nothing_is_written_to_the_terminal(
    catcher: Catcher, client: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    client.get(f"{catcher.redirect_uri}?{SECRET}")
    client.get(f"{catcher.redirect_uri}x?{SECRET}")
    assert capfd.readouterr() == ("", "")


def test_a_connection_that_says_nothing_keeps_nobody_waiting(catcher: Catcher, client: httpx.Client) -> None:
    parts = urlsplit(catcher.redirect_uri)
    with closing(socket.create_connection((str(parts.hostname), int(parts.port or 0)))):
        assert client.get(f"{catcher.redirect_uri}?{SECRET}").status_code == 200


def test_it_listens_on_loopback_only(catcher: Catcher) -> None:
    assert urlsplit(catcher.redirect_uri).hostname == "127.0.0.1"


def test_the_port_is_free_again_afterwards() -> None:
    with catching(0) as first:
        port = int(urlsplit(first.redirect_uri).port or 0)
    with catching(port) as second:
        assert second.redirect_uri == first.redirect_uri


def test_an_impossible_port_is_a_matter_of_configuration() -> None:
    with pytest.raises(ConfigurationError, match="no port"), catching(70000):
        pass
