"""The test people who are businesses (providers/basiq.md, sections 5.3 and 8); all but their names is ours."""

from __future__ import annotations

from dataclasses import dataclass

from bankweave_sandbox.world import Person


@dataclass(frozen=True, slots=True)
class Organisation:
    name: str
    short_name: str
    abn: str
    acn: str
    industry: str  # a class of ANZSIC 2006


# The numbers satisfy their check digits; no company is meant.
_ORGANISATIONS = {
    "lauriebream": Organisation("Bream Advisory Pty Ltd", "Bream Advisory", "89000000019", "000000019", "6962"),
}


def organisation_shape(person: Person) -> dict[str, object] | None:
    """Tell of the business that a person acts for; None for private people."""
    organisation = _ORGANISATIONS.get(person.username.casefold())
    if organisation is None:
        return None
    return {
        "agentFirstName": person.first_name,
        "agentLastName": person.last_name,
        "agentRole": "Director",
        "businessName": organisation.name,
        "legalName": organisation.name,
        "shortName": organisation.short_name,
        "abn": organisation.abn,
        "acn": organisation.acn,
        "isACNCRegistered": False,
        "industryCode": organisation.industry,
        "industryCodeVersion": "ANZSIC_2006",
        "organisationType": "COMPANY",
        "registeredCountry": "AUS",
    }
