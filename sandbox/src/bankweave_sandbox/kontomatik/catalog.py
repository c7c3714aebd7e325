"""The targets: named connections to banks (providers/kontomatik.md sections 2 and 10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from bankweave_sandbox.kontomatik.envelope import child
from bankweave_sandbox.kontomatik.switches import Switches
from bankweave_sandbox.world import Bank, World

AccessMode = Literal["SINGLE", "MULTIPLE", "MIXED"]
ACCESS_MODES: tuple[AccessMode, ...] = ("SINGLE", "MULTIPLE", "MIXED")

_COMMANDS = (
    "DefaultImportCommand",
    "EnterCredentialCommand",
    "ImportAccountsCommand",
    "ImportAccountTransactionsCommand",
    "ImportOwnersDetailsCommand",
    "ImportCreditCardsCommand",
    "ImportCreditCardTransactionsCommand",
)
SIGN_OUT = "SignOutCommand"
_LOGIN_NAMES = {"PL": "Login", "CZ": "Přihlašovací jméno"}


@dataclass(frozen=True, slots=True)
class Target:
    """One way to reach a bank. Non-Polish names carry the country: `KontoBankApi_cz`."""

    name: str
    bank: Bank

    @property
    def institution(self) -> str:
        """The stable name that several targets of one bank share."""
        stem, _, country = self.name.partition("_")
        stem = stem.removesuffix("Api")
        return f"{stem}_{country}" if country else stem

    @property
    def official_name(self) -> str:
        return self.bank.name

    @property
    def country(self) -> str:
        return self.bank.country.lower()

    @property
    def is_psd2(self) -> bool:
        return self.name.partition("_")[0].endswith("Api")

    @property
    def is_mock(self) -> bool:
        return self.institution.partition("_")[0] == "KontoBank"

    @property
    def signs_out(self) -> bool:
        """Four of 113 targets did in 2023; here those with a login form do (section 4.3)."""
        return not self.is_psd2

    def serves(self, mode: AccessMode) -> bool:
        """Multiple access exists for PSD2 targets only (section 8)."""
        return mode != "MULTIPLE" or self.is_psd2


class Catalog:
    """All targets of the world's Kontomatik banks."""

    def __init__(self, world: World, switches: Switches) -> None:
        banks = world.banks_of("kontomatik")
        self._switches = switches
        self._targets = [Target(name, bank) for bank in banks for name in bank.provider_ids]

    def find(self, name: str) -> Target | None:
        return next((t for t in self._targets if t.name == name and not self.is_down(t)), None)

    def is_down(self, target: Target) -> bool:
        """Whether the bank is on its fallback target, where there is no multiple access (section 8)."""
        moved = {name.strip() for name in self._switches.moved_to_fallback.split(",")}
        return target.is_psd2 and target.institution in moved

    def listed(self, country: str, mode: AccessMode) -> list[Target]:
        """What the catalog tells: in the test environment several targets of one bank."""
        whole = self._switches.catalog_targets == "all"
        return self.targets(country, mode) if whole else self.offered(country, mode)

    def targets(self, country: str, mode: AccessMode) -> list[Target]:
        """The targets of a country (any letter case, or "all") that an access mode can use."""
        wanted = country.lower()
        of_country = (t for t in self._targets if wanted in {"all", t.country})
        return [t for t in of_country if t.serves(mode) and not self.is_down(t)]

    def offered(self, country: str, mode: AccessMode) -> list[Target]:
        """One target per institution: what a person may choose from (section 2)."""
        seen: dict[str, Target] = {}
        for target in self.targets(country, mode):
            seen.setdefault(target.institution, target)
        return list(seen.values())

    def mock_target(self, country: str) -> Target | None:
        """The target of a country's mock bank: the PSD2 one, unless it is down."""
        return next((t for t in self.offered(country, "MIXED") if t.is_mock), None)


def targets_element(root: etree._Element, targets: Iterable[Target]) -> None:
    parent = child(root, "targets")
    for target in targets:
        _target_element(parent, target)


def _target_element(parent: etree._Element, target: Target) -> None:
    element = child(parent, "target", attributes=_attributes(target))
    child(child(element, "supportedAccountTypes"), "supportedAccountType", attributes={"name": "Individual"})
    commands = child(element, "commands")
    for name in (*_COMMANDS, *((SIGN_OUT,) if target.signs_out else ())):
        child(commands, "command", attributes={"name": name})
    _credentials_element(element, target)


def _credentials_element(parent: etree._Element, target: Target) -> None:
    kind = "API_SETUP" if target.is_psd2 else "STATIC_LOGIN"
    metadata = child(child(parent, "credentialsMetadata"), "credentialMetadata", attributes={"kind": kind})
    child(metadata, "name", "" if target.is_psd2 else _login_name(target))
    child(metadata, "supported", "true")
    child(metadata, "asterisked", "false")


def _attributes(target: Target) -> dict[str, str]:
    attributes = {
        "country": target.country,
        "name": target.name,
        "institution": target.institution,
        "officialName": target.official_name,
        "officialUrl": _official_url(target),
    }
    if not target.is_psd2:
        attributes["loginName"] = _login_name(target)
    if target.is_mock:
        attributes["beta"] = "true"
    if target.is_psd2:
        attributes["psd2"] = "true"
    return attributes


def _official_url(target: Target) -> str:
    # The mock bank's site is documented (section 11); the other banks are this sandbox's own.
    return "https://bank.kontomatik.com" if target.is_mock else f"https://{target.institution.lower()}.example"


def _login_name(target: Target) -> str:
    return _LOGIN_NAMES.get(target.bank.country, "Login")
