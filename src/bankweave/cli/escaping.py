"""Texts of banks and providers, made harmless: what they hold must not steer the terminal that shows them."""

from __future__ import annotations

import json
import re

# The characters that str.isprintable() lets through and those that emoji are made of need no escape. All else that is a
# control or format character might move the cursor, recolour the screen or turn the reading direction around.
_JOINERS = "\u200d"  # joins emoji
_NO_TEXT = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def safe(text: object) -> str:
    """The text with everything unprintable written as an escape; blanks of any kind become spaces."""
    plain = str(text)
    if plain.isprintable():
        return plain
    return "".join(_shown(character) for character in plain)


def safe_json(document: str) -> str:
    """The same for JSON that is already written, which stays the same JSON."""
    return _NO_TEXT.sub(lambda found: json.dumps(found[0])[1:-1], document)


def _shown(character: str) -> str:
    if character.isprintable() or character == _JOINERS:
        return character
    if character.isspace() and character not in "\n\r\t\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029":
        return " "
    return character.encode("unicode_escape").decode("ascii")
