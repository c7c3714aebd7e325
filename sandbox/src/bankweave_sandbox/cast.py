"""The banks and people of the world. All invented; logins are the providers' documented test logins where they exist."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from bankweave_sandbox.world import Bank, Person, world_id

KONTIST = Bank("kontist", "Kontist", "DE", "kontist", ZoneInfo("Europe/Berlin"), ("kontist",))

_WARSAW = ZoneInfo("Europe/Warsaw")
PL_KONTOBANK = Bank(
    "pl-kontobank", "KontoBank", "PL", "kontomatik", _WARSAW, ("KontoBankApi", "KontoBank"), shows_pending=False
)
PL_PKO = Bank("pl-pko", "Pko", "PL", "kontomatik", _WARSAW, ("PkoApi", "Pko"), shows_pending=False)
CZ_KONTOBANK = Bank(
    "cz-kontobank",
    "KontoBank",
    "CZ",
    "kontomatik",
    ZoneInfo("Europe/Prague"),
    ("KontoBankApi_cz", "KontoBank_cz"),
    shows_pending=False,
)

_SYDNEY = ZoneInfo("Australia/Sydney")
HOOLI = Bank("au-hooli", "Hooli", "AU", "basiq", _SYDNEY, ("AU00000",))
PIED_PIPER = Bank("au-piedpiper", "Pied Piper", "AU", "basiq", _SYDNEY, ("AU00002",))
NUCLEUS = Bank("au-nucleus", "Nucleus", "AU", "basiq", _SYDNEY, ("AU00003",))
HOOLI_GOV = Bank("au-hooligov", "HooliGov", "AU", "basiq", _SYDNEY, ("AU00004",))

BANKS = [KONTIST, PL_KONTOBANK, PL_PKO, CZ_KONTOBANK, HOOLI, PIED_PIPER, NUCLEUS, HOOLI_GOV]
AU_BANKS = (HOOLI, PIED_PIPER, NUCLEUS, HOOLI_GOV)

_COMPANY = ("What's your first company?", "Hooli")
_FAVOURITES = (("What's your favourite company?", "Basiq"), ("What's the ID of this institution?", "AU00000"))


def _person(
    name: tuple[str, str],
    login: tuple[str, str],
    mobile: str,
    birth_date: date,
    address: str,
    *,
    email: str = "",
    code: str | None = None,
    answers: tuple[tuple[str, str], ...] = (),
) -> Person:
    username, password = login
    return Person(
        id=world_id("person", *name, username),
        first_name=name[0],
        last_name=name[1],
        email=email or f"{username or 'nobody'}@example.com".lower(),
        mobile=mobile,
        birth_date=birth_date,
        address=address,
        username=username,
        password=password,
        code=code,
        answers=answers,
    )


ANNA = _person(
    ("Anna", "Großkreuz"),
    ("anna@kontist.example", "Anna-2026"),
    "+4915550100001",
    date(1988, 4, 12),
    "Erfundener Weg 7, 10999 Berlin",
    email="anna@kontist.example",
)
BEN = _person(
    ("Ben", "O'Dwyer-Şahin"),
    ("ben@kontist.example", "Ben-2026"),
    "+4915550100002",
    date(1991, 11, 30),
    "Nirgendwostraße 12 a, 22767 Hamburg",
    email="ben@kontist.example",
)

ZOFIA = _person(
    ("Zofia", "Przykładowa"),
    ("test1", "Test123"),
    "+48600000123",
    date(1990, 2, 14),
    "ul. Zmyślona 7/3, 00-950 Warszawa",
    email="zofia.przykladowa@example.com",
    code="Test123",
)
MAREK = _person(
    ("Marek", "Przykładowy"),
    ("", ""),
    "+48600000124",
    date(1988, 7, 1),
    "ul. Zmyślona 7/3, 00-950 Warszawa",
    email="marek.przykladowy@example.com",
)
PAWEL = _person(
    ("Paweł", "Wyimaginowany"),
    ("test2", "Test123"),
    "+48600000125",
    date(1979, 12, 3),
    "al. Nieistniejąca 44, 30-002 Kraków",
    email="pawel.wyimaginowany@example.com",
    code="Test123",
)
ELZBIETA = _person(
    ("Elżbieta", "Pusta"),
    ("empty", "Test123"),
    "+48600000126",
    date(2001, 1, 9),
    "ul. Próżna 1, 50-001 Wrocław",
    email="elzbieta.pusta@example.com",
    code="Test123",
)
JIRI = _person(
    ("Jiří", "Smyšlený"),
    ("test1", "Test123"),
    "+420600000123",
    date(1985, 6, 21),
    "Vymyšlená 15, 110 00 Praha 1",
    email="jiri.smysleny@example.com",
    code="Test123",
)

WENTWORTH = _person(
    ("Wentworth", "Smith"),
    ("Wentworth-Smith", "whislter"),
    "+61491570001",
    date(1970, 3, 5),
    "1 Fiction St, Newtown NSW 2042",
    answers=_FAVOURITES,
)
WILMA = _person(("Wilma", "Smith"), ("", ""), "+61491570002", date(1972, 8, 17), "1 Fiction St, Newtown NSW 2042")
WHISTLER = _person(
    ("Whistler", "Smith"),
    ("Whistler", "ShowBox"),
    "+61491570003",
    date(1999, 9, 9),
    "8 Imaginary Ave, Glebe NSW 2037",
    answers=_FAVOURITES,
)
GILFOYLE = _person(
    ("Bertram", "Gilfoyle"),
    ("Gilfoyle", "PiedPiper"),
    "+61491570004",
    date(1984, 10, 31),
    "13 Invented Ln, Redfern NSW 2016",
    answers=(_COMPANY,),
)
GAVIN = _person(
    ("Gavin", "Belson"),
    ("gavinBelson", "hooli2016"),
    "+61491570005",
    date(1964, 5, 8),
    "4622 Nowhere Pde, Point Piper NSW 2027",
    answers=(_COMPANY,),
)
JARED = _person(
    ("Jared", "Dunn"),
    ("jared", "django"),
    "+61491570006",
    date(1983, 2, 2),
    "Unit 4/17 Made-up Rd, Marrickville NSW 2204",
    code="1234",
)
RICHARD = _person(
    ("Richard", "Hendricks"),
    ("richard", "tabsnotspaces"),
    "+61491570007",
    date(1987, 7, 7),
    "5230 Pretend Dr, Leichhardt NSW 2040",
    code="1234",
)
ASH = _person(
    ("Ash", "Mann"), ("ashMann", "hooli2024"), "+61491570008", date(1993, 1, 23), "3 Dreamt Ct, Parramatta NSW 2150"
)
LAURIE = _person(
    ("Laurie", "Bream"),
    ("laurieBream", "business2024"),
    "+61491570009",
    date(1975, 6, 6),
    "L 9, 1 Unreal Sq, Sydney NSW 2000",
)
# These three exist to fail: Basiq documents what happens when they sign in.
BIGHEAD = _person(
    ("Nelson", "Bighetti"), ("bighead", "password"), "+61491570010", date(1986, 4, 1), "2 Blank St, Manly NSW 2095"
)
ERLICH = _person(
    ("Erlich", "Bachman"), ("erlich", "aviato"), "+61491570011", date(1981, 6, 4), "7 Blank St, Manly NSW 2095"
)
JIAN_YANG = _person(
    ("Jian", "Yang"), ("jianYang", "nothotdog"), "+61491570012", date(1989, 8, 8), "7 Blank St, Manly NSW 2095"
)
