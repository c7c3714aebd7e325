"""Fetching a file that Kontist has named the address of (section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from bankweave.adapter import Request, Response
from bankweave.errors import OriginRefused
from bankweave_kontist.refusals import malformed, origin, refusal_of_rest

if TYPE_CHECKING:
    from bankweave_kontist.session import Session

DOWNLOAD = "download_document"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


async def download(session: Session, url: str) -> bytes:
    """Fetch a file, under the connection's token where it is Kontist's own server that is asked.

    One redirect is followed, because documents have been seen to be in a storage elsewhere: to an origin among the setting
    `upload_origins`, without the token. Any other raises `OriginRefused`, and nothing is sent there.
    """
    answer = await _fetch(session, url)
    if answer.status in _REDIRECTS:
        answer = await _fetch(session, _target(url, answer))
    if not answer.ok:
        raise malformed(DOWNLOAD) if answer.status in _REDIRECTS else refusal_of_rest(answer, DOWNLOAD)
    return answer.body


async def _fetch(session: Session, url: str) -> Response:
    request = Request(method="GET", url=url, operation=DOWNLOAD, repeatable=True, headers={"Accept": "*/*"})
    where = _origin_of(url)
    if where == session.settings.origin:
        return await session.send(request, _unless_unauthorized)
    if where in session.settings.storage_origins:
        return await session.ctx.http.send(request)
    message = (
        "Kontist keeps this document at another host; nothing was sent there. If you trust it, add its origin to the"
        " setting upload_origins of kontist"
    )
    raise OriginRefused(message, origin=origin(DOWNLOAD))


def _unless_unauthorized(response: Response) -> Response:
    if response.status == 401:
        raise refusal_of_rest(response, DOWNLOAD)
    return response


def _target(url: str, answer: Response) -> str:
    location = answer.headers.get("location")
    if not location:
        raise malformed(DOWNLOAD)
    return urljoin(url, location)


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
