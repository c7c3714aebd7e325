"""Small answers of Kontomatik, written for these tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

from pydantic_core import to_json

from bankweave.adapter import Response
from bankweave_kontomatik import KontomatikSettings

OWNER = "anna"
COMMAND = "7001"
SESSION = "6001"
SIGNATURE = "ab" * 32
ACCESS = "access-of-anna"
LINK = "https://signin.example/r/redirection-1"
IBAN = "PL61109010140000071219812874"
OTHER_IBAN = "PL27114020040000300201355387"


def settings(**given: object) -> KontomatikSettings:
    return KontomatikSettings.model_validate({"api_key": "k", **given})


def xml(body: str, status: int = 200, retry_at: datetime | None = None) -> Response:
    return Response(status=status, body=body.encode(), retry_at=retry_at)


def json(value: object, status: int = 200, retry_at: datetime | None = None) -> Response:
    return Response(status=status, body=to_json(value), retry_at=retry_at)


def reply(inner: str = "", *, owner: str | None = None) -> str:
    named = f' ownerExternalId="{owner}"' if owner else ""
    return f'<?xml version="1.0" encoding="utf-8"?>\n<reply status="200 OK" user="app-test"{named}>{inner}</reply>'


def exception(name: str, status: int = 400) -> Response:
    return xml(reply(f'<exception name="{name}"><message>some text</message></exception>'), status)


def command(state: str, inner: str = "", *, known_as: str = COMMAND, owner: str | None = None) -> str:
    attributes = f'id="{known_as}" state="{state}" name="DefaultImportCommand" target="KontoBankApi"'
    return reply(f"<command {attributes}><progress><value>0</value></progress>{inner}</command>", owner=owner)


def failed_command(state: str, name: str) -> Response:
    return xml(command(state, f'<exception name="{name}"><message>some text</message></exception>'))


def redirection() -> Response:
    return json({"redirectionId": "redirection-1", "redirectionLink": LINK})


def status(word: str, **params: object) -> Response:
    return json({"status": word, "params": params})


def success(*, multiple_access_id: str | None = ACCESS) -> Response:
    return status(
        "success",
        sessionId=SESSION,
        sessionIdSignature=SIGNATURE,
        multipleAccessId=multiple_access_id,
        target="KontoBankApi",
        officialName="KontoBank",
    )


def started() -> Response:
    return xml(command("setup", owner=OWNER), 202)


def session() -> Response:
    return xml(reply(f'<session id="{SESSION}" signature="{SIGNATURE}"/>', owner=OWNER))


def elements(**texts: str | None) -> str:
    return "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in texts.items() if text is not None)


def row(amount: str = "-9.00", booked: str = "2026-11-20", inner: str = "", **more: str | None) -> str:
    texts: dict[str, str | None] = {
        "transactionOn": booked,
        "bookedOn": booked,
        "currencyAmount": amount,
        "title": "Coffee",
        "status": "DONE",
        **more,
    }
    return f"<moneyTransaction>{elements(**texts)}{inner}</moneyTransaction>"


@dataclass(frozen=True)
class Made:
    """An account of a result document."""

    rows: tuple[str, ...] = ()
    tag: str = "account"
    attributes: str = ""
    inner: str = ""
    texts: Mapping[str, str | None] = field(default_factory=dict)

    def __str__(self) -> str:
        texts = {"name": "Konto", "iban": IBAN, "currencyBalance": "100.00", "currencyName": "PLN", **self.texts}
        rows = f"<moneyTransactions>{''.join(self.rows)}</moneyTransactions>"
        return f"<{self.tag} {self.attributes}>{elements(**texts)}{rows}{self.inner}</{self.tag}>"


def owners(*names_and_kinds: tuple[str, str]) -> str:
    people = "".join(f"<owner>{elements(name=name, kind=kind)}</owner>" for name, kind in names_and_kinds)
    return f"<owners>{people}</owners>"


def result(*accounts: Made, people: str = "", cards: str = "") -> str:
    listed = "".join(str(account) for account in accounts)
    return command("successful", f"<result>{people}<accounts>{listed}</accounts>{cards}</result>")
