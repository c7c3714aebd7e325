"""What a recording must not hold, and the fakes that stand for it.

Fakes are numbered in the order in which their kind appears, and each stands for one value in the whole recording: a token in
an answer and its later use stay the same. Recording the same again gives the same file, however random the values were.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

PUBLIC_KEY = "04[0-9a-f]{128}"  # of a bound device: the hex of an uncompressed point on P-256
DEVICE_SIGNATURE = "30[0-9a-f]{130,142}"  # the hex of an ECDSA signature in DER
SMS_CODE = "000001"  # in place of the code of an SMS; a fake has to be one, too

# of a word, perhaps behind a character that a URL or JSON had to spell
_START = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-F]{2})|(?<=\\n))"
UUID = re.compile(_START + r"((?i:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}))\b")


@dataclass(frozen=True)
class Kind:
    """One kind of value that is replaced: the group of `pattern` that matched."""

    fake: str  # takes a number
    pattern: re.Pattern[str]


KINDS = (
    Kind("fake-access-token-{}", re.compile(r'"(?:access_token|token)":\s*"([^"]+)"')),  # the latter by Kontist's push
    Kind("fake-refresh-token-{}", re.compile(r'"refresh_token":\s*"([^"]+)"')),
    Kind("fake-code-{}", re.compile(r"(?:^|[?&])code=([^&\s]+)")),
    Kind("fake-verifier-{}", re.compile(r"(?:^|[?&])code_verifier=([^&\s]+)")),
    Kind("fake-signature-{}", re.compile(r'"sessionIdSignature":\s*"([^"]+)"|<session\b[^>]*\ssignature="([^"]+)"')),
    Kind("fake-session-{}", re.compile(r'"sessionId":\s*"([^"]+)"|<session\b[^>]*\sid="([^"]+)"')),
    Kind("fake-command-{}", re.compile(r'<command\b[^>]*\sid="([^"]+)"')),
    Kind("fake-public-key-{}", re.compile(rf'"key":\s*"({PUBLIC_KEY})"')),
    Kind("fake-device-signature-{}", re.compile(rf'"signature":\s*"({DEVICE_SIGNATURE})"')),
    # A webhook's; an example of the specification lacks the prefix, and so it is known by its name as well.
    Kind("fake-webhook-secret-{}", re.compile(r'\b(whsec_[\w+/=-]+)|"secret":\s*"([^"]+)"')),
    # To deliver to a webhook; its id is too short to be known by itself.
    Kind("fake-attempt-{}", re.compile(r'"attempts":\s*\[\s*\{\s*"id":\s*"([^"]+)"')),
    Kind("fake-next-{}", re.compile(r'[?&]next=([^&"\s]+)')),
    Kind("fake-cursor-{}", re.compile(r'"(?:cursor|startCursor|endCursor)":\s*"([^"]+)"')),
    # So Kontist calls cards and transfers, and Basiq events.
    Kind("fake-id-{}", re.compile(_START + r"([0-9a-f]{32}[a-z]{0,8}|[0-9a-f]{64})\b")),
    Kind("00000000-0000-4000-8000-{:012}", UUID),  # last: whatever has a better name has it by now
)

# These are replaced where they stand: a code such as 1234 may well be part of something else.
_MFA_ANSWERS = re.compile(r'("mfa-response":\s*)(\[[^\]]*\])')
_JSON_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
MFA_ANSWER = "fake-answer"


class Scrubber:
    """Learns what is secret from all of a recording, then replaces it. `known` are fakes of values known before."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._fakes = dict(known)
        self._counts: Counter[str] = Counter()

    def learn(self, text: str) -> None:
        """Find the secrets of a text. Texts are learned in the order in which they were said."""
        for kind in KINDS:
            for match in kind.pattern.finditer(text):
                self._learn_value(kind, match[match.lastindex or 0])

    def _learn_value(self, kind: Kind, value: str) -> None:
        if value in self._fakes or value in self._fakes.values():
            return
        self._counts[kind.fake] += 1
        self._fakes[value] = kind.fake.format(self._counts[kind.fake])

    def scrub(self, text: str) -> str:
        """Put the fakes in place of everything that was learned."""
        longest_first = sorted(self._fakes, key=len, reverse=True)
        values = "|".join(map(re.escape, longest_first)) or "(?!)"  # the latter matches nothing
        whole = re.compile(rf"{_START}(?:{values})(?![A-Za-z0-9])")
        replaced = whole.sub(lambda match: self._fakes[match[0]], text)
        return _MFA_ANSWERS.sub(lambda match: match[1] + _JSON_TEXT.sub(f'"{MFA_ANSWER}"', match[2]), replaced)


# Looking again --------------------------------------------------------------------------------------------------------

_HARMLESS = re.compile(
    "|".join(
        (
            r"\bfake-[a-z]+(?:-[a-z]+)*(?:-\d+)?\b",
            _START + r"00000000-0000-4000-8000-\d{12}\b",
            r"\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b",  # an IBAN; those of the sandbox are invented
            r"\b20\d\d-\d\d-\d\dT\d\d\b",  # the beginning of an instant
            r"\bE2E-\d{4}-\d\d-\d{5}\b",  # the end-to-end ids of the sandbox
        )
    )
)
_ALARMING = (
    re.compile(r"eyJ[\w-]+\.[\w-]*\.?[\w-]*"),  # a JWT
    UUID,
    re.compile(r'whsec_[^"\s]*|"secret":\s*"(?!fake")[^"]+"'),
    re.compile(r"(?i)\bBearer (?!fake\b)\S+|(?:^|[-:]) *Basic (?!fake\b)\S+"),
    re.compile(r'"(?:access_token|refresh_token|sessionIdSignature)":\s*"(?!fake")[^"]+"'),
    re.compile(r"\b(?:client_secret|code|code_verifier|refresh_token|sessionIdSignature)=(?!fake\b)[^&\s]+"),
    re.compile(rf'"authorizationToken":\s*"(?!{SMS_CODE}"|999999")[^"]*"'),  # the latter is nobody's
    re.compile(r"\bpassword=(?!fake\b)[^&\s]+"),
    re.compile(r'"mfa-response":\s*\[\s*"(?!fake")[^"]+"'),
    re.compile(r"(?i)\b(?:127\.0\.0\.1|localhost|set-cookie)\b"),
    re.compile(r"\b(?=[\w-]*[A-Za-z])(?=[\w-]*\d)[\w-]{16,}={0,2}"),  # long, of letters and digits: a key or a token
    re.compile(r"\b[A-Za-z]{32,}\b"),
)


def alarming(text: str) -> list[str]:
    """What looks like a secret or like this machine: strict rather than clever. Fakes and invented IBANs do not."""
    rest = _HARMLESS.sub("fake", text)
    return sorted({match[0] for pattern in _ALARMING for match in pattern.finditer(rest)})
