"""A form with a file, as browsers send it (RFC 7578). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bankweave.adapter import Request


def with_form(
    request: Request, fields: Iterable[tuple[str, str]], *, file: tuple[str, str, bytes], boundary: str
) -> Request:
    """The same request with a form: its fields in order, then the file, as storage services want it.

    `file` is its name, its media type and its content. The boundary must be nowhere in what is sent.
    """
    parts = [_field(name, value.encode()) for name, value in fields]
    name, media_type, content = file
    about = (
        f'Content-Disposition: form-data; name="file"; filename="{_quoted(name)}"\r\nContent-Type: {_line(media_type)}'
    )
    parts.append(about.encode() + b"\r\n\r\n" + content)
    edge = f"--{boundary}".encode()
    body = b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts) + edge + b"--\r\n"
    content_type = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return replace(request, body=body, headers={**request.headers, **content_type})


def _field(name: str, value: bytes) -> bytes:
    return f'Content-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n'.encode() + value


def _quoted(name: str) -> str:
    """A name inside quotes, escaped as browsers do it."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _line(text: str) -> str:
    """Nothing in a header may begin another."""
    return text.replace("\r", "").replace("\n", "")
