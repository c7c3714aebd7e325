"""The banks' own words: free text in the bank's language, not an enum (providers/kontomatik.md section 5)."""

from __future__ import annotations

from bankweave_sandbox.world import AccountKind, Kind, Movement

_KINDS: dict[str, dict[Kind, str]] = {
    "PL": {
        Kind.SALARY: "PRZELEW PRZYCHODZĄCY",
        Kind.RENT: "PRZELEW ZEWNĘTRZNY",
        Kind.CARD: "TRANSAKCJA KARTĄ PŁATNICZĄ",
        Kind.CARD_REFUND: "ZWROT NA KARTĘ",
        Kind.DIRECT_DEBIT: "POLECENIE ZAPŁATY",
        Kind.CASH: "WYPŁATA Z BANKOMATU",
        Kind.FEE: "OPŁATA",
    },
    "CZ": {
        Kind.SALARY: "Příchozí úhrada",
        Kind.RENT: "Odchozí úhrada",
        Kind.CARD: "Platba kartou",
        Kind.CARD_REFUND: "Vrácení platby kartou",
        Kind.DIRECT_DEBIT: "Inkaso",
        Kind.CASH: "Výběr z bankomatu",
        Kind.FEE: "Poplatek",
    },
}
_TRANSFERS = {
    "PL": ("PRZELEW WEWNĘTRZNY", "PRZELEW PRZYCHODZĄCY", "PRZELEW ZEWNĘTRZNY"),
    "CZ": ("Převod mezi vlastními účty", "Příchozí úhrada", "Odchozí úhrada"),
}
_LABELS: dict[Kind, tuple[str, ...]] = {
    Kind.SALARY: ("salary", "compensation", "regular wage", "monthly"),
    Kind.RENT: ("rent", "monthly"),
    Kind.CASH: ("cash withdrawal",),
}
_CATEGORY_LABELS = {
    "cafe": "leisure",
    "groceries": "grocery",
    "health": "healthcare",
    "restaurant": "leisure",
    "shopping": "apparel",
    "transport": "public transport",
    "travel": "travel",
}
_FRIENDLY_NAMES = {"PL": "Na co dzień", "CZ": "Na běžné výdaje"}


def kind_text(movement: Movement, country: str, *, is_internal: bool) -> str | None:
    """Say what a row is, as the bank would; interest goes without a kind, as 7 of 72 recorded rows do."""
    if movement.kind is Kind.TRANSFER:
        internal, incoming, outgoing = _TRANSFERS.get(country, ("INTERNAL TRANSFER", "TRANSFER", "TRANSFER"))
        return internal if is_internal else incoming if movement.amount > 0 else outgoing
    return _KINDS.get(country, {}).get(movement.kind)


def labels_of(movement: Movement, *, is_internal: bool) -> tuple[str, ...]:
    """The labelling product's names for a row; there may be none."""
    if is_internal:
        return ("internal",)
    if movement.kind in _LABELS:
        return _LABELS[movement.kind]
    label = _CATEGORY_LABELS.get(movement.category)
    return (label,) if label else ()


def friendly_name(kind: AccountKind, country: str) -> str | None:
    """The name that the customer gave the account."""
    return _FRIENDLY_NAMES.get(country) if kind is AccountKind.CURRENT else None
