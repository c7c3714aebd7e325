"""Plain text as a PDF of A4 pages: enough for a statement to open in any viewer, without a library for it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_LINES_A_PAGE = 62
_HEAD = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"


def write_pdf(lines: Sequence[str]) -> bytes:
    """Set lines of at most some 85 characters in Courier. What Windows-1252 lacks loses its marks, or becomes "?"."""
    pages = [lines[start : start + _LINES_A_PAGE] for start in range(0, len(lines), _LINES_A_PAGE)] or [[]]
    kids = " ".join(f"{number} 0 R" for number in range(4, 4 + 2 * len(pages), 2))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    for page in pages:
        objects += _page(page, content_number=len(objects) + 2)
    return _assemble(objects)


def _page(lines: Sequence[str], content_number: int) -> tuple[bytes, bytes]:
    text = b"".join(b"(" + _escape(line) + b") Tj T*\n" for line in lines)
    content = b"BT /F1 10 Tf 12 TL 45 790 Td\n" + text + b"ET"
    head = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
    stream = f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"
    return head + f"/Contents {content_number} 0 R >>".encode(), stream


def _escape(line: str) -> bytes:
    encoded = b"".join(_encode(char) for char in line)
    return encoded.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _encode(char: str) -> bytes:
    try:
        return char.encode("cp1252")
    except UnicodeEncodeError:
        return unicodedata.normalize("NFKD", char)[:1].encode("cp1252", "replace")


def _assemble(objects: Sequence[bytes]) -> bytes:
    body, offsets = bytearray(_HEAD), []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n".encode()
    return bytes(body) + f"xref\n0 {size}\n0000000000 65535 f \n".encode() + table + trailer
