"""How a cassette is written: scrubbed as a whole, in an order and in lines that a person can read and compare."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml
from vcr.serializers import yamlserializer  # type: ignore[import-untyped]  # vcrpy has no types

from .scrubbing import Scrubber

REQUEST_HEADERS = ("accept", "accept-encoding", "authorization", "basiq-version", "content-type", "x-api-key")
ANSWER_HEADERS = ("cache-control", "content-encoding", "content-type", "retry-after")

_BETWEEN_TAGS = re.compile(r"(</[^<>]+>|/>|\?>)(?=<)")


class ScrubbedYaml:
    """A serializer of vcrpy. It is handed the whole recording when it is over, and nothing is written before."""

    def __init__(self, scrubber: Scrubber) -> None:
        self._scrubber = scrubber

    def serialize(self, cassette: dict[str, Any]) -> str:
        interactions = [_ordered(interaction) for interaction in cassette["interactions"]]
        for text in _texts(interactions):
            self._scrubber.learn(text)
        written = {"interactions": _laid_out(self._scrub(interactions)), "version": cassette["version"]}
        return str(yaml.dump(written, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000))

    def deserialize(self, text: str) -> Any:
        return yamlserializer.deserialize(text)

    def _scrub(self, value: Any) -> Any:
        match value:
            case dict():
                return {key: self._scrub(inner) for key, inner in value.items()}
            case list():
                return [self._scrub(inner) for inner in value]
            case str():
                return self._scrubber.scrub(value)
            case bytes():
                raise ValueError("a body is not text and cannot be scrubbed; nothing was written")
            case _:
                return value


def _ordered(interaction: dict[str, Any]) -> dict[str, Any]:
    """Keep what belongs to the protocol, and leave out what the transport or the day of the recording adds."""
    request, response = interaction["request"], interaction["response"]
    return {
        "request": {
            "method": request["method"],
            "uri": request["uri"],
            "headers": _kept(request["headers"], REQUEST_HEADERS),
            "body": request["body"],
        },
        "response": {
            "status": response["status"],
            "headers": _kept(response["headers"], ANSWER_HEADERS),
            "body": {"string": response["body"]["string"]},
        },
    }


def _kept(headers: dict[str, list[str]], names: tuple[str, ...]) -> dict[str, list[str]]:
    lower = {name.lower(): values for name, values in headers.items()}
    return {name: lower[name] for name in names if name in lower}


def _texts(value: Any) -> Iterator[str]:
    """All texts, in the order in which they were said."""
    match value:
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)
        case str():
            yield value


def _laid_out(interactions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for interaction in interactions:
        interaction["request"]["body"] = lines_of(interaction["request"]["body"])
        body = interaction["response"]["body"]
        body["string"] = lines_of(body["string"])
    return interactions


def lines_of(body: str) -> str:
    """Break JSON and XML into lines where white space means nothing; else a body is one line, and no diff can be read."""
    if body.startswith("<"):
        return _BETWEEN_TAGS.sub(r"\1\n", body)
    try:
        value = json.loads(body)
    except ValueError:
        return body
    if json.dumps(value, ensure_ascii=False, separators=(",", ":")) != body:
        return body  # numbers or spaces that Python would write otherwise: kept as they came
    return json.dumps(value, ensure_ascii=False, indent=1)


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as lines."""


def _represent_text(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent_text)
