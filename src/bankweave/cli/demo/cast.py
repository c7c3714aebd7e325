"""Who connects which bank in the demo. What they type is read from the sandbox's own list of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bankweave.cli.demo.browser import Person
from bankweave.cli.demo.world import Described


@dataclass(frozen=True)
class Role:
    """One connection to be made."""

    owner: str  # the demo's own id of the person
    adapter: str
    username: str
    bank: str  # the institution's id in the sandbox's list of people
    title: str  # what the demo shows
    institution: str | None = None  # what `connect` is told; None: the person chooses on the page
    chooses: str = ""  # what the person chooses there
    options: Mapping[str, str] = field(default_factory=dict)


CAST = (
    Role("anna", "kontist", "anna@kontist.example", "Kontist", "Kontist"),
    Role("zofia", "kontomatik", "test1", "KontoBank", "KontoBank, Poland", chooses="KontoBankApi"),
    Role(
        "jiri",
        "kontomatik",
        "test1",
        "KontoBank_cz",
        "KontoBank, Czechia",
        institution="KontoBankApi_cz",
        options={"country": "cz", "locale": "cz"},
    ),
    Role("gavin", "basiq", "gavinBelson", "AU00000", "Hooli, Australia", chooses="AU00000"),
    Role("gavin", "basiq", "gavinBelson", "AU00002", "Pied Piper, Australia", institution="AU00002"),
    Role("jared", "basiq", "jared", "AU00002", "Pied Piper, Australia", institution="AU00002"),
)


def options_of(role: Role) -> dict[str, str]:
    """The provider's own options; Basiq wants an address of the person."""
    return {"email": f"{role.owner}@example.com"} if role.adapter == "basiq" else dict(role.options)


def person_of(role: Role, described: Described) -> Person:
    """What the person behind a role types: name and password, the code they get, the answers they agreed on."""
    known = _described(role, described)
    names = dict.fromkeys(("E-mail address", "User name", "Login ID"), role.username)
    codes = dict.fromkeys(("One-time code", "OTP Password"), known["code"]) if known.get("code") else {}
    return Person({**names, "Password": known["password"], **codes, **_answers(known)}, role.chooses)


def _described(role: Role, described: Described) -> Mapping[str, Any]:
    people: list[Mapping[str, Any]] = described[role.adapter]["people"]
    return next(one for one in people if one["username"] == role.username and one["institution"] == role.bank)


def _answers(known: Mapping[str, Any]) -> dict[str, str]:
    return {one["question"]: one["answer"] for one in known.get("answers") or ()}
