"""The way back of a person: what a callback URL holds, and the digest by which its flow is found."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit

from bankweave.errors import UnknownFlow

LONGEST_CALLBACK = 8192  # characters of a callback URL


def read_callback(url: str) -> dict[str, str]:
    """The query of a callback URL. Parameters that come twice are no callback of ours."""
    if len(url) > LONGEST_CALLBACK:
        raise UnknownFlow("this callback is longer than any provider sends; nothing was done with it")
    try:
        pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise UnknownFlow("this is not a callback URL; pass the whole address that the person came back to") from None
    params = dict(pairs)
    if len(params) != len(pairs):
        raise UnknownFlow("this callback repeats a parameter; nothing was done with it")
    return params


def digest(key: str) -> str:
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
