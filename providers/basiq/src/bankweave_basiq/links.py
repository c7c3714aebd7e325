"""What a link of Basiq points at, and whether it may be followed. Links are relative or absolute (section 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, quote, unquote, urljoin, urlsplit

from bankweave.errors import MalformedAnswer, Origin, OriginRefused, WrongSubject

NAME = "basiq"
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Place:
    """A link taken apart: the decoded words of its path, and its query as it came."""

    words: tuple[str, ...]
    query: str

    def after(self, word: str) -> str | None:
        """The id that follows a collection's name: of /users/u1/connections/c1, `c1` after `connections`."""
        return next((b for a, b in zip(self.words, self.words[1:], strict=False) if a == word), None)


def locate(base_url: str, link: str, operation: str) -> Place:
    """Resolve a link against the base. Raises `OriginRefused` when it leads elsewhere."""
    try:
        parts = urlsplit(urljoin(f"{base_url}/", link))
        same = _origin(parts) == _origin(urlsplit(base_url))
    except ValueError:
        raise MalformedAnswer("Basiq sent a link that is none; it was not followed", origin=_from(operation)) from None
    # Parsers disagree about backslashes, blanks and user names in addresses, and an attacker lives on that.
    if not same or "@" in parts.netloc or "\\" in link or not link.isprintable() or " " in link:
        raise OriginRefused(
            "Basiq sent a link to another origin than base_url; it was not followed", origin=_from(operation)
        )
    return _path_of(link, operation)


def id_in(link: str, collection: str) -> str | None:
    """The id that a link names after a collection, wherever the link leads."""
    return _path_of(link, "read_link").after(collection)


def connection_in(link: str | None) -> str | None:
    """The connection that a link is about: in its path, or in its filter."""
    if link is None:
        return None
    wanted = "connection.id.eq('"
    asked = next((value for value in parse_qs(urlsplit(link).query).get("filter", []) if wanted in value), None)
    return asked.split(wanted, 1)[1].split("'", 1)[0] if asked else id_in(link, "connections")


def check_subject(link: str | None, user_id: str, operation: str) -> None:
    """Raise `WrongSubject` when a link names another user than the one asked about."""
    # Nothing is sent to this link, so only its path is looked at: behind a proxy the host may well be another.
    user = _path_of(link, operation).after("users") if link else None
    if user not in {None, user_id}:
        raise WrongSubject("Basiq answered about another user; nothing of it was used", origin=_from(operation))


def segment(value: str) -> str:
    """Make an opaque id fit for a path. Raises `MalformedAnswer` for what can be no id."""
    if not value.isprintable() or value in {"", ".", ".."} or len(value) > 200:
        raise MalformedAnswer(
            "an id of Basiq is empty, too long or not printable; it was not used", origin=_from("address")
        )
    return quote(value, safe="")


def quoted(value: str) -> str:
    """Write a value of the filter language, in which a quotation mark cannot be written (section 5.2)."""
    if "'" in value or not value.isprintable():
        raise MalformedAnswer("an id of Basiq does not fit into a filter; it was not used", origin=_from("filter"))
    return f"'{value}'"


def _path_of(link: str, operation: str) -> Place:
    try:
        parts = urlsplit(link)
        words = tuple(unquote(word, errors="strict") for word in parts.path.split("/") if word)
    except ValueError:
        raise MalformedAnswer("Basiq sent a link that is none; it was not followed", origin=_from(operation)) from None
    return Place(words, parts.query)


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)


def _from(operation: str) -> Origin:
    return Origin(adapter=NAME, operation=operation)
