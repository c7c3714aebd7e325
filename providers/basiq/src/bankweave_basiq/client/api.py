"""Sending what Basiq's own client asks, as the application's server, about one person."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from pydantic import TypeAdapter

from bankweave.adapter import Request, Response
from bankweave.errors import InvalidOrder, MalformedAnswer, Origin, UnknownConnection
from bankweave_basiq.client.record import Linked, Listing
from bankweave_basiq.links import NAME, check_subject, locate
from bankweave_basiq.links import segment as _segment
from bankweave_basiq.refusals import read, refused
from bankweave_basiq.session import Session
from bankweave_basiq.user import recall_user

T = TypeVar("T")
LinkedT = TypeVar("LinkedT", bound=Linked)
ANY_JSON = {"Accept": "application/json"}
_MOST_PAGES = 10_000
_FILE_LIMIT = 64 * 1024 * 1024
_NOTHING: Mapping[str, str] = {}


def segment(value: str) -> str:
    """Make an id that was handed in fit for a path. Raises `InvalidOrder` for what can be none."""
    try:
        return _segment(value)
    except MalformedAnswer:
        raise InvalidOrder("an id is empty, too long or not printable; nothing was sent", code="id") from None


@dataclass(frozen=True, slots=True)
class Api:
    """The requests of the client: JSON in and out, refusals as errors, nothing of another person let through."""

    session: Session

    async def user_id(self) -> str:
        """The owner's user at Basiq. Raises `UnknownConnection` when none was made yet."""
        known = await recall_user(self.session)
        if known is None:
            raise UnknownConnection("this owner has no user at Basiq yet; make one with users.create, or connect")
        return known

    async def of_user(self, *words: str) -> str:
        """A path below the person's user."""
        return "/".join(("", "users", segment(await self.user_id()), *map(segment, words)))

    async def get(
        self, shape: TypeAdapter[LinkedT], operation: str, path: str, params: Mapping[str, str] = _NOTHING
    ) -> LinkedT:
        """Read one thing, and see that it is nobody else's. Raises `ProviderRefused` when it is not there."""
        request = self._request("GET", path, operation, repeatable=True, params=params)
        return await self._read(shape, request)

    async def rows(
        self, shape: TypeAdapter[Listing[T]], operation: str, path: str, params: Mapping[str, str] = _NOTHING
    ) -> tuple[T, ...]:
        """Read a list to its end."""
        return tuple([row async for row in self.pages(shape, operation, path, params)])

    async def pages(
        self, shape: TypeAdapter[Listing[T]], operation: str, path: str, params: Mapping[str, str] = _NOTHING
    ) -> AsyncIterator[T]:
        """Yield the rows of a list, page by page. Raises `MalformedAnswer` for pages that lead nowhere."""
        request = self._request("GET", path, operation, repeatable=True, params=params)
        seen: set[str] = set()
        while True:
            page = await self._read(shape, request)
            for row in page.data:
                yield row
            query = self._next(page, path, operation)
            if query is None:
                return
            if query in seen or len(seen) >= _MOST_PAGES:
                raise _malformed(operation, "pages lead round in a circle; the list was not read to its end")
            seen.add(query)
            request = self._request("GET", f"{path}?{query}", operation, repeatable=True)

    async def post(
        self, shape: TypeAdapter[LinkedT], operation: str, path: str, body: object = None, *, repeatable: bool = False
    ) -> LinkedT:
        """Make or change something. Only what has no other effect the second time may be repeatable."""
        request = self._request("POST", path, operation, repeatable=repeatable)
        return await self._read(shape, request if body is None else request.json(body))

    async def do(
        self, method: str, operation: str, path: str, body: object = None, *, repeatable: bool = False
    ) -> Response:
        """Do something that is answered with little or nothing."""
        request = self._request(method, path, operation, repeatable=repeatable)
        return await self.send(request if body is None else request.json(body))

    async def delete(self, operation: str, path: str) -> None:
        """Delete something. Raises `ProviderRefused` when it is not there."""
        await self.do("DELETE", operation, path, repeatable=True)

    async def send(self, request: Request) -> Response:
        response = await self.session.as_server(request)
        if not response.ok:
            raise refused(response, request.operation)
        return response

    async def own(self, shape: TypeAdapter[LinkedT], response: Response, operation: str) -> LinkedT:
        """Read a good answer. Raises `WrongSubject` when its own link names another user than the owner's."""
        answer = read(shape, response, operation)
        rows = answer.data if isinstance(answer, Listing) else ()
        links = [each.link("self") for each in (answer, *rows) if isinstance(each, Linked)]
        named = [link for link in links if link and "/users/" in link]
        if named:
            user_id = await self.user_id()
            for link in named:
                check_subject(link, user_id, operation)
        return answer

    async def file(self, path: str, operation: str, kind: str) -> bytes:
        """Read something as a file of a media type, of 64 MiB at the most. Raises `MalformedAnswer` when it comes as JSON."""
        request = self._request("GET", path, operation, repeatable=True, headers={"Accept": kind})
        response = await self.send(replace(request, limit=_FILE_LIMIT))
        if "json" in response.headers.get("content-type", "").casefold():  # it does not make such files of this
            raise _malformed(operation, "answer is JSON where a file was asked for; nothing of it was used")
        return response.body

    def request(self, method: str, path: str, operation: str, *, accept: str) -> Request:
        """A request whose answer is no JSON, or whose body is none."""
        return self._request(method, path, operation, repeatable=method == "GET", headers={"Accept": accept})

    async def _read(self, shape: TypeAdapter[LinkedT], request: Request) -> LinkedT:
        return await self.own(shape, await self.send(request), request.operation)

    def _request(
        self,
        method: str,
        path: str,
        operation: str,
        *,
        repeatable: bool,
        params: Mapping[str, str] = _NOTHING,
        headers: Mapping[str, str] = ANY_JSON,
    ) -> Request:
        return Request(
            method=method,
            url=f"{self.session.settings.base_url}{path}",
            operation=operation,
            repeatable=repeatable,
            headers=headers,
            params=params,
        )

    def _next(self, page: Linked, path: str, operation: str) -> str | None:
        link = page.link("next")
        if link is None:
            return None
        base = self.session.settings.base_url
        place = locate(base, link, operation)
        if place.words != locate(base, path, operation).words or not place.query:
            raise _malformed(operation, "link to the next page leads to something else; nothing of the answer was used")
        return place.query


def _malformed(operation: str, what: str) -> MalformedAnswer:
    return MalformedAnswer(f"Basiq's {what}", origin=Origin(adapter=NAME, operation=operation))
