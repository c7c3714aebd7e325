"""A small world for the Basiq tests: every figure in it is known, so that answers can be told in full."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.world import Account, AccountKind, Bank, Kind, Movement, Person, World

# Noon in Sydney, which is eleven hours ahead of UTC in summer.
NOON = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
SYDNEY = ZoneInfo("Australia/Sydney")

HOOLI = Bank("au-hooli", "Hooli", "AU", "basiq", SYDNEY, ("AU00000",))
PIED_PIPER = Bank("au-piedpiper", "Pied Piper", "AU", "basiq", SYDNEY, ("AU00002",))
NUCLEUS = Bank("au-nucleus", "Nucleus", "AU", "basiq", SYDNEY, ("AU00003",))
HOOLI_GOV = Bank("au-hooligov", "HooliGov", "AU", "basiq", SYDNEY, ("AU00004",))
BANKS = [HOOLI, PIED_PIPER, NUCLEUS, HOOLI_GOV]


class StandingClock(Clock):
    """A clock that moves only when told to."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> datetime:
        self._now += by
        return self._now


@dataclass(frozen=True)
class Login:
    name: str
    password: str


GAVIN = Login("gavinBelson", "hooli2016")  # one question
WHISTLER = Login("Whistler", "ShowBox")  # two questions
JARED = Login("jared", "django")  # a code


def _person(login: Login, *, code: str | None = None, answers: tuple[tuple[str, str], ...] = ()) -> Person:
    return Person(
        id=login.name,
        first_name=login.name.capitalize(),
        last_name="Tester",
        email=f"{login.name.lower()}@mail.example",
        mobile="+61491570006",
        birth_date=date(1980, 2, 29),
        address="1 Fiction St, Newtown NSW 2042",
        username=login.name,
        password=login.password,
        code=code,
        answers=answers,
    )


_GAVIN = _person(GAVIN, answers=(("What's your first company?", "Hooli"),))
_WHISTLER = _person(
    WHISTLER, answers=(("What's your favourite company?", "Basiq"), ("What's the ID of this institution?", "AU00000"))
)
_JARED = _person(JARED, code="1234")
_FAILING = [
    _person(Login("bighead", "password")),
    _person(Login("erlich", "aviato")),
    _person(Login("jianYang", "nothotdog")),
]


def _movement(
    id_: str, amount: str, kind: Kind, occurred: datetime, booked: datetime | None, text: str, category: str = ""
) -> Movement:
    return Movement(id_, Decimal(amount), kind, occurred, booked, text, category=category)


def _movements(prefix: str) -> list[Movement]:
    """Four posted rows and a pending one; the café's day differs between Sydney and UTC."""
    day = timedelta(days=1)
    return [
        _movement(f"{prefix}-old", "-10.00", Kind.CARD, NOON - 800 * day, NOON - 799 * day, "LONG AGO", "cafe"),
        _movement(f"{prefix}-salary", "4310.55", Kind.SALARY, NOON - 40 * day, NOON - 40 * day, "HOOLI PTY LTD SALARY"),
        _movement(f"{prefix}-fee", "-5.00", Kind.FEE, NOON - 20 * day, NOON - 20 * day, "ACCOUNT FEE"),
        # 7:30 in the morning of 8 March in Sydney is still 7 March in UTC.
        _movement(
            f"{prefix}-cafe",
            "-4.50",
            Kind.CARD,
            datetime(2026, 3, 6, 20, 0, tzinfo=UTC),
            datetime(2026, 3, 7, 20, 30, tzinfo=UTC),
            "CAFÉ & <CO> 🥐 NEWTOWN",
            "cafe",
        ),
        _movement(f"{prefix}-taxi", "-18.40", Kind.CARD, NOON - timedelta(hours=2), NOON + 2 * day, "TAXI SYDNEY"),
        _movement(f"{prefix}-later", "-7.00", Kind.CASH, NOON + 3 * day, NOON + 3 * day, "ATM GLEBE"),
    ]


def _account(
    bank: Bank,
    holders: tuple[Person, ...],
    name: str,
    number: str,
    *,
    kind: AccountKind = AccountKind.CURRENT,
    limit: str | None = None,
    movements: list[Movement] | None = None,
) -> Account:
    return Account(
        id=f"{bank.id}-{holders[0].username}-{kind}",
        bank=bank,
        holders=holders,
        kind=kind,
        name=name,
        number=number,
        currency="AUD",
        opened_on=date(2020, 1, 1),
        opening_balance=Decimal("100.00"),
        credit_limit=None if limit is None else Decimal(limit),
        movements=movements or [],
    )


def make_small_world() -> World:
    """Make two accounts for Gavin at Hooli and one for everybody elsewhere."""
    visa = _account(
        HOOLI,
        (_GAVIN,),
        "Hooli Visa",
        "4622********1234",
        kind=AccountKind.CREDIT_CARD,
        limit="5000",
        movements=[
            _movement("visa-1", "-312.34", Kind.CARD, NOON - timedelta(days=9), NOON - timedelta(days=8), "SHOES")
        ],
    )
    accounts = [
        _account(HOOLI, (_GAVIN,), "Hooli Everyday", "062-000 157441965", movements=_movements("hooli")),
        visa,
        _account(HOOLI, (_WHISTLER, _JARED), "Joint", "062-000 333", movements=[]),
        _account(PIED_PIPER, (_GAVIN,), "Pied Piper", "062-002 1", movements=_movements("pied-gavin")),
        _account(PIED_PIPER, (_WHISTLER,), "Pied Piper", "062-002 2", movements=_movements("pied-whistler")),
        _account(PIED_PIPER, (_JARED,), "Pied Piper", "062-002 3", movements=_movements("pied-jared")),
        _account(NUCLEUS, (_JARED,), "Nucleus", "062-003 1", movements=_movements("nucleus")),
        _account(HOOLI_GOV, (_GAVIN,), "HooliGov", "062-004 1", movements=_movements("gov")),
    ]
    return World(BANKS, accounts, StandingClock(NOON), customers={bank.id: _FAILING for bank in BANKS})
