"""The banks that Kontomatik reaches, and what each can do (section 10)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bankweave_kontomatik.mapping import is_true, one_line, read_country, read_website
from bankweave_kontomatik.settings import AccessMode
from bankweave_kontomatik.wire import WireCredential, WireTarget

ACCESS_MODES: tuple[AccessMode, ...] = ("SINGLE", "MULTIPLE", "MIXED")
_UNDECOMPOSED = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ħ": "h"})  # letters that NFKD leaves whole


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialMetadata:
    """What a bank asks a person for when they sign in. `kind` is one of an open list, such as STATIC_LOGIN."""

    kind: str
    name: str | None  # what the bank calls it
    supported: bool
    asterisked: bool  # hidden while it is typed
    description: str | None
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogTarget:
    """One way to reach a bank: its API, or a fallback. `name` is what `connect(institution=...)` takes."""

    name: str
    psd2: bool
    beta: bool
    website: str | None
    login_name: str | None  # what the bank calls its user names, where a form asks for one
    account_types: tuple[str, ...]  # Individual, Corporate, SoleTrader
    commands: tuple[str, ...]  # such as DefaultImportCommand
    credentials: tuple[CredentialMetadata, ...]
    access_modes: tuple[AccessMode, ...]  # of those that were asked about, the ones that it is offered for

    @property
    def imports(self) -> bool:
        """Whether it does the default import, which is the only one that bankweave uses."""
        return "DefaultImportCommand" in self.commands

    @property
    def multiple_access(self) -> bool:
        """Whether one sign-in can be good for several imports."""
        return "MULTIPLE" in self.access_modes


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogInstitution:
    """A bank under its stable name, with the targets that it is reached by now. `connect(institution=...)` takes both."""

    name: str
    official_name: str
    country: str | None  # ISO 3166-1 alpha-2, upper case
    targets: tuple[CatalogTarget, ...]

    @property
    def commands(self) -> tuple[str, ...]:
        return _union(target.commands for target in self.targets)

    @property
    def account_types(self) -> tuple[str, ...]:
        return _union(target.account_types for target in self.targets)

    @property
    def access_modes(self) -> tuple[AccessMode, ...]:
        return tuple(mode for mode in ACCESS_MODES if any(mode in target.access_modes for target in self.targets))

    @property
    def psd2(self) -> bool:
        return any(target.psd2 for target in self.targets)

    @property
    def beta(self) -> bool:
        """Whether all of its targets are in beta."""
        return all(target.beta for target in self.targets)

    @property
    def multiple_access(self) -> bool:
        return any(target.multiple_access for target in self.targets)


def read_catalog(listed: Mapping[AccessMode, Sequence[WireTarget]], country: str | None) -> list[CatalogInstitution]:
    """Join what the catalog lists for each access mode, in its order. `country` is filtered by here as well."""
    targets: dict[str, WireTarget] = {}
    modes: dict[str, list[AccessMode]] = {}
    for mode, found in listed.items():
        for target in found:
            targets.setdefault(target.name, target)
            modes.setdefault(target.name, []).append(mode)
    banks: dict[tuple[str, str | None], list[WireTarget]] = {}
    for target in targets.values():
        banks.setdefault((target.institution or target.name, read_country(target.country)), []).append(target)
    wanted = read_country(country)
    return [
        _institution(name, land, found, modes)
        for (name, land), found in banks.items()
        if wanted is None or land in {None, wanted}
    ]


def search_catalog(banks: Iterable[CatalogInstitution], text: str) -> list[CatalogInstitution]:
    """The banks that all words of a text are found in, whatever their case and accents; the likeliest first."""
    words = fold(text).split()
    found = [bank for bank in banks if all(word in _haystack(bank) for word in words)]
    return sorted(found, key=lambda bank: _rank(bank, " ".join(words)))


def fold(text: str) -> str:
    """A text without case and accents, as people type the names of banks."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_UNDECOMPOSED))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _haystack(bank: CatalogInstitution) -> str:
    return fold(" ".join([bank.official_name, bank.name, *(target.name for target in bank.targets)]))


def _rank(bank: CatalogInstitution, wanted: str) -> int:
    names = {fold(bank.official_name), fold(bank.name), *(fold(target.name) for target in bank.targets)}
    if wanted in names:
        return 0
    return 1 if any(name.startswith(wanted) for name in names) else 2


def _institution(
    name: str, country: str | None, targets: Sequence[WireTarget], modes: Mapping[str, Sequence[AccessMode]]
) -> CatalogInstitution:
    official = next((found for target in targets if (found := one_line(target.official_name))), name)
    return CatalogInstitution(
        name=name,
        official_name=official,
        country=country,
        targets=tuple(_target(target, tuple(modes[target.name])) for target in targets),
    )


def _target(target: WireTarget, modes: tuple[AccessMode, ...]) -> CatalogTarget:
    return CatalogTarget(
        name=target.name,
        psd2=is_true(target.psd2),
        beta=is_true(target.beta),
        website=read_website(target.official_url),
        login_name=one_line(target.login_name),
        account_types=target.account_types,
        commands=target.commands,
        credentials=tuple(map(_credential, target.credentials)),
        access_modes=modes,
    )


def _credential(found: WireCredential) -> CredentialMetadata:
    return CredentialMetadata(
        kind=found.kind,
        name=one_line(found.name),
        supported=is_true(found.supported),
        asterisked=is_true(found.asterisked),
        description=one_line(found.description),
        choices=tuple(choice for text in found.choices if (choice := one_line(text))),
    )


def _union(lists: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for words in lists for word in words))
