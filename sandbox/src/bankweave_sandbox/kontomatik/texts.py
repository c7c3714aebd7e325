"""The words of the hosted page, in English, Polish and Czech."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Texts:
    lang: str
    choose_title: str
    choose_hint: str
    bank: str
    next: str
    refuse: str
    consent_title: str
    single: str
    multiple: str  # {days}, {uses}
    mixed: str  # {days}, {uses}
    allow_reuse: str
    mode: str
    accept: str
    login_title: str
    username: str
    password: str
    log_in: str
    code_title: str
    code: str
    confirm: str
    gone_title: str
    gone: str
    over_title: str
    over: str
    back: str
    test_note: str
    error: str
    errors: Mapping[str, str] = field(default_factory=dict)


_ENGLISH = Texts(
    lang="en",
    choose_title="Choose your bank",
    choose_hint="We will ask you to log in there.",
    bank="Bank",
    next="Continue",
    refuse="Refuse and go back",
    consent_title="Your consent",
    single="Your accounts and transactions will be read once, right after you log in.",
    multiple="Your accounts and transactions may be read repeatedly for {days} days, up to {uses} times a day.",
    mixed="Your accounts and transactions will be read right after you log in. "
    "If you allow it, they may be read again for {days} days, up to {uses} times a day.",
    allow_reuse="Allow repeated access",
    mode="Access mode",
    accept="Agree and log in",
    login_title="Log in to",
    username="User name",
    password="Password",
    log_in="Log in",
    code_title="Confirm with a one-time code",
    code="One-time code",
    confirm="Confirm",
    gone_title="Unknown link",
    gone="This link does not exist, or it was forgotten after 24 hours.",
    over_title="This link is over",
    over="It was used already, or its hour has passed.",
    back="Go back",
    test_note="Sandbox: no real bank, invented people.",
    error="Error",
)

_POLISH = Texts(
    lang="pl",
    choose_title="Wybierz swój bank",
    choose_hint="Poprosimy o zalogowanie się w banku.",
    bank="Bank",
    next="Dalej",
    refuse="Odmawiam i wracam",
    consent_title="Twoja zgoda",
    single="Twoje rachunki i transakcje zostaną odczytane raz, zaraz po zalogowaniu.",
    multiple="Twoje rachunki i transakcje mogą być odczytywane przez {days} dni, do {uses} razy dziennie.",
    mixed="Twoje rachunki i transakcje zostaną odczytane zaraz po zalogowaniu. "
    "Jeśli pozwolisz, mogą być odczytywane ponownie przez {days} dni, do {uses} razy dziennie.",
    allow_reuse="Zgadzam się na wielokrotny dostęp",
    mode="Tryb dostępu",
    accept="Zgadzam się i loguję",
    login_title="Zaloguj się:",
    username="Login",
    password="Hasło",
    log_in="Zaloguj",
    code_title="Potwierdź kodem jednorazowym",
    code="Kod jednorazowy",
    confirm="Potwierdź",
    gone_title="Nieznany link",
    gone="Ten link nie istnieje albo został zapomniany po 24 godzinach.",
    over_title="Ten link już nie działa",
    over="Został już użyty albo minęła jego godzina.",
    back="Powrót",
    test_note="Piaskownica: to nie jest prawdziwy bank, osoby są zmyślone.",
    error="Błąd",
    errors={
        "The user name or the password is wrong.": "Błędny login lub hasło.",
        "The one-time code is wrong.": "Błędny kod jednorazowy.",
        "Please choose a bank from the list.": "Wybierz bank z listy.",
    },
)

_CZECH = Texts(
    lang="cs",
    choose_title="Vyberte svou banku",
    choose_hint="Požádáme vás, abyste se v ní přihlásili.",
    bank="Banka",
    next="Pokračovat",
    refuse="Odmítnout a vrátit se",
    consent_title="Váš souhlas",
    single="Vaše účty a transakce budou načteny jednou, hned po přihlášení.",
    multiple="Vaše účty a transakce mohou být načítány po dobu {days} dní, nejvýše {uses}krát denně.",
    mixed="Vaše účty a transakce budou načteny hned po přihlášení. "
    "Pokud to dovolíte, mohou být načítány znovu po dobu {days} dní, nejvýše {uses}krát denně.",
    allow_reuse="Povolit opakovaný přístup",
    mode="Režim přístupu",
    accept="Souhlasím a přihlásím se",
    login_title="Přihlášení:",
    username="Přihlašovací jméno",
    password="Heslo",
    log_in="Přihlásit",
    code_title="Potvrďte jednorázovým kódem",
    code="Jednorázový kód",
    confirm="Potvrdit",
    gone_title="Neznámý odkaz",
    gone="Tento odkaz neexistuje, nebo byl po 24 hodinách zapomenut.",
    over_title="Tento odkaz už neplatí",
    over="Byl už použit, nebo uplynula jeho hodina.",
    back="Zpět",
    test_note="Pískoviště: žádná skutečná banka, smyšlení lidé.",
    error="Chyba",
    errors={
        "The user name or the password is wrong.": "Chybné přihlašovací jméno nebo heslo.",
        "The one-time code is wrong.": "Chybný jednorázový kód.",
        "Please choose a bank from the list.": "Vyberte banku ze seznamu.",
    },
)

_BY_LOCALE = {"en": _ENGLISH, "pl": _POLISH, "cz": _CZECH}


def texts_for(locale: str) -> Texts:
    """Texts of a locale as Kontomatik spells it (the Czech one is `cz`, section 3.1); others fall back to English."""
    return _BY_LOCALE.get(locale.lower(), _ENGLISH)
